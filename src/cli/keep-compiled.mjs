// Imported before anything else, by `ssp` and by each test file (.taprc): keeps what V8 compiles,
// TypeScript without its types included, for the next start. It stands in the cache folder of
// src/storage/cache-folder.ts (which is TypeScript itself, so its rule stands here once more), unless
// NODE_COMPILE_CACHE names another one. Threads read the variable too. Where the folder cannot be
// written nothing is kept.
import { existsSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const { SSP_CACHE_DIR, XDG_CACHE_HOME } = process.env;
try {
  const caches = SSP_CACHE_DIR || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'ssp');
  const folder = process.env.NODE_COMPILE_CACHE || join(caches, 'compiled');
  makeFolder(resolve(folder));
  process.env.NODE_COMPILE_CACHE = folder;
  module.enableCompileCache();
} catch {
  // A user without a home, or a folder that cannot be made.
}

/** Level by level: Node's own way to make several, which its cache takes too, does not end in /proc. */
function makeFolder(path) {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
