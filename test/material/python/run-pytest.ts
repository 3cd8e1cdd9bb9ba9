import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';

import {
  developmentRequirements,
  installedPythonEnvironment,
} from '../../../src/python/environment.ts';
import { runLines } from '../../../src/python/process.ts';

const environment = await installedPythonEnvironment([developmentRequirements]);

/** Why no Python tests can run here; false where they can. */
export const skip =
  environment === undefined &&
  'no Python environment with pytest; `npm run python -- --with services/policy/requirements-dev.txt --version` makes it';

/** The folder of a Python package, with a slash at its end. */
export function packageFolder(name: 'policy' | 'encoder'): string {
  return fileURLToPath(new URL(`../../../services/${name}/`, import.meta.url));
}

/** Runs the Python tests of a folder in a package; each of them is an assertion of `t`. */
export async function runPytest(t: Test, package_: string, folder: string): Promise<void> {
  const lines: string[] = [];
  const config = ['-c', `${package_}pyproject.toml`, '--rootdir', package_];
  const { code } = await runLines(
    environment?.python ?? '',
    ['-m', 'pytest', '-vv', '-p', 'no:cacheprovider', ...config, `${package_}${folder}`],
    undefined,
    (line) => {
      lines.push(line);
      const [, name, outcome] = /^\S*::(.+?) (PASSED|FAILED|ERROR|SKIPPED)\b/.exec(line) ?? [];
      if (name !== undefined) t.ok(outcome === 'PASSED' || outcome === 'SKIPPED', name);
    },
  );
  if (code !== 0) t.comment(lines.join('\n'));
  t.equal(code, 0, 'pytest ends with 0');
}
