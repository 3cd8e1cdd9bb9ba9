import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import fc from 'fast-check';
import { test } from 'tap';

import { hasWords } from '../../../src/game/answer-score.ts';
import { readSeeds } from '../../../src/seeds/read-seeds.ts';
import { seedLine } from '../../../src/seeds/seed-line.ts';
import type { Seed } from '../../../src/types/seed.ts';
import { topics } from '../../../src/types/seed.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';

const range = { seed: 1, minHops: 2, maxHops: 4 };

test('released lines: one truth or a list of its forms, other keys left out', async (t) => {
  const text = [
    '{"ground_truth": "Titan IIIE", "search_turns": 3, "sys_question_example": " Who? \\n", "id": 7}',
    '',
    '{"ground_truth": ["14 December 1972 ", "December 14, 1972"], "search_turns": "2", "topic": "date"}',
  ].join('\r\n');
  const folder = t.testdir({ 'seeds.jsonl': text, 'seeds.gz': gzipSync(text) });
  const expected: Seed[] = [
    { answers: ['Titan IIIE'], hops: 3, examples: 'Who?' },
    { answers: ['14 December 1972', 'December 14, 1972'], hops: 2, topic: 'date' },
  ];
  const plain = await readSeeds(join(folder, 'seeds.jsonl'), range);
  t.strictSame(plain.seeds, expected);
  t.equal(plain.hash, createHash('sha256').update(text).digest('hex'));
  t.strictSame((await readSeeds(join(folder, 'seeds.gz'), range)).seeds, expected);
});

test('a plain list: links and answers, each once, hops in the range and by the seed', async (t) => {
  const lines = [
    '/wiki/Pliny_the_Younger',
    '/wiki/Wikipedia:Vital_articles/Expanded/Arts#Painters',
    '#Painters',
    '/wiki/Mercury_(planet)',
    '/wiki/Sei_Sh%C5%8Dnagon',
    '/wiki/Star_Trek:_The_Original_Series',
    '12,300',
    'the mercury',
    '/wiki/The_The',
    '/wiki/(Untitled)',
  ];
  const folder = t.testdir({ 'list.txt': `${lines.join('\n')}\n` });
  const { seeds } = await readSeeds(join(folder, 'list.txt'), range);
  t.strictSame(
    seeds.map(({ answers }) => answers),
    [
      ['Pliny the Younger'],
      ['Mercury'],
      ['Sei Shōnagon'],
      ['Star Trek: The Original Series'],
      ['12,300'],
      ['(Untitled)'],
    ],
  );
  t.ok(seeds.every(({ hops }) => hops >= 2 && hops <= 4));
  t.strictSame((await readSeeds(join(folder, 'list.txt'), range)).seeds, seeds);
});

test('the vital articles are read whole', { skip: missingShared('seeds') }, async (t) => {
  const path = sharedFile('seeds/vital_article_links.txt');
  const { seeds } = await readSeeds(path, range);
  // By hand: 50,855 lines, 903 of them no article (sort, uniq and grep), a few named twice.
  t.ok(seeds.length > 49_000 && seeds.length <= 50_855 - 903, String(seeds.length));
  t.notOk(seeds.some(({ answers: [answer = ''] }) => /^\/wiki|_|%|^Wikipedia:/.test(answer)));
  const share = (hops: number): number =>
    seeds.filter((seed) => seed.hops === hops).length / seeds.length;
  for (const hops of [2, 3, 4]) t.ok(Math.abs(share(hops) - 1 / 3) < 0.01);
  const other = await readSeeds(path, { ...range, seed: 2 });
  t.ok(other.seeds.some(({ hops }, at) => hops !== seeds[at]?.hops));
});

test('bad lines are named, and there is never a fallback', async (t) => {
  const good = '{"ground_truth": "c", "search_turns": 1}';
  const cases: readonly [string, RegExp][] = [
    [`${good}\n{"ground_truth": "b"`, /^Line 2 of .*bad\.jsonl is no seed: it is not JSON/],
    [`${good}\n\nMercury`, /^Line 3 of .*not JSON/],
    ['{"ground_truth": "b"}', /^Line 1 of .*search_turns/],
    ['{"ground_truth": "b", "search_turns": 0}', /search_turns/],
    ['{"ground_truth": "b", "search_turns": 1.5}', /search_turns/],
    ['{"ground_truth": " ", "search_turns": 1}', /ground_truth/],
    ['{"ground_truth": [], "search_turns": 1}', /ground_truth/],
    ['{"ground_truth": ["a", ""], "search_turns": 1}', /ground_truth/],
    ['{"ground_truth": "The The", "search_turns": 1}', /Line 1 .*no word is left .*"The The"/],
    ['{"ground_truth": ["a", "?"], "search_turns": 1}', /no word is left/],
    ['{"ground_truth": 7, "search_turns": 1}', /ground_truth/],
    ['{"ground_truth": "b", "search_turns": 1, "topic": "place of birth"}', /topic/],
    ['{"ground_truth": "b"}', /search_turns: must be a number/],
    ['/wiki/A\n/wiki/%C5%8', /^Line 2 of .*broken escape/],
    ['[{"ground_truth": "b", "search_turns": 1}]', /^Line 1 of .*JSON array/],
    ['\n[\n  "Mercury"\n]', /^Line 2 of .*JSON array/],
  ];
  for (const [content, message] of cases) {
    const path = join(t.testdir({ 'bad.jsonl': content }), 'bad.jsonl');
    await t.rejects(readSeeds(path, range), { code: 'SSP_SEEDS_INVALID', message }, content);
  }
  const folder = t.testdir({
    'empty.jsonl': '',
    'blank.txt': '\n \n',
    'links.txt': '/wiki/Category:Rivers\n',
    'latin.txt': Buffer.from([0x61, 0x0a, 0xff, 0xfe]),
  });
  for (const name of ['empty.jsonl', 'blank.txt', 'links.txt']) {
    await t.rejects(readSeeds(join(folder, name), range), { code: 'SSP_INPUT_EMPTY' }, name);
  }
  const latin = readSeeds(join(folder, 'latin.txt'), range);
  await t.rejects(latin, { code: 'SSP_SEEDS_INVALID', message: /^Line 2 .*not UTF-8/ });
  const table = join(t.testdir({ 'seeds.csv': 'answer,hops\nTitan,2\n' }), 'seeds.csv');
  await t.rejects(readSeeds(table, range), { message: /^Line 1 .*a table/ });
  const film = join(t.testdir({ 'list.txt': '[REC]\nTitan\n' }), 'list.txt');
  t.equal((await readSeeds(film, range)).seeds.length, 2, 'a bracket alone is no JSON');
  const missing = readSeeds(join(folder, 'none.jsonl'), range);
  await t.rejects(missing, { code: 'SSP_FILE_NOT_FOUND' });
});

test('seeds that are written are read again as they were', async (t) => {
  const answer = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '');
  const seed = fc.record(
    {
      answers: fc
        .array(
          answer.map((text) => text.trim()),
          { minLength: 1, maxLength: 3 },
        )
        .filter((forms) => forms.some(hasWords)),
      hops: fc.integer({ min: 1, max: 100 }),
      topic: fc.constantFrom(...topics),
    },
    { requiredKeys: ['answers', 'hops'], noNullPrototype: true },
  );
  const property = fc.asyncProperty(fc.array(seed, { minLength: 1 }), async (seeds) => {
    const folder = t.testdir({ 'seeds.jsonl': seeds.map(seedLine).join('') });
    t.strictSame((await readSeeds(join(folder, 'seeds.jsonl'), range)).seeds, seeds);
  });
  await fc.assert(property, { numRuns: 50 });
});
