import { spawn } from 'node:child_process';

import { terminalProgress } from '../progress/terminal-progress.ts';
import { ensurePythonEnvironment } from './environment.ts';
import { pythonVariables } from './process.ts';

// `npm run python -- [--with <requirements file>] <script> <args>`: a Python program in the
// project's environment, which is made on first use. Without a script: the environment's path.
const args = process.argv.slice(2);
const extras: string[] = [];
while (args[0] === '--with') extras.push(...args.splice(0, 2).slice(1));
const progress = terminalProgress(process.stderr);
const { python } = await ensurePythonEnvironment({ progress, extras });
if (args.length === 0) process.stdout.write(`${python}\n`);
else {
  const child = spawn(python, args, { stdio: 'inherit', env: pythonVariables() });
  process.on('SIGINT', () => undefined);
  child.on('exit', (code) => (process.exitCode = code ?? 130));
}
