import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { developmentRequirements, installedPythonEnvironment } from './environment.ts';

// `npm run python:check`: ruff and pyright over the Python package, where its environment is
// installed with the tools of the checks; elsewhere it says how to install them.
const folder = fileURLToPath(new URL('../../services/policy', import.meta.url));
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
  for (const [program = '', ...args] of commands) {
    const { status } = spawnSync(program, args, { cwd: folder, stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
}
