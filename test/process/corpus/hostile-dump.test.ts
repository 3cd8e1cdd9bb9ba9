import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';
import t, { test } from 'tap';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { bunzip2 } from '../../../corpus/bzip2.ts';
import { findBzip2 } from '../../../corpus/bzip2-program.ts';
import type { DumpPage } from '../../../corpus/dump-parser.ts';
import { DumpParser } from '../../../corpus/dump-parser.ts';
import { buildRequest, smallChunks } from '../../material/corpus/build-request.ts';

t.setTimeout(600_000); // texts of half a gigabyte

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));
const first =
  '<page><title>First</title><ns>0</ns><id>1</id><revision><text>A.</text></revision></page>';
const last = first.replaceAll('First', 'Last');

function pagesOf(...pieces: readonly string[]): DumpPage[] {
  const parser = new DumpParser();
  for (const piece of pieces) parser.write(piece);
  parser.end();
  return parser.take();
}

test('what no dump has is refused where it stands', (t) => {
  const name = 'n'.repeat(1001);
  const many = (count: number, item: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => item(n)).join('');
  const deep = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
  const cases: readonly [string, RegExp][] = [
    [deep(100), /^elements are nested more than 100 deep, line 2, after page 1 \(First\)$/],
    [`<${name}/>`, /^a name is over 1000 characters long, line 2/],
    [`<page ${name}="x"/>`, /^a name is over 1000 characters long, line 2/],
    [`&${name}`, /^a name is over 1000 characters long, line 2/],
    [`<?${name}`, /^a name is over 1000 characters long, line 2/],
    [`<?x ${'x'.repeat(2 ** 20 + 9)}`, /^a processing instruction is over 1 MiB long, line 2/],
    [`<page ${many(101, (n) => `a${n}="x" `)}/>`, /^a tag has more than 100 attributes, line 2/],
    [`<page a="${'x'.repeat(2 ** 20)}"/>`, /^the attributes of a tag are over 1 MiB long, line 2/],
    [
      `<siteinfo><namespaces>${many(1001, (n) => `<namespace key="${n}">x</namespace>`)}`,
      /^there are more than 1000 namespaces, line 2/,
    ],
  ];
  for (const [xml, message] of cases) {
    const whole = `<mediawiki>${first}\n${xml}`;
    t.throws(() => pagesOf(whole), { message }, message.source);
    // Also where the piece has not ended yet.
    const halves = [whole.slice(0, -2), whole.slice(-2)];
    t.throws(() => pagesOf(...halves), { message }, `${message.source}, in two pieces`);
  }
  t.equal(
    pagesOf(`<mediawiki>${first}${deep(98)}${last}</mediawiki>`).length,
    2,
    'what is not, not',
  );
  const title = `<mediawiki>${first.replace('First', 'F'.repeat(9999))}</b>`;
  t.throws(() => pagesOf(title), { message: /^.{1,300}$/ }, 'a long title is not shown whole');
  t.end();
});

test('the text of a page is that of its last revision by time', (t) => {
  const revision = (text: string, time?: string, attributes = ''): string =>
    `<revision>${time === undefined ? '' : `<timestamp>${time}</timestamp>`}<text${attributes}>${text}</text></revision>`;
  const textOf = (...revisions: readonly string[]): unknown => {
    const xml = `<mediawiki><page><title>A</title><id>1</id>${revisions.join('')}</page></mediawiki>`;
    const [{ text, timestamp, isDeleted } = { text: undefined }] = pagesOf(xml);
    return [text, timestamp, isDeleted];
  };
  const [old, middle, recent] = [
    '2001-01-09T00:00:00Z',
    '2009-12-01T00:00:00Z',
    '2010-01-01T00:00:00Z',
  ];
  t.strictSame(textOf(revision('c', recent), revision('b', middle), revision('a', old)), [
    'c',
    recent,
    false,
  ]);
  t.strictSame(textOf(revision('a', old), revision('c', recent), revision('b', middle)), [
    'c',
    recent,
    false,
  ]);
  t.strictSame(
    textOf(revision('b', old), revision('c', old)),
    ['c', old, false],
    'at once: the last one',
  );
  t.strictSame(
    textOf(revision('b', recent), revision('c')),
    ['c', undefined, false],
    'without a time too',
  );
  t.strictSame(
    textOf(revision('', recent, ' deleted="deleted"'), revision('a', old)),
    ['', recent, true],
    'what was deleted since is not shown',
  );
  t.end();
});

test('a dump without any text says so', async (t) => {
  const page = (text: string): string =>
    `<page><title>A</title><ns>0</ns><id>1</id><revision>${text}</revision></page>`;
  const folder = t.testdir({
    'deleted.xml': `<mediawiki>${page('<text deleted="deleted" />')}</mediawiki>`,
    'stub.xml': `<mediawiki>${page('<text id="7" bytes="9" />')}</mediawiki>`,
  });
  for (const [name, problem] of [
    ['deleted', /None of the 1 pages .* 1 were deleted/],
    ['stub', /stub/],
  ] as const) {
    const out = join(folder, 'out');
    const build = buildCorpus(buildRequest([join(folder, `${name}.xml`)], out));
    await t.rejects(build, { code: 'SSP_DUMP_WITHOUT_TEXT', message: problem });
    t.notOk(existsSync(join(out, 'manifest.json')), 'no corpus is left');
  }
});

test('a text without an end is let go: its page fails, the next one is read', (t) => {
  const mebibyte = 'word '.repeat(2 ** 18).slice(0, 2 ** 20);
  const open = '<page><title>Long</title><ns>0</ns><id>2</id><revision><text>';
  const close = '</text></revision></page>';
  const around: readonly [string, string, number, boolean][] = [
    // Longer than any string of JavaScript.
    [open, close, 520, true],
    [`${open}<![CDATA[`, `]]>${close}`, 40, true],
    [`${open}A.<!--`, `-->${close}`, 40, false],
    [`<!--`, `-->${open}A.${close}`, 40, false],
  ];
  for (const [before, after, count, isTooLong] of around) {
    const endless = Array.from({ length: count }, () => mebibyte);
    const pages = pagesOf(
      `<mediawiki>${first}${before}`,
      ...endless,
      `${after}${last}</mediawiki>`,
    );
    t.match(pages, [
      { title: 'First', text: 'A.', isTooLong: false },
      { title: 'Long', text: isTooLong ? '' : 'A.', isTooLong },
      { title: 'Last', text: 'A.', isTooLong: false },
    ]);
  }
  t.end();
});

test('a text in many pieces stays what it is', (t) => {
  const text = 'é&amp;\u{1F600}&lt;b&gt;'.repeat(300_000);
  const pieces = text.match(/[^]{1,65521}/gu) ?? [];
  const page = first.split('A.');
  const [whole] = pagesOf(`<mediawiki>${page.join(text)}</mediawiki>`);
  const [pieced] = pagesOf(
    `<mediawiki>${page[0] ?? ''}`,
    ...pieces,
    `${page[1] ?? ''}</mediawiki>`,
  );
  t.equal(whole?.text.length, 300_000 * 7);
  t.ok(pieced?.text === whole?.text);
  t.end();
});

test('a deep dump is refused at once', async (t) => {
  const deep = '<a>'.repeat(200_000) + '</a>'.repeat(200_000);
  const folder = t.testdir({ 'w.xml': `<mediawiki>${first}<page>${deep}</page></mediawiki>` });
  const build = buildCorpus(buildRequest([join(folder, 'w.xml')], join(folder, 'out')));
  await t.rejects(build, { code: 'SSP_DUMP_INVALID', message: /more than 100 deep.*\(First\)/ });
});

const native = findBzip2();

test(
  'bzip2 data that expands without measure is refused',
  { skip: native === undefined ? 'no bzip2 program on the PATH' : false },
  async (t) => {
    const path = join(t.testdir(), 'bomb.bz2');
    const bytes = Buffer.alloc(300 * 2 ** 20, ' ');
    writeFileSync(path, execFileSync(native?.path ?? '', ['-zc'], { input: bytes }));
    const unpack = async (program: typeof native): Promise<void> => {
      for await (const part of bunzip2(smallChunks(path, 1000), { workers: 1, program }))
        part.at(0);
    };
    for (const program of [native, undefined]) {
      await t.rejects(unpack(program), { message: /expands to more than 256 MiB/ });
    }
  },
);

/** Starts a command that makes a corpus in `out`, and stops it at work as Ctrl-C does. */
async function stopped(t: Test, args: readonly string[], out: string, input = ''): Promise<void> {
  const child = spawn(process.execPath, [entry, ...args, '--out', out], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const stderr = text(child.stderr);
  const exit = once(child, 'exit');
  // The pipe stays open: what reads it waits for more.
  child.stdin.write(input);
  while (!existsSync(join(out, '.partial'))) await sleep(20);
  await sleep(1000);
  child.kill('SIGINT');
  const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
  const [code] = (await exit) as [number | null];
  clearTimeout(late);
  t.equal(code, 130, args.join(' '));
  t.match(await stderr, /^error SSP_INTERRUPTED: Interrupted: \d+ (?:pages|rows) were read/m);
  t.notOk(existsSync(out), 'nothing is left behind');
}

test('Ctrl-C ends a build that waits for its input or for a page', async (t) => {
  const folder = t.testdir();
  const out = join(folder, 'out');
  const slow = first.replace('A.', 'word '.repeat(3_000_000));
  writeFileSync(join(folder, 'w.xml'), `<mediawiki>${slow}</mediawiki>`);
  await stopped(t, ['corpus', 'build', join(folder, 'w.xml')], out);
  await stopped(t, ['corpus', 'build', '-'], out);
  await stopped(t, ['corpus', 'build', '-'], out, `<mediawiki>${first}`);
  await stopped(t, ['corpus', 'build', '-'], out, 'BZh9');
  const line = '{"id": "a", "title": "T", "text": "x"}\n';
  await stopped(t, ['corpus', 'import', '-'], out, line);
});
