import { fileURLToPath } from 'node:url';

import { installedPythonEnvironment } from '../../../src/python/environment.ts';

const requirements = 'test/python/clients/requirements.txt';

/** A Python with the packages of foreign clients: that of SSP_CLIENTS_PYTHON, or the project's own. */
export const clientsPython =
  process.env['SSP_CLIENTS_PYTHON'] ??
  (
    await installedPythonEnvironment([
      fileURLToPath(new URL(`../../../${requirements}`, import.meta.url)),
    ])
  )?.python;

/** Why no foreign client can run here; false where they can. */
export const skip =
  clientsPython === undefined &&
  `no clients; \`npm run python -- --with ${requirements} --version\``;
