import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { CommandResult } from '../../material/cli/ssp.ts';

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

/** Runs `ssp <args>` with `lines` on its standard input, a pipe that then ends. */
export function typed(args: readonly string[], lines: readonly string[]): Promise<CommandResult> {
  return runWith(process.execPath, [entry, ...args], lines);
}

const recorder = 'script';

/** Why there is no pseudo terminal, false where there is one. */
export const noPseudoTerminal =
  !String(spawnSync(recorder, ['--version']).stdout).includes('util-linux') &&
  'no `script` (util-linux), which makes a pseudo terminal';

/** The same at a pseudo terminal. */
export function typedAtTerminal(
  args: readonly string[],
  lines: readonly string[],
): Promise<CommandResult> {
  const command = [process.execPath, entry, ...args].map((word) => `'${word}'`).join(' ');
  return runWith(recorder, ['-qec', command, '/dev/null'], lines);
}

const decidingAboutColours = new Set(
  'CI NO_COLOR NODE_DISABLE_COLORS FORCE_COLOR COLORTERM TMUX TF_BUILD'.split(' '),
);

/** This process's environment with nothing in it that decides about colours: `CI` does too. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !decidingAboutColours.has(name));
  return { ...Object.fromEntries(kept), TERM: 'xterm' };
}

function runWith(
  program: string,
  args: readonly string[],
  lines: readonly string[],
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: plainEnvironment(), stdio: 'pipe' });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => (stdout += String(data)));
    child.stderr.on('data', (data) => (stderr += String(data)));
    child.on('error', reject);
    child.on('close', (exitCode) => {
      resolve({ exitCode: exitCode ?? 1, stdout, stderr });
    });
    child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  });
}
