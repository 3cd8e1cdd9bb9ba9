import { readdirSync } from 'node:fs';

import t, { test } from 'tap';

import { clientsPython } from '../../material/python/clients.ts';
import { packageFolder, runPytest, skip } from '../../material/python/run-pytest.ts';

if (clientsPython !== undefined) process.env['SSP_CLIENTS_PYTHON'] = clientsPython;

t.setTimeout(1_800_000); // some hundred tests in Python, on whatever machine this is

const policy = packageFolder('policy');
const folders = readdirSync(`${policy}tests`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
  .map(({ name }) => name);

for (const folder of folders) {
  test(`the Python tests of ${folder}`, { skip }, (t) => runPytest(t, policy, `tests/${folder}`));
}
