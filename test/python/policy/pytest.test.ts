import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';

import {
  developmentRequirements,
  installedPythonEnvironment,
} from '../../../src/python/environment.ts';
import { runLines } from '../../../src/python/process.ts';

t.setTimeout(1_800_000); // some hundred tests in Python, on whatever machine this is

const packageFolder = fileURLToPath(new URL('../../../services/policy/', import.meta.url));
const environment = await installedPythonEnvironment([developmentRequirements]);
const skip =
  environment === undefined &&
  'no Python environment with pytest; `npm run python -- --with services/policy/requirements-dev.txt --version` makes it';

const folders = readdirSync(`${packageFolder}tests`, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('_'))
  .map(({ name }) => name);

for (const folder of folders) {
  test(`the Python tests of ${folder}`, { skip }, async (t) => {
    const lines: string[] = [];
    const config = ['-c', `${packageFolder}pyproject.toml`, '--rootdir', packageFolder];
    const { code } = await runLines(
      environment?.python ?? '',
      [
        '-m',
        'pytest',
        '-vv',
        '-p',
        'no:cacheprovider',
        ...config,
        `${packageFolder}tests/${folder}`,
      ],
      undefined,
      (line) => {
        lines.push(line);
        const [, name, outcome] = /^\S*::(.+?) (PASSED|FAILED|ERROR|SKIPPED)\b/.exec(line) ?? [];
        if (name !== undefined) t.ok(outcome === 'PASSED' || outcome === 'SKIPPED', name);
      },
    );
    if (code !== 0) t.comment(lines.join('\n'));
    t.equal(code, 0, 'pytest ends with 0');
  });
}
