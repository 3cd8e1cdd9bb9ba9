import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import type { Test } from 'tap';
import { test } from 'tap';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { findBzip2 } from '../../../corpus/bzip2-program.ts';
import { openCorpus } from '../../../corpus/corpus.ts';
import { importPassages } from '../../../corpus/import-passages.ts';
import { startPagePool } from '../../../corpus/page-settler.ts';
import { corpusConfig } from '../../../src/config/corpus.ts';
import { isSspError } from '../../../src/errors/error.ts';
import { buildRequest, dumpOf, importRequest } from '../../material/corpus/build-request.ts';

/** A generator of equal numbers for equal seeds (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const snippets = [
  '<page>',
  '</page>',
  '</text>',
  '<text>',
  '&',
  '&#x0;',
  '{{',
  '}}',
  '{|',
  '|}',
  '[[',
  ']]',
  '<ref>',
  '<!--',
  ']]>',
  '<![CDATA[',
  '\0',
  '\u{FEFF}',
  '{"id":"a",',
  '}\n{',
  '"',
  '\n',
];

/** One of: bytes flipped, the end cut, a piece taken out, a piece twice, something put in. */
function mutated(data: Buffer, seed: number): Buffer {
  const random = randomOf(seed);
  const at = random(data.length);
  const length = 1 + random(Math.min(2000, data.length - at));
  switch (seed % 5) {
    case 0: {
      const copy = Buffer.from(data);
      for (let n = 0; n <= random(8); n += 1) copy[random(copy.length)] = random(256);
      return copy;
    }
    case 1:
      return data.subarray(0, at);
    case 2:
      return Buffer.concat([data.subarray(0, at), data.subarray(at + length)]);
    case 3:
      return Buffer.concat([data.subarray(0, at + length), data.subarray(at)]);
    default: {
      const snippet = Buffer.from(snippets[random(snippets.length)] ?? '');
      return Buffer.concat([data.subarray(0, at), snippet, data.subarray(at)]);
    }
  }
}

/** Runs a job on a bad file: it ends with a coded error and nothing left, or a whole corpus. */
async function survives(
  t: Test,
  name: string,
  out: string,
  job: Promise<unknown>,
): Promise<string> {
  const error: unknown = await job.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) {
    let passages = 0;
    const corpus = await openCorpus(out);
    for await (const passage of corpus.passages()) passages += passage.id === '' ? 0 : 1;
    if (passages !== corpus.manifest.passages) t.fail(`${name}: a half corpus`);
    return 'whole';
  }
  if (!isSspError(error)) t.fail(`${name}: no coded error: ${(error as Error).message}`);
  if (existsSync(join(out, 'manifest.json'))) t.fail(`${name}: a corpus in spite of the error`);
  return isSspError(error) ? error.code : 'uncoded';
}

const wikitext = (n: number): string =>
  `'''Town ${n}''' {{convert|${n}|km}} [[File:a.jpg|thumb|x [[y]]]] <ref>z</ref>\n{|\n! a !! b\n|-\n| ${n} || 2\n|}\n` +
  `{{Infobox town|name=T\n|population_total=1${n}000\n|x=1\n|y=2}}\n== H ==\n* one\n* two\n${'word '.repeat(150)}`;
const dump = Buffer.from(
  dumpOf(Array.from({ length: 12 }, (_, n) => ({ title: `Town ${n}`, text: wikitext(n) }))),
);
const lines = Buffer.from(
  Array.from({ length: 40 }, (_, n) =>
    JSON.stringify({ id: `p${n}`, title: `T ${n} ä`, text: `Some text ${n}.` }),
  ).join('\n'),
);

test('300 damaged dumps and passage files: a coded error or a whole corpus each', async (t) => {
  const folder = t.testdir();
  const outcomes = new Map<string, number>();
  const config = corpusConfig.parse({ workers: 2, pageTimeoutMs: 20_000 });
  const pool = startPagePool(config, 2);
  const bzip2 = findBzip2();
  const packed: [string, Buffer][] = [
    ['dump', dump],
    ['dump.gz', gzipSync(dump)],
  ];
  if (bzip2 !== undefined)
    packed.push(['dump.bz2', execFileSync(bzip2.path, ['-zc'], { input: dump })]);
  const sources: [string, Buffer][] = [...packed, ['lines', lines], ['lines.gz', gzipSync(lines)]];
  for (let seed = 0; seed < 300; seed += 1) {
    const [kind, data] = sources[Math.floor(seed / 5) % sources.length] ?? ['dump', dump];
    const name = `${kind}-${seed}`;
    const path = join(folder, name);
    const out = join(folder, `${name}-out`);
    writeFileSync(path, mutated(data, seed));
    const job = kind.startsWith('dump')
      ? buildCorpus(buildRequest([path], out, { config, pool }))
      : importPassages(importRequest([path], out, { settings: { shardPassages: 100 } }));
    const outcome = await survives(t, name, out, job);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  t.comment(Object.fromEntries(outcomes));
  t.ok((outcomes.get('whole') ?? 0) > 20, 'some are harmless');
  t.ok((outcomes.get('SSP_DUMP_INVALID') ?? 0) > 20);
  t.ok((outcomes.get('SSP_INPUT_DAMAGED') ?? 0) > 20);
  t.ok((outcomes.get('SSP_IMPORT_INVALID') ?? 0) > 20);
  t.equal(
    [...outcomes.values()].reduce((sum, count) => sum + count, 0),
    300,
  );
  await pool.close();
});
