import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';

/** A bzip2 program of this system. */
export interface Bzip2Program {
  readonly path: string;
  /** Whether it uses several cores by itself. */
  readonly isParallel: boolean;
}

const names: readonly { name: string; isParallel: boolean }[] = [
  { name: 'lbzip2', isParallel: true },
  { name: 'pbzip2', isParallel: true },
  { name: 'bzip2', isParallel: false },
];
const maxErrorChars = 2000;

/** The fastest bzip2 program on `searchPath` (the PATH), undefined where there is none. */
export function findBzip2(searchPath = process.env['PATH'] ?? ''): Bzip2Program | undefined {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  for (const { name, isParallel } of names) {
    const path = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (path !== undefined) return { path, isParallel };
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Decompresses a stream with the program. Throws an Error with the program's own words where the
 * data is cut or corrupt; errors of the source pass through. An abort ends the program.
 */
export async function* runBzip2(
  program: Bzip2Program,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  workers: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const threads = program.isParallel ? [program.path.endsWith('lbzip2') ? '-n' : '-p'] : [];
  const args = ['-dc', ...threads.map((flag) => `${flag}${String(workers)}`)];
  const child = spawn(program.path, args, { stdio: 'pipe', signal, killSignal: 'SIGKILL' });
  let sourceError: Error | undefined;
  let complaint = '';
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  exit.catch(() => undefined);
  child.stderr.on('data', (text: Buffer) => {
    if (complaint.length < maxErrorChars) complaint += text.toString();
  });
  // The program may end early on bad data: then the broken pipe is not the error to show.
  pipeline(Readable.from(chunks), child.stdin, (error) => {
    if (error && error.code !== 'EPIPE') sourceError = error;
  });
  try {
    yield* child.stdout;
    const code = await exit;
    if (sourceError !== undefined) throw sourceError;
    if (code !== 0)
      throw new Error(firstSentence(complaint) || `${program.path} gave ${code ?? 0}`);
  } finally {
    child.kill('SIGKILL');
  }
}

function firstSentence(text: string): string {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  return line.replace(/^\S*bzip2: /, '').trim();
}
