import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { SspError } from '../errors/error.ts';
import type { Installer, InstallRequest } from './installer.ts';
import { installError, keepLine, noteDownload, pythonOf } from './installer.ts';
import type { Interpreter } from './interpreter.ts';
import { runLines } from './process.ts';

/** pip, by the one that each environment of `interpreter` brings. */
export function pipInstaller(interpreter: Interpreter): Installer {
  return {
    name: 'pip',
    resumes: true,
    makeVenv: (folder, signal) => makeVenv(interpreter, folder, signal),
    async install(request) {
      // Not there yet, or made by uv without pip: making it once more adds pip and changes nothing.
      const { folder, signal } = request;
      const pip = process.platform === 'win32' ? 'pip.exe' : 'pip';
      if (!existsSync(join(dirname(pythonOf(folder)), pip))) {
        await makeVenv(interpreter, folder, signal);
      }
      await installWithPip(request);
    },
  };
}

/** Makes an empty virtual environment with its own pip. Throws SSP_PYTHON_VENV_MISSING. */
async function makeVenv(
  { path }: Interpreter,
  folder: string,
  signal?: AbortSignal,
): Promise<void> {
  const { code, tail } = await runLines(path, ['-m', 'venv', folder], signal, () => undefined);
  if (code === 0) return;
  throw new SspError('SSP_PYTHON_VENV_MISSING', { python: path, problem: tail.at(-1) ?? '' });
}

async function installWithPip(request: InstallRequest): Promise<void> {
  const { folder, what, progress, signal } = request;
  const pip = ['-m', 'pip', 'install', '--progress-bar=off', '--no-input'];
  const stage = progress.stage('installing Python packages', 'packages');
  const { code, tail } = await runLines(pythonOf(folder), [...pip, ...what], signal, (line) => {
    keepLine(folder, line);
    if (/^(Collecting|Requirement already satisfied)/.test(line)) stage.add(1);
    const file = /^\s*Downloading .*?([\w.+-]+\.whl).* \(([\d.]+) MB\)/.exec(line);
    if (file !== null) noteDownload(progress, file[1] ?? '', Number(file[2]) * 1e6);
    if (line.startsWith('Installing collected packages')) progress.note('  unpacking');
  });
  stage.end();
  signal?.throwIfAborted();
  if (code !== 0) throw installError(tail, { folder, name: 'pip' });
}
