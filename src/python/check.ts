import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { developmentRequirements, installedPythonEnvironment } from './environment.ts';

// `npm run python:check`: ruff and pyright over the Python packages, where their environment is
// installed with the tools of the checks; elsewhere it says how to install them.
const folders = ['policy', 'encoder'].map((name) =>
  fileURLToPath(new URL(`../../services/${name}`, import.meta.url)),
);
const environment = await installedPythonEnvironment([developmentRequirements]);
if (environment === undefined) {
  process.stdout.write(
    'Python is not checked: its environment is not installed with the tools of the checks.\n' +
      '`npm run python -- --with services/policy/requirements-dev.txt --version` installs them.\n',
  );
} else {
  const { python } = environment;
  const commands = [
    [python, '-m', 'ruff', 'check', '--quiet', '.'],
    [python, '-m', 'ruff', 'format', '--check', '--quiet', '.'],
    [process.execPath, fileURLToPath(import.meta.resolve('pyright')), '--pythonpath', python],
  ];
  for (const cwd of folders) {
    for (const [program = '', ...args] of commands) {
      const { status } = spawnSync(program, args, { cwd, stdio: 'inherit' });
      if (status !== 0) process.exitCode = 1;
    }
  }
}
