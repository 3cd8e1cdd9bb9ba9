import { readFile } from 'node:fs/promises';

import { test } from 'tap';

interface LockEntry {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

test('package-lock.json lists the packages of every platform', async (t) => {
  // A registry without them lets npm write a lock that `npm ci` refuses, here and elsewhere.
  const text = await readFile(new URL('../../../package-lock.json', import.meta.url), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, LockEntry>> };
  const isListed = (name: string): boolean =>
    Object.keys(packages).some((path) => path.endsWith(`node_modules/${name}`));
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const name of Object.keys(optionalDependencies)) {
      if (!isListed(name)) t.fail(`${name}, wanted by ${path}`);
    }
  }
  t.ok(Object.keys(packages).length > 100);
});
