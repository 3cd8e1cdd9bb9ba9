import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { main } from 'assemblyscript/asc';

// Makes kernel.wasm from assembly/: `npm run kernel`. Only who changes the kernel needs the compiler.

const source = fileURLToPath(new URL('assembly/search.ts', import.meta.url));
const shipped = fileURLToPath(new URL('kernel.wasm', import.meta.url));

const options = [
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads'],
];

/** The kernel's bytes, compiled from its source. Throws where the compiler refuses it. */
export async function compileKernel(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'ssp-kernel-'));
  try {
    const out = join(folder, 'kernel.wasm');
    const { error, stderr } = await main([source, '-o', out, ...options]);
    if (error !== null) throw new Error(`${error.message}\n${stderr.toString()}`, { cause: error });
    if (process.argv[1] === fileURLToPath(import.meta.url)) await copyFile(out, shipped);
    return await readFile(out);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compileKernel();
