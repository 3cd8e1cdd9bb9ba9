import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { createFolder } from '../../../src/storage/create-folder.ts';

test('folders that are missing are made, and the uppermost is named', async (t) => {
  const folder = t.testdir();
  t.equal(await createFolder(join(folder, 'a', 'b', 'c')), join(folder, 'a'));
  t.equal(await createFolder(join(folder, 'a', 'b', 'd', '..', 'e')), join(folder, 'a', 'b', 'e'));
  t.equal(await createFolder(join(folder, 'a', 'b')), undefined);
  t.ok(existsSync(join(folder, 'a', 'b', 'c')));
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, n) => createFolder(join(folder, 'x', 'y', String(n % 4)))),
  );
  t.equal(made.length, 20, 'many at once');
});

test('a link to a folder is one; a file, a dangling link or a loop is not', async (t) => {
  const folder = t.testdir({ file: '', there: {} });
  const at = (name: string): string => join(folder, name);
  symlinkSync(at('there'), at('link'));
  t.equal(await createFolder(at('link/a')), at('link/a'));
  symlinkSync(at('loop'), at('loop'));
  symlinkSync(at('nowhere'), at('dangling'));
  const cases: readonly [string, RegExp][] = [
    ['file', /EEXIST.*file'/],
    ['file/a', /ENOTDIR.*file\/a'/],
    ['loop', /ELOOP.*loop'/],
    ['loop/a', /ELOOP.*loop\/a'/],
    ['dangling', /EEXIST.*dangling'/],
    ['a'.repeat(300), /ENAMETOOLONG/],
  ];
  for (const [name, message] of cases) {
    await t.rejects(createFolder(at(name)), { code: 'SSP_FILE_SYSTEM', message }, name);
  }
});

test(
  'a folder that takes none ends it at once',
  { skip: existsSync('/proc/self') ? false : 'no /proc' },
  async (t) => {
    const refused = { code: 'SSP_NOT_WRITABLE', message: /to \/proc: ENOENT/ };
    await t.rejects(createFolder('/proc/ssp'), refused);
    await t.rejects(createFolder('/proc/ssp/a/b'), refused);
  },
);
