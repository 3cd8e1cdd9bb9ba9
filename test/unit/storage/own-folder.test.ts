import { existsSync, mkdirSync, readdirSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { test } from 'tap';

import type { OwnFolder } from '../../../src/storage/own-folder.ts';
import {
  ownPaths,
  refuseForeign,
  removeAtOnce,
  removeOwn,
  removeUnfinished,
  replaceFolder,
  unfinishedPath,
} from '../../../src/storage/own-folder.ts';

const uuid = '01234567-89ab-cdef-0123-456789abcdef';

const own: OwnFolder = {
  first: ['manifest.json'],
  files: [/^part-\d+$/],
  folders: [
    ['parts', { first: ['z-journal'], files: [/^part-\d+$/] }],
    ['engine', 'anything'],
  ],
  lock: '.lock',
};

/** Everything that is own, with what kills leave. */
const ownTree = {
  'manifest.json': '{}',
  'part-1': '',
  [`.part-2.${uuid}.tmp`]: '',
  [`.discarded-${uuid}`]: { x: '' },
  parts: { 'part-3': '', 'z-journal': '' },
  engine: { deep: { whatever: '' } },
  '.lock': '1',
  [`.lock.after-${uuid}`]: '1',
};

function foreign(path: string): { code: string; details: object } {
  return { code: 'SSP_OUTPUT_FOREIGN', details: { path } };
}

test('what is own is removed; the lock, what is kept and the folder itself stay', async (t) => {
  const folder = t.testdir(ownTree);
  await refuseForeign(folder, own);
  await removeOwn(folder, own, ['engine']);
  t.same(readdirSync(folder), ['.lock', `.lock.after-${uuid}`, 'engine']);
  t.ok(existsSync(join(folder, 'engine', 'deep', 'whatever')));
});

test('a folder that is not there holds nothing foreign, and nothing to remove', async (t) => {
  const folder = join(t.testdir({}), 'none');
  await refuseForeign(folder, own);
  await removeOwn(folder, own);
  await removeAtOnce(folder, t.testdirName);
  t.notOk(existsSync(folder));
});

test('anything else is refused by its path, and stays with the folders it is in', async (t) => {
  const cases: readonly [string, object][] = [
    ['thesis.tex', { 'thesis.tex': '' }],
    ['.hidden', { '.hidden': '' }],
    ['photos', { photos: {} }],
    ['part-1x', { 'part-1x': '' }],
    ['.lock.txt', { '.lock.txt': '' }],
    [`.thesis.${uuid}.tmp`, { [`.thesis.${uuid}.tmp`]: '' }],
    ['parts/thesis.tex', { parts: { 'part-3': '', 'thesis.tex': '' } }],
    ['parts/part-9', { parts: { 'part-9': {} } }],
    ['manifest.json', { 'manifest.json': {} }],
  ];
  for (const [path, tree] of cases) {
    const folder = t.testdir({ ...ownTree, ...tree });
    await t.rejects(refuseForeign(folder, own), foreign(join(folder, path)));
    await removeOwn(folder, own);
    t.ok(existsSync(join(folder, path)), path);
    t.notOk(existsSync(join(folder, 'part-1')));
    t.notOk(existsSync(join(folder, 'parts', 'part-3')));
  }
});

test('no symbolic link is own, and none is followed', async (t) => {
  const elsewhere = { 'part-1': '', deep: { whatever: '' } };
  const links = [
    ['part-1', 'part-1'],
    ['parts', '.'],
    ['engine', 'deep'],
  ] as const;
  for (const [name, target] of links) {
    const top = t.testdir({ elsewhere, folder: {} });
    const folder = join(top, 'folder');
    symlinkSync(join(top, 'elsewhere', target), join(folder, name));
    await t.rejects(refuseForeign(folder, own), foreign(join(folder, name)));
    await removeOwn(folder, own);
    t.same(readdirSync(folder), [name]);
    t.ok(existsSync(join(top, 'elsewhere', 'part-1')));
    t.ok(existsSync(join(top, 'elsewhere', 'deep', 'whatever')));
  }
});

test('links inside a folder of anything go, and what they lead to stays', async (t) => {
  const top = t.testdir({ elsewhere: { whatever: '' }, folder: { engine: {} } });
  const folder = join(top, 'folder');
  symlinkSync(join(top, 'elsewhere'), join(folder, 'engine', 'link'));
  await removeOwn(folder, own);
  t.same(readdirSync(folder), []);
  t.ok(existsSync(join(top, 'elsewhere', 'whatever')));
});

const skip = process.platform === 'linux' ? false : 'other systems tell changes in any order';
test('what says that the rest is whole goes first', { skip }, async (t) => {
  const folder = t.testdir({ ...ownTree, 'a-part': '' });
  const changed: (string | null)[] = [];
  const watchers = ['.', 'parts'].map((name) =>
    watch(join(folder, name), (_event, file) => changed.push(file)),
  );
  await removeOwn(folder, { ...own, files: ['a-part', 'part-1'] });
  while (!changed.includes('part-3')) await sleep(5);
  for (const watcher of watchers) watcher.close();
  t.equal(changed[0], 'manifest.json');
  t.equal(
    changed.find((name) => name === 'part-3' || name === 'z-journal'),
    'z-journal',
  );
});

test('a folder that is removed at once leaves nothing under its name or another', async (t) => {
  const top = t.testdir({ engine: { deep: { whatever: '' } } });
  await removeAtOnce(join(top, 'engine'), top);
  t.same(readdirSync(top), []);
});

test('a list of paths as what is own', async (t) => {
  const folder = t.testdir({ a: '', deep: { b: '', deeper: { c: '' } }, empty: { too: {} } });
  const all = ['a', 'deep/b', 'deep/deeper/c', 'deep/gone', '../x', 'empty/', 'empty/too/'];
  await refuseForeign(folder, ownPaths(all));
  const others = ownPaths(['a', 'deep/b', 'c']);
  await t.rejects(refuseForeign(folder, others), foreign(join(folder, 'deep/deeper')));
});

test('a finished folder takes the place of an own one, of an empty one, of none', async (t) => {
  for (const before of [ownTree, {}, undefined]) {
    const top = t.testdir({ made: { 'manifest.json': 'new' }, ...(before && { out: before }) });
    // Nobody holds the lock inside: the folder is locked from outside.
    const unlocked = { ...own, files: [...(own.files ?? []), /^\.lock/] };
    await replaceFolder(join(top, 'made'), join(top, 'out'), unlocked);
    t.same(readdirSync(top), ['out']);
    t.same(readdirSync(join(top, 'out')), ['manifest.json']);
  }
});

test('it does not take the place of one that holds anything else, not for a moment', async (t) => {
  const top = t.testdir({ made: { 'manifest.json': 'new' }, out: { ...ownTree, thesis: '' } });
  const out = join(top, 'out');
  const before = readdirSync(out);
  const changed: (string | null)[] = [];
  const watcher = watch(top, (_event, file) => changed.push(file));
  await t.rejects(replaceFolder(join(top, 'made'), out, own), foreign(join(out, 'thesis')));
  writeFileSync(join(top, 'end'), '');
  while (!changed.includes('end')) await sleep(5);
  watcher.close();
  t.equal(changed[0], 'end');
  t.same(readdirSync(top), ['end', 'made', 'out']);
  t.same(readdirSync(out), before);
});

test('nor of one that gets something at the last moment', async (t) => {
  const top = t.testdir({ made: { 'manifest.json': 'new' }, out: { 'part-1': '' } });
  const out = join(top, 'out');
  /** Somebody writes a file while the names are looked at for the first time. */
  class Name extends RegExp {
    override test(name: string): boolean {
      if (!existsSync(join(top, 'late'))) {
        writeFileSync(join(top, 'late'), '');
        writeFileSync(join(out, 'thesis'), '');
      }
      return super.test(name);
    }
  }
  const replaced = replaceFolder(join(top, 'made'), out, { files: [new Name('^part-1$')] });
  await t.rejects(replaced, foreign(join(out, 'thesis')));
  t.same(readdirSync(top), ['late', 'made', 'out']);
  t.same(readdirSync(out), ['part-1', 'thesis']);
});

test('what a kill left beside a folder goes, and nothing else', async (t) => {
  const top = t.testdir({ '.out.x.tmp': {}, [`.out.${uuid}.tmpx`]: {}, [`.b.${uuid}.tmp`]: {} });
  const out = join(top, 'out');
  const before = readdirSync(top);
  mkdirSync(unfinishedPath(out));
  mkdirSync(join(top, `.out.${uuid}.replaced`));
  writeFileSync(join(unfinishedPath(out).replace(/\.tmp$/, '.replaced')), 'a file');
  await removeUnfinished(out);
  t.equal(readdirSync(top).length, before.length + 1);
  t.same(
    readdirSync(top).filter((name) => before.includes(name)),
    before,
  );
});
