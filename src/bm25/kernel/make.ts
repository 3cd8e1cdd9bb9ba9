import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Makes kernel.wasm from assembly/: `npm run kernel`. Only who changes the kernel needs the compiler.

const source = fileURLToPath(new URL('assembly/search.ts', import.meta.url));
const shipped = fileURLToPath(new URL('kernel.wasm', import.meta.url));
/** Its own types would change those of arrays in the whole program, so they are left out. */
const compilerName: string = 'assemblyscript/asc';

const options = [
  ...['-O3', '--converge', '--noAssert', '--runtime', 'stub'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ...['--enable', 'simd', '--enable', 'threads'],
];

interface Compiler {
  main(args: readonly string[]): Promise<{
    readonly error: Error | null;
    readonly stderr: { toString(): string };
  }>;
}

/** The kernel's bytes, compiled from its source. Throws where the compiler refuses it. */
export async function compileKernel(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'ssp-kernel-'));
  try {
    const out = join(folder, 'kernel.wasm');
    const compiler = (await import(compilerName)) as Compiler;
    const { error, stderr } = await compiler.main([source, '-o', out, ...options]);
    if (error !== null) throw new Error(`${error.message}\n${stderr.toString()}`, { cause: error });
    return await readFile(out);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(shipped, await compileKernel());
}
