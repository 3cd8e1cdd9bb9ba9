import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// Makes kernel.wasm from assembly/: `npm run kernel`. Only who changes the kernel needs the compiler.

const source = fileURLToPath(new URL('assembly/search.ts', import.meta.url));
const shipped = fileURLToPath(new URL('kernel.wasm', import.meta.url));

const options = [
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads'],
];

/** What asc's programmatic face has of use here. */
interface Compiler {
  main(args: readonly string[]): Promise<{ readonly error: Error | null; readonly stderr: object }>;
}

/** The kernel's bytes, compiled from its source. Throws where the compiler refuses it. */
export async function compileKernel(): Promise<Uint8Array> {
  const resolved = createRequire(import.meta.url).resolve('assemblyscript/asc');
  const compiler = (await import(pathToFileURL(resolved).href)) as Compiler;
  const folder = await mkdtemp(join(tmpdir(), 'ssp-kernel-'));
  try {
    const out = join(folder, 'kernel.wasm');
    const { error, stderr } = await compiler.main([source, '-o', out, ...options]);
    if (error !== null) throw new Error(`${error.message}\n${String(stderr)}`, { cause: error });
    if (process.argv[1] === fileURLToPath(import.meta.url)) await copyFile(out, shipped);
    return await readFile(out);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await compileKernel();
