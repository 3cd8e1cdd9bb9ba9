import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import t, { test } from 'tap';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { openCorpus } from '../../../corpus/corpus.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import { buildRequest, dumpOf, manifestOf } from '../../material/corpus/build-request.ts';

t.setTimeout(600_000); // whole dumps, on whatever machine this is

const needsSharedData = { skip: missingShared('mediawiki', 'wiki84k') };

const dump = (name: string): string => sharedFile(`mediawiki/${name}`);

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('every page of the real dumps has one outcome', needsSharedData, async (t) => {
  const expected: readonly [string, Record<string, number>, number][] = [
    [
      'enwiki-2016-206pages.xml.bz2',
      { articles: 96, disambiguation: 8, lists: 2, redirects: 99, 'other-namespace': 1 },
      206,
    ],
    [
      'ltgwiki-complete-2004pages.xml.bz2',
      {
        articles: 890,
        disambiguation: 7,
        lists: 5,
        empty: 1,
        redirects: 147,
        'other-namespace': 954,
      },
      2004,
    ],
    [
      'enwiki-redirects-7421pages.xml.bz2',
      { articles: 4, redirects: 7246, 'other-namespace': 171 },
      7421,
    ],
    ['enwiki-tables.xml.bz2', { articles: 4, lists: 1 }, 5],
    ['bgwiki-utf16.xml.bz2', { articles: 1, 'other-namespace': 2 }, 3],
    ['frwiki-22pages.xml', { articles: 21, redirects: 1 }, 22],
  ];
  for (const [name, outcomes, read] of expected) {
    const out = join(t.testdir(), name);
    const manifest = await buildCorpus(
      buildRequest([dump(name)], out, { settings: { workers: 2 } }),
    );
    t.strictSame(manifest.outcomes, outcomes, name);
    t.equal(manifest.read, read, name);
    t.equal(
      Object.values(manifest.outcomes).reduce((sum, count) => sum + count, 0),
      read,
    );
    t.equal(manifest.aliases, manifest.outcomes['redirects'] ?? 0);
    const corpus = await openCorpus(out);
    const ids = (await all(corpus.passages())).map((passage) => passage.id);
    t.equal(ids.length, manifest.passages);
    t.equal(new Set(ids).size, ids.length, 'ids are unique');
  }
});

test('the bytes do not depend on the number of workers', needsSharedData, async (t) => {
  const folder = t.testdir();
  const hashes = new Set<string>();
  for (const workers of [1, 2, 3]) {
    const out = join(folder, String(workers));
    await buildCorpus(
      buildRequest([dump('frwiki-22pages.xml'), dump('enwiki-tables.xml.bz2')], out, {
        settings: { workers, shardPassages: 200 },
      }),
    );
    hashes.add(readFileSync(join(out, 'manifest.json'), 'utf8'));
  }
  t.equal(hashes.size, 1);
});

const town = (title: string, words = 300): { title: string; text: string } => ({
  title,
  text: `${title} has ${Array.from({ length: words }, (_, n) => `${title}${n}`).join(' ')} near [[Hill|the hill of ${title}]].`,
});

test('passages carry id, section, address and flag; redirects are aliases', async (t) => {
  const folder = t.testdir({
    'w.xml': dumpOf([
      { title: 'Foo bar', text: `Lead words.\n== History ==\n${town('Foo', 150).text}` },
      {
        title: 'Foob',
        text: '#REDIRECT [[Foo bar]]',
        extra: '<ns>0</ns><redirect title="Foo bar" />',
      },
      { title: 'Old', text: '#redirect [[Foo bar#History]]', extra: '' },
      { title: 'List of foos', text: '* [[A]]' },
      { title: 'Talk', text: '[[x]]', extra: '<ns>1</ns>' },
      { title: 'Short', text: 'See [[Old|it]], [[foo bar]]s and [[Foo bar#History|its past]].' },
      { title: 'Nothing', text: '{{stub}}' },
    ]),
  });
  const out = join(folder, 'out');
  const manifest = await buildCorpus(buildRequest([join(folder, 'w.xml')], out));
  t.strictSame(manifest.outcomes, {
    articles: 2,
    redirects: 2,
    lists: 1,
    'other-namespace': 1,
    empty: 1,
  });
  const corpus = await openCorpus(out);
  const passages = await all(corpus.passages());
  t.strictSame(
    passages.map(({ id, section, flag, url }) => ({ id, section, flag, url })),
    [
      { id: '1-0', section: undefined, flag: undefined, url: 'https://w.example/wiki/Foo_bar' },
      { id: '1-1', section: 'History', flag: undefined, url: 'https://w.example/wiki/Foo_bar' },
      { id: '4-0', section: undefined, flag: 'list', url: 'https://w.example/wiki/List_of_foos' },
      { id: '6-0', section: undefined, flag: undefined, url: 'https://w.example/wiki/Short' },
    ],
  );
  t.strictSame(await all(corpus.aliases()), [
    { alias: 'Foob', title: 'Foo bar' },
    { alias: 'Old', title: 'Foo bar' },
  ]);
  t.strictSame(await all(corpus.anchors()), [
    { anchor: 'the hill of Foo', title: 'Hill' },
    { anchor: 'it', title: 'Old' },
    { anchor: 'foo bars', title: 'Foo bar' },
    { anchor: 'its past', title: 'Foo bar#History' },
  ]);
  t.equal(manifest.anchorFile?.records, 4);
  const without = join(folder, 'without');
  const left = await buildCorpus(
    buildRequest([join(folder, 'w.xml')], without, { settings: { lists: false } }),
  );
  t.equal(left.outcomes['lists'], 1, 'left out, but counted by name');
  t.equal(left.passages, 3);
});

test('the identity of a corpus is that of its passages: links do not change it', async (t) => {
  const pages = (link: string): string => dumpOf([{ title: 'A', text: `It is ${link}.` }]);
  const folder = t.testdir({ 'a.xml': pages('[[Hill|high]]'), 'b.xml': pages('high') });
  const [linked, plain] = await Promise.all(
    ['a', 'b'].map((name) =>
      buildCorpus(buildRequest([join(folder, `${name}.xml`)], join(folder, name))),
    ),
  );
  t.equal(linked?.corpusHash, plain?.corpusHash);
  t.equal(linked?.anchorFile?.records, 1);
  t.equal(plain?.anchorFile, undefined);
  t.strictSame(await all((await openCorpus(join(folder, 'b'))).anchors()), []);
});

test('an interrupted build goes on after its last finished shard, to the same bytes', async (t) => {
  const pages = Array.from({ length: 120 }, (_, n) => town(`Town${n}`));
  pages[3] = { title: 'Alias', text: '#REDIRECT [[Town5]]' };
  const folder = t.testdir({ 'w.xml': dumpOf(pages) });
  const input = [join(folder, 'w.xml')];
  const settings = { shardPassages: 100 };
  const whole = join(folder, 'whole');
  await buildCorpus(buildRequest(input, whole, { settings }));
  const out = join(folder, 'out');
  const abort = new AbortController();
  const interrupted = buildCorpus(buildRequest(input, out, { settings, signal: abort.signal }));
  const watch = setInterval(() => {
    if (existsSync(join(out, '.partial', 'journal.json'))) abort.abort();
  }, 1);
  await t.rejects(interrupted, { code: 'SSP_INTERRUPTED' });
  clearInterval(watch);
  t.notOk(existsSync(join(out, 'manifest.json')), 'no half corpus is taken for a whole one');
  await t.rejects(openCorpus(out), { code: 'SSP_FILE_NOT_FOUND' });
  const notes: string[] = [];
  const progress = {
    stage: () => ({ add: () => undefined, end: () => undefined }),
    note: (text: string) => notes.push(text),
  };
  await buildCorpus(buildRequest(input, out, { settings, progress }));
  t.match(notes, [/continuing after \d+ pages/]);
  t.strictSame(manifestOf(out), manifestOf(whole));
  t.equal(manifestOf(out).anchorFile?.records, 119);
  t.strictSame(readdirSync(out).sort(), readdirSync(whole).sort());
  for (const file of readdirSync(whole)) {
    t.ok(readFileSync(join(out, file)).equals(readFileSync(join(whole, file))), file);
  }
});

test('a changed input is not continued', async (t) => {
  const pages = Array.from({ length: 60 }, (_, n) => town(`Town${n}`));
  const path = join(t.testdir({ 'w.xml': `${dumpOf(pages)}broken` }), 'w.xml');
  const out = join(t.testdirName, 'out');
  const settings = { shardPassages: 100 };
  await t.rejects(buildCorpus(buildRequest([path], out, { settings })), {
    code: 'SSP_DUMP_INVALID',
  });
  t.ok(existsSync(join(out, '.partial', 'journal.json')), 'finished shards stay');
  writeFileSync(path, dumpOf([town('Other'), ...pages.slice(1)]));
  await t.rejects(buildCorpus(buildRequest([path], out, { settings })), {
    code: 'SSP_INPUT_CHANGED',
  });
  await buildCorpus(buildRequest([path], out, { settings, restart: true }));
  t.equal(manifestOf(out).read, 60);
});

test('a finished corpus is replaced only with force', async (t) => {
  const folder = t.testdir({ 'a.xml': dumpOf([town('A')]), 'b.xml': dumpOf([town('B', 20)]) });
  const out = join(folder, 'out');
  await buildCorpus(buildRequest([join(folder, 'a.xml')], out));
  await t.rejects(buildCorpus(buildRequest([join(folder, 'b.xml')], out)), {
    code: 'SSP_OUTPUT_EXISTS',
  });
  await t.rejects(buildCorpus(buildRequest([join(folder, 'no.xml')], out, { force: true })), {
    code: 'SSP_FILE_NOT_FOUND',
  });
  t.equal(manifestOf(out).passages, 4, 'the old one is still there');
  await buildCorpus(buildRequest([join(folder, 'b.xml')], out, { force: true }));
  t.equal(manifestOf(out).passages, 1);
});

test('broken and wrong dumps say where', async (t) => {
  const whole = dumpOf([town('A'), town('B')]);
  const cases: readonly [string, string, RegExp][] = [
    [whole.slice(0, whole.indexOf('B has') + 50), 'SSP_DUMP_INVALID', /line 3, after page 1 \(A\)/],
    [whole.replace('</title>', '</titel>'), 'SSP_DUMP_INVALID', /line 2, before the first page/],
    ['<html><body>no</body></html>', 'SSP_DUMP_INVALID', /<html>, not <mediawiki>/],
    ['', 'SSP_DUMP_INVALID', /root element/],
    ['{"id": 1}', 'SSP_DUMP_INVALID', /line 1/],
    ['<mediawiki></mediawiki>', 'SSP_INPUT_EMPTY', /no pages/],
    [whole.replace('Ahas', '\u{0}'), 'none', /./],
  ];
  for (const [text, code, message] of cases) {
    const folder = t.testdir({ 'x.xml': text });
    const out = join(folder, 'out');
    const build = buildCorpus(buildRequest([join(folder, 'x.xml')], out));
    if (code === 'none') await build;
    else {
      await t.rejects(build, { code, message });
      t.notOk(existsSync(out), 'nothing is left behind');
    }
  }
});
