import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { isSspError, SspError } from '../errors/error.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';
import { cacheFolder } from '../storage/cache-folder.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';
import type { InstallContext, Installer, InstallRequest } from './installer.ts';
import { installError, keepLine, noteDownload, pythonOf } from './installer.ts';
import type { Interpreter } from './interpreter.ts';
import { pipInstaller } from './pip.ts';
import { runLines } from './process.ts';

/** uv from this version on is taken where the machine has one (0.8, July 2025). */
const oldestMinor = 8;

const lockFile = fileURLToPath(new URL('requirements-uv.txt', import.meta.url));

/** A uv program. */
export interface Uv {
  readonly program: string;
  readonly version: string;
}

/**
 * The machine's own uv, else the one in the cache folder, which pip installs there on first use
 * (17 MB, pinned by its hash). Undefined where it is not to be had, which is noted: some platforms have
 * none, and an index may lack it. Throws SSP_PYTHON_VENV_MISSING.
 */
export async function findUv(
  interpreter: Interpreter,
  context: InstallContext,
): Promise<Uv | undefined> {
  const own = await uvAt('uv');
  if (own !== undefined) return own;
  const version = /^uv==(\S+)/m.exec(await readFile(lockFile, 'utf8'))?.[1] ?? '';
  const folder = resolve(cacheFolder(), 'uv', version);
  const found = { version, program: join(dirname(pythonOf(folder)), 'uv') };
  const stamp = join(folder, '.installed');
  if (existsSync(stamp)) return found;
  try {
    const onWait = ({ pid, lock }: LockHolder): void => {
      context.progress.note(`Process ${pid} is fetching uv (${lock}); waiting for it.`);
    };
    await withLock(`${folder}.lock`, { ...context, onWait }, async () => {
      if (existsSync(stamp)) return;
      context.progress.note(
        `Fetching uv ${version}, which installs Python packages (once; 17 MB).`,
      );
      const what = ['--require-hashes', '--no-deps', '-r', lockFile];
      await pipInstaller(interpreter).install({ ...context, folder, what });
      await writeFileAtomic(stamp, '');
    });
    return found;
  } catch (error) {
    if (!isSspError(error) || error.code === 'SSP_PYTHON_VENV_MISSING') throw error;
    context.progress.note(`uv is not to be had (${error.message}); pip takes longer.`);
    return undefined;
  }
}

async function uvAt(program: string): Promise<Uv | undefined> {
  try {
    let version = '';
    const { code } = await runLines(program, ['--version'], undefined, (line) => {
      version ||= /^uv (\S+)/.exec(line)?.[1] ?? '';
    });
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const isNew = major > 0 || minor >= oldestMinor;
    return code === 0 && isNew ? { program, version } : undefined;
  } catch {
    return undefined;
  }
}

/** uv, which has its own cache: what it had fetched whole is there after an interruption. */
export async function uvInstaller(
  { program, version }: Uv,
  interpreter: Interpreter,
): Promise<Installer> {
  const settings = { ...ownSettings(), ...(await pipSettings(interpreter.path)), ...process.env };
  const name = `uv ${version}`;
  // In a folder without a project: uv would take that project's settings.
  const uv = (args: readonly string[]): string[] => [
    '--directory',
    resolve(cacheFolder()),
    ...args,
  ];
  return {
    name,
    resumes: false,
    async makeVenv(folder, signal) {
      const args = uv(['venv', '--no-project', '--python', interpreter.path, folder]);
      const { code, tail } = await runLines(program, args, signal, () => undefined, settings);
      if (code === 0) return;
      const problem = tail.at(-1) ?? '';
      throw new SspError('SSP_PYTHON_VENV_MISSING', { python: interpreter.path, problem });
    },
    async install(request) {
      const { folder, what, progress, signal, downloadBytes } = request;
      const args = uv(['pip', 'install', '--python', pythonOf(folder), ...what]);
      const stage = progress.stage('downloading Python packages', 'bytes', downloadBytes);
      const onLine = lineReader(request, (bytes) => {
        stage.add(bytes);
      });
      const nothing = (): void => undefined;
      const { code, tail } = await runLines(program, args, signal, nothing, settings, onLine);
      stage.end();
      if (code !== 0) throw installError(tail, { folder, name });
    },
  };
}

const unitBytes: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Reads what uv says: it names what it fetches of more than 1 MB, and what of that is there. */
function lineReader(
  { folder, progress }: InstallRequest,
  onBytes: (bytes: number) => void,
): (line: string) => void {
  const sizes = new Map<string, number>();
  return (line) => {
    keepLine(folder, line);
    const [, name, size, unit] = /^Downloading (\S+) \(([\d.]+)([KMG])iB\)/.exec(line) ?? [];
    if (name !== undefined) {
      const bytes = Number(size) * (unitBytes[unit ?? ''] ?? 0);
      sizes.set(name, bytes);
      noteDownload(progress, name, bytes);
    }
    const fetched = /^ Downloaded (\S+)/.exec(line)?.[1];
    if (fetched !== undefined) onBytes(sizes.get(fetched) ?? 0);
  };
}

/** What holds where neither the user nor pip says otherwise. */
function ownSettings(): NodeJS.ProcessEnv {
  return {
    // A few at a time: what an interruption loses are the files that are not whole.
    UV_CONCURRENT_DOWNLOADS: '4',
    UV_PYTHON_DOWNLOADS: 'never',
    // Beside the environment, so that files are linked, and on the disk that the user has named.
    ...(process.env['SSP_CACHE_DIR']
      ? { UV_CACHE_DIR: resolve(cacheFolder(), 'uv', 'cache') }
      : {}),
  };
}

/** Which settings of uv mean the same as pip's; in pip's, several values stand in one, in uv's too. */
const names: Readonly<Record<string, string>> = {
  'index-url': 'UV_DEFAULT_INDEX',
  'find-links': 'UV_FIND_LINKS',
  'trusted-host': 'UV_INSECURE_HOST',
  'no-index': 'UV_NO_INDEX',
  cert: 'SSL_CERT_FILE',
};

/**
 * What pip is told by its files and variables of the index, of folders with packages and of
 * certificates, as variables of uv, which reads none of it. Further indexes (extra-index-url) are left
 * out: the packages are pinned by hashes that the main one has. {} without pip.
 */
export async function pipSettings(python: string): Promise<NodeJS.ProcessEnv> {
  const found: Record<string, string> = {};
  // Files come first and the environment last, as pip itself has it.
  const rank = (line: string): number =>
    ['global.', 'install.', ':env:.'].findIndex((part) => line.startsWith(part));
  const lines: string[] = [];
  await runLines(python, ['-m', 'pip', 'config', 'list'], undefined, (line) => lines.push(line));
  for (const line of lines.sort((a, b) => rank(a) - rank(b))) {
    const [, name = '', value = ''] =
      /^(?:global|install|:env:)\.([\w-]+)='(.*)'$/.exec(line) ?? [];
    const values = value.split(/\\n|\s/).filter((part) => part !== '');
    const own = names[name];
    if (own !== undefined) found[own] = values.join(name === 'find-links' ? ',' : ' ');
  }
  return found;
}
