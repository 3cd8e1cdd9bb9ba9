import { defineErrors } from './entry.ts';

/** The Python environment and its programs. */
export const pythonErrors = defineErrors({
  SSP_PYTHON_MISSING: {
    message: 'No Python from 3.11 to 3.14 was found (tried {tried}).',
    remedy: 'Install Python 3.11 or newer, or name its program in SSP_PYTHON.',
    status: 503,
    exitCode: 3,
  },
  SSP_PYTHON_VENV_MISSING: {
    message: '{python} cannot make virtual environments: {problem}',
    remedy: 'Install its venv module (Debian and Ubuntu: apt-get install python3-venv).',
    status: 503,
    exitCode: 3,
  },
  SSP_PYTHON_DISK_FULL: {
    message: 'The Python environment needs {neededGb} GB; {path} has {freeGb} GB free.',
    remedy: 'Free some space, or name a folder on another disk in SSP_CACHE_DIR.',
    status: 507,
    exitCode: 3,
  },
  SSP_PYTHON_PACKAGE_MISSING: {
    message: '{installer} finds no package {package} for {python}.',
    remedy:
      'Use a Python from 3.11 to 3.14 on a 64-bit system (SSP_PYTHON names it), and check the network and the index settings of pip or uv.',
    status: 503,
    exitCode: 3,
  },
  SSP_PYTHON_PACKAGE_CHANGED: {
    message: 'The package {package} that the index gave is not the locked one: its hash differs.',
    remedy:
      'Nothing of it was installed. If your settings of pip or uv name an index with other builds, such as PyTorch for the CPU, name that index in SSP_TORCH_INDEX instead; otherwise do not trust the index. The whole output is in {log}.',
    status: 502,
    exitCode: 3,
  },
  SSP_PYTHON_INSTALL_FAILED: {
    message: 'Installing the Python packages failed: {problem}',
    remedy:
      'Check the network and the settings of pip or uv, then run the command again: what was fetched is used. The whole output is in {log}.',
    status: 503,
    exitCode: 3,
  },
  SSP_PYTHON_PROGRAM_FAILED: {
    message: 'The Python program {program} failed: {problem}',
    remedy:
      'If memory or disk ran out, free some. Otherwise remove the folder {environment} and run the command again: the environment is then made anew.',
    status: 500,
    exitCode: 3,
  },
});
