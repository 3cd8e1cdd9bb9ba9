import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { test } from 'tap';

import { findBzip2 } from '../../../../corpus/bzip2-program.ts';
import { openCorpus } from '../../../../corpus/corpus.ts';
import { importPassages } from '../../../../corpus/import-passages.ts';
import type { ImportConfig } from '../../../../src/config/corpus.ts';
import type { CorpusManifest } from '../../../../src/types/corpus-manifest.ts';
import type { Passage } from '../../../../src/types/passage.ts';
import { importRequest } from '../../../material/corpus/build-request.ts';

/** Imports and reads back. */
async function imported(
  path: string,
  settings: Partial<ImportConfig> = {},
): Promise<{ readonly manifest: CorpusManifest; readonly passages: readonly Passage[] }> {
  const out = `${path}-corpus`;
  const manifest = await importPassages(importRequest([path], out, { settings }));
  const passages: Passage[] = [];
  for await (const passage of (await openCorpus(out)).passages()) passages.push(passage);
  return { manifest, passages };
}

/** Writes files with these contents below a folder. */
function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

function tar(folder: string, format: string, ...names: readonly string[]): Buffer {
  return execFileSync('tar', [`--format=${format}`, '-c', '-C', folder, ...names]);
}

const wiki18 = [
  '{"id": "0", "contents": "\\"Aaron\\"\\nAaron is a prophet"}',
  '{"id": "1", "contents": "\\"Aaron\\"\\n"}',
  '{"id": "2", "contents": "\\"\\"Weird Al\\" Yankovic\\"\\nA musician."}',
].join('\n');
const wiki18Passages = [
  { id: '0', title: 'Aaron', text: 'Aaron is a prophet' },
  { id: '1', title: 'Aaron', text: '' },
  { id: '2', title: '"Weird Al" Yankovic', text: 'A musician.' },
];

test('wiki-18 is read as published, unpacked and only gzipped, row for row', async (t) => {
  const folder = t.testdir();
  const member = 'home/data/wiki_dump.jsonl';
  writeFiles(folder, { [member]: wiki18, 'wiki.jsonl': wiki18, 'wiki.gz': gzipSync(wiki18) });
  for (const format of ['gnu', 'pax', 'ustar']) {
    const archive = tar(folder, format, member);
    writeFileSync(join(folder, `${format}.tar`), archive);
    writeFileSync(join(folder, `${format}.jsonl.gz`), gzipSync(archive));
  }
  const names = ['gnu', 'pax', 'ustar'].flatMap((name) => [`${name}.tar`, `${name}.jsonl.gz`]);
  for (const name of [...names, 'wiki.jsonl', 'wiki.gz']) {
    const { manifest, passages } = await imported(join(folder, name));
    t.strictSame(passages, wiki18Passages, name);
    t.same(manifest.outcomes, { passages: 2, 'empty-passages': 1 });
    t.equal(manifest.read, 3);
  }
});

test('an archive that is cut, has no end or a wrong header is damaged, and leaves nothing', async (t) => {
  const folder = t.testdir();
  const line = `${wiki18.split('\n')[0] ?? ''}\n`;
  writeFiles(folder, { 'wiki.jsonl': line.repeat(100).replaceAll('"0"', () => `"${n++}"`) });
  const archive = tar(folder, 'gnu', 'wiki.jsonl');
  const flipped = Buffer.from(archive);
  flipped[100] = 0x37;
  const damaged: Record<string, Buffer> = {
    'cut.tar': archive.subarray(0, 3000),
    'no-end.tar': archive.subarray(0, 512 + Math.ceil(line.length / 5.12) * 512),
    'flipped.tar': flipped,
    'cut.tar.gz': gzipSync(archive).subarray(0, -9),
  };
  for (const [name, content] of Object.entries(damaged)) {
    const path = join(folder, name);
    writeFileSync(path, content);
    await t.rejects(imported(path), { code: 'SSP_INPUT_DAMAGED' }, name);
    t.notOk(existsSync(`${path}-corpus`), name);
  }
});
let n = 0;

const bzip2Program = findBzip2();
const needsBzip2 = { skip: bzip2Program === undefined && 'no bzip2 program on the PATH' };

test('members of an archive are read in its order, compressed ones too', needsBzip2, async (t) => {
  const folder = t.testdir();
  const abstract = (id: number): string =>
    JSON.stringify({
      id,
      url: `https://w.example/?curid=${id}`,
      title: `T${id}`,
      text: ['One.', ' Two.'],
    });
  const bzip2 = (input: string | Buffer): Buffer =>
    execFileSync(bzip2Program?.path ?? '', ['-zc'], { input });
  writeFiles(folder, {
    'x/AB/wiki_00.bz2': bzip2(`${abstract(7)}\n`),
    'x/AA/wiki_00.bz2': bzip2(`${abstract(12)}\n${abstract(3)}\n`),
    'x/._junk': 'junk',
  });
  const path = join(folder, 'hotpot.tar.bz2');
  writeFileSync(path, bzip2(tar(folder, 'gnu', 'x/AA', 'x/AB', 'x/._junk')));
  const { manifest, passages } = await imported(path);
  t.strictSame(
    passages,
    [12, 3, 7].map((id) => ({
      id: `${id}-0`,
      title: `T${id}`,
      text: 'One. Two.',
      url: `https://w.example/?curid=${id}`,
    })),
  );
  t.same(manifest.outcomes, { articles: 3 });
});

const dpr = [
  'id\ttext\ttitle',
  '1\t"Aaron ( or ; ""Ahärôn"") is a prophet"\tAaron',
  '2\tno quotes\t"""Weird Al"" Yankovic"',
  '3\t"two\nlines"\tT',
  '',
].join('\n');

test('the table of DPR is read with its quotes, tab- or comma-separated, with any line ends', async (t) => {
  const folder = t.testdir();
  const expected = [
    { id: '1', title: 'Aaron', text: 'Aaron ( or ; "Ahärôn") is a prophet' },
    { id: '2', title: '"Weird Al" Yankovic', text: 'no quotes' },
    { id: '3', title: 'T', text: 'two\nlines' },
  ];
  writeFiles(folder, {
    'psgs.tsv': dpr,
    'psgs.tsv.gz': gzipSync(dpr),
    'bom.tsv': `\u{FEFF}${dpr}`,
    'psgs.csv': dpr.replaceAll('\t', ','),
  });
  for (const name of ['psgs.tsv', 'psgs.tsv.gz', 'bom.tsv', 'psgs.csv']) {
    const { manifest, passages } = await imported(join(folder, name));
    t.strictSame(passages, expected, name);
    t.equal(manifest.source, 'table');
  }
  writeFiles(folder, { 'crlf.tsv': dpr.replaceAll('\n', '\r\n') });
  t.equal((await imported(join(folder, 'crlf.tsv'))).passages[2]?.text, 'two\r\nlines');
});

test('a wrong row of a table is named by its line', async (t) => {
  const folder = t.testdir();
  const cases: [string, RegExp][] = [
    ['4\tonly text\n', /^Line 6 .*names 3 columns/],
    ['4\ta\tb\tc\n', /^Line 6 .*names 3 columns/],
    ['4\ta "b" c\tT\n', /^Line 6 .*within a field/],
    ['4\t"a" b\tT\n', /^Line 6 .*ends a field/],
    ['4\t"a\tT\n', /^Line 6 .*does not end/],
    ['1\ta\tT\n', /^Line 6 .*id 1 stands in an earlier row/],
  ];
  for (const [row, message] of cases) {
    const path = join(folder, 'x.tsv');
    writeFileSync(path, dpr + row);
    await t.rejects(imported(path), { code: 'SSP_IMPORT_INVALID', message }, row);
  }
});

test('KILT articles are divided, with their sections', async (t) => {
  const folder = t.testdir();
  const article = {
    _id: '9',
    wikipedia_id: '9',
    wikipedia_title: 'Iron',
    text: [
      'Iron\n',
      'Iron is an element.',
      'Section::::History:Age.\n',
      'BULLET::::- Long ago\n',
      'It rusts.',
    ],
    history: { url: 'x' },
  };
  writeFiles(folder, { 'kilt.json': `${JSON.stringify(article)}\n` });
  const { passages } = await imported(join(folder, 'kilt.json'));
  t.strictSame(passages, [
    { id: '9-0', title: 'Iron', text: 'Iron is an element. Long ago It rusts.' },
  ]);
  const words = Array.from({ length: 25 }, (_value, i) => `w${i}`).join(' ');
  const long = { ...article, text: ['Iron', words, 'Section::::A:B.', words] };
  writeFiles(folder, { 'long.json': JSON.stringify(long) });
  const divided = (await imported(join(folder, 'long.json'), { words: 20 })).passages;
  t.same(
    divided.map(({ id, section }) => [id, section]),
    [
      ['9-0', undefined],
      ['9-1', undefined],
      ['9-2', 'B'],
    ],
  );
});

test('rows are passages or articles as one says', async (t) => {
  const folder = t.testdir();
  const text = 'a b c d e f g h i j k l';
  writeFiles(folder, { 'x.jsonl': `{"_id": "q", "text": "${text}"}\n{"text": "${text}"}\n` });
  const ids = async (rows: ImportConfig['rows']): Promise<string[]> => {
    const path = join(folder, 'x.jsonl');
    const out = join(folder, rows);
    await importPassages(importRequest([path], out, { settings: { rows, words: 10 } }));
    const found: string[] = [];
    for await (const { id } of (await openCorpus(out)).passages()) found.push(id);
    return found;
  };
  t.same(await ids('auto'), ['q', 'x.jsonl:2-0', 'x.jsonl:2-1']);
  t.same(await ids('passages'), ['q', 'x.jsonl:2']);
  t.same(await ids('articles'), ['q-0', 'q-1', 'x.jsonl:2-0', 'x.jsonl:2-1']);
});

test('a folder of texts becomes passages by path, and tells what it left out', async (t) => {
  const folder = join(t.testdir(), 'notes');
  writeFiles(folder, {
    'b.txt': 'Plain words.',
    'prose.txt': 'content, form and text\n',
    'source.txt': '{ begin }\n',
    'a/page.html':
      '<!DOCTYPE html><title>A page</title><script>no</script><h2>Part</h2><p>One<p>two <b>th</b>ree',
    'a/readme.md':
      '---\ntitle: "Read me"\n---\n# Head\n\nSome *words* and [a link](http://x.example).\n',
    'c.csv': 'title,text\nT,"In, a table"\n',
    'd.jsonl': '{"id": "p", "title": "T", "text": "A passage."}\n',
    'picture.png': Buffer.from('89504e470d0a1a0a0000', 'hex'),
    'latin.txt': Buffer.from('caf\xe9', 'latin1'),
    'empty.txt': '',
    '.hidden.txt': 'no',
  });
  const { manifest, passages } = await imported(folder);
  t.strictSame(passages, [
    { id: 'a/page.html-0', title: 'A page', text: 'One two three', section: 'Part' },
    { id: 'a/readme.md-0', title: 'Read me', text: 'Some words and a link.', section: 'Head' },
    { id: 'b.txt-0', title: 'b', text: 'Plain words.' },
    { id: 'c.csv:2-0', title: 'T', text: 'In, a table' },
    { id: 'p', title: 'T', text: 'A passage.' },
    { id: 'prose.txt-0', title: 'prose', text: 'content, form and text' },
    { id: 'source.txt-0', title: 'source', text: '{ begin }' },
  ]);
  t.same(manifest.outcomes, { articles: 6, passages: 1, 'empty-articles': 1, 'left-out-files': 2 });
  t.equal(manifest.failureFile?.records, 2);
  t.equal(manifest.source, 'mixed');
  t.equal(manifest.inputs[0]?.name, 'notes');
});

test('a corpus is the same bytes for any number of workers', async (t) => {
  const folder = t.testdir();
  const rows = Array.from({ length: 9000 }, (_value, i) =>
    JSON.stringify({ id: `n${i}`, contents: `"Title ${i}"\n${`word${i % 77} `.repeat(100)}` }),
  );
  writeFiles(folder, { 'x.jsonl.gz': gzipSync(rows.join('\n')) });
  const made = async (workers: number): Promise<[CorpusManifest, Buffer]> => {
    const out = join(folder, `out-${workers}`);
    const settings = { workers, shardPassages: 4000 };
    await importPassages(importRequest([join(folder, 'x.jsonl.gz')], out, { settings }));
    const manifest = readFileSync(join(out, 'manifest.json'));
    return [JSON.parse(manifest.toString()) as CorpusManifest, manifest];
  };
  const [manifest, one] = await made(1);
  t.equal(manifest.passages, 9000);
  t.same((await made(3))[1], one);
});

test('an import that a wrong row ended goes on after its last shard once it is mended', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'x.jsonl');
  const row = (i: number): string => JSON.stringify({ id: i, title: 'T', text: `text ${i}` });
  const rows = Array.from({ length: 1000 }, (_value, i) => row(i));
  const settings = { shardPassages: 300 };
  writeFiles(folder, { 'x.jsonl': rows.join('\n') });
  const undisturbed = await importPassages(
    importRequest([path], join(folder, 'whole'), { settings }),
  );
  const out = join(folder, 'out');
  writeFiles(folder, {
    'x.jsonl': [...rows.slice(0, 950), '{"id": 1}', ...rows.slice(950)].join('\n'),
  });
  await t.rejects(importPassages(importRequest([path], out, { settings })), {
    code: 'SSP_IMPORT_INVALID',
    message: /^Line 951/,
  });
  t.notOk(existsSync(join(out, 'manifest.json')));
  t.ok(existsSync(join(out, '.partial', 'passages-00002.jsonl.gz')));
  writeFiles(folder, { 'x.jsonl': [row(1001), ...rows].join('\n') });
  await t.rejects(importPassages(importRequest([path], out, { settings })), {
    code: 'SSP_INPUT_CHANGED',
    message: /first 900 rows/,
  });
  writeFiles(folder, { 'x.jsonl': rows.join('\n') });
  const notes: string[] = [];
  const progress = {
    note: (text: string) => void notes.push(text),
    stage: () => ({ add() {}, end() {} }),
  };
  t.same(await importPassages(importRequest([path], out, { settings, progress })), undisturbed);
  t.match(notes.join(), /continuing after 900 rows/);
});
