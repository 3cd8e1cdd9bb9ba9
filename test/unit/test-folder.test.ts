import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { testFolder } from '../material/test-folder.ts';

test('a folder is there until everything over it has ended, and no longer', async (t) => {
  const folders: string[] = [];
  const ends: boolean[] = [];
  await t.test('a test with something that ends later', (t) => {
    const folder = testFolder(t, { 'a.txt': 'a' });
    const isThere = (): void => void ends.push(existsSync(join(folder, 'a.txt')));
    t.teardown(isThere);
    t.teardown(() => Promise.resolve().then(isThere));
    folders.push(folder);
    t.end();
  });
  t.same(ends, [true, true]);
  t.same(folders.map(existsSync), [false]);
});
