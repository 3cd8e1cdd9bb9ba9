import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { openCorpus } from '../../../corpus/corpus.ts';
import { importPassages } from '../../../corpus/import-passages.ts';
import type { SeedsConfig } from '../../../src/config/seeds.ts';
import { seedsConfig } from '../../../src/config/seeds.ts';
import { normalizeAnswer } from '../../../src/game/answer-score.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { SeedsRequest } from '../../../src/seeds/make-seeds.ts';
import { makeSeeds } from '../../../src/seeds/make-seeds.ts';
import { readSeeds } from '../../../src/seeds/read-seeds.ts';
import { hashFile } from '../../../src/storage/hash.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { importRequest } from '../../material/corpus/build-request.ts';
import { fictionalCorpus } from '../../material/seeds/fictional-corpus.ts';

function request(
  corpus: string,
  out: string,
  settings: Partial<SeedsConfig> = {},
  changes: Partial<SeedsRequest> = {},
): SeedsRequest {
  return {
    ...{ corpus, out, force: false, config: seedsConfig.parse(settings), exclude: [] },
    ...{ signal: new AbortController().signal, progress: silentProgress, ...changes },
  };
}

/** A corpus of passages with these titles and texts. */
async function corpusOf(
  folder: string,
  pages: readonly (readonly [string, string])[],
): Promise<string> {
  const path = join(folder, 'passages.jsonl');
  const lines = pages.map(([title, text], id) => JSON.stringify({ id, title, text }));
  writeFileSync(path, lines.join('\n'));
  await importPassages(importRequest([path], join(folder, 'corpus'), { force: true }));
  return join(folder, 'corpus');
}

test('by hand: what can be asked for, what names two pages, what nobody mentions', async (t) => {
  const folder = t.testdir();
  const corpus = await corpusOf(folder, [
    ['Ann Lee', 'Ann Lee (born 4 May 1901) is a painter. She lives in Oxbow.'],
    ['Oxbow', 'Oxbow is a town. The painter Ann Lee lives there. It has 4,200 inhabitants.'],
    ['Oxbow', 'Later Ann Lee and Ann Lee met on May 4, 1901.'],
    ['Dune (novel)', 'Dune is a novel that Ann Lee liked.'],
    ['Dune (film)', 'Dune is a film. It was shown in Oxbow.'],
    ['Hermit', 'Hermit is a song about a hermit.'],
    ['List of towns in Oxbow', 'Oxbow Hill'],
    ['1984', 'A year, the year 1984.'],
    ['A name that is longer than allowed', 'Ann Lee.'],
  ]);
  const summary = await makeSeeds(request(corpus, join(folder, 's.jsonl'), { maxChars: 20 }));
  const { seeds, hash } = await readSeeds(join(folder, 's.jsonl'), summary.options);
  t.strictSame(seeds.map(({ answers, topic }) => `${topic ?? ''}: ${answers.join(' = ')}`).sort(), [
    'date: 1984',
    'date: 4 May 1901 = May 4, 1901',
    'number: 4,200',
    'person: Ann Lee',
    'place: Oxbow',
  ]);
  // Both Dunes are one ambiguous answer; only its own page speaks of a hermit.
  t.strictSame(summary.candidates, {
    ...{ found: 7, ambiguous: 1, unmentioned: 1, excluded: 0, left: 0 },
  });
  t.equal(summary.hash, hash);
  t.equal(summary.length.mean, (4 + 10 + 5 + 7 + 5) / 5);
  const often = request(corpus, join(folder, 'often.jsonl'), { minMentions: 4 });
  await makeSeeds(often);
  const frequent = await readSeeds(often.out, often.config);
  t.strictSame(
    frequent.seeds.map(({ answers }) => answers[0]),
    ['Ann Lee'],
  );
});

test('a fictional encyclopedia: answers that the world confirms, mentions by brute force', async (t) => {
  const folder = t.testdir();
  const { world, corpus } = await fictionalCorpus(folder, { seed: 3, entities: 400 });
  const out = join(folder, 'seeds.jsonl');
  const summary = await makeSeeds(
    request(corpus, out, {
      count: 100,
      minHops: 1,
      maxHops: 3,
      workShare: 0.12,
      numberShare: 0.28,
    }),
  );
  const { seeds } = await readSeeds(out, summary.options);
  t.equal(seeds.length, 100);
  t.match(summary.topics, {
    person: { count: 26, wanted: 0.26 },
    date: { count: 13 },
    place: { count: 9 },
    organization: { count: 12 },
    work: { count: 12 },
    number: { count: 28 },
    other: { count: 0, wanted: 0 },
  });
  const keys = seeds.flatMap(({ answers }) => answers.map(normalizeAnswer));
  t.equal(new Set(keys).size, keys.length);
  const names = new Map(
    Array.from({ length: world.entities }, (_, entity) => [world.nameOf(entity), entity]),
  );
  const texts: { title: string; text: string }[] = [];
  for await (const { title, text, flag } of (await openCorpus(corpus)).passages()) {
    if (flag === undefined) texts.push({ title, text: ` ${normalizeAnswer(text)} ` });
  }
  for (const { answers, topic, hops } of seeds) {
    t.ok(hops >= 1 && hops <= 3);
    if (topic === 'date' || topic === 'number') continue;
    const entity = names.get(answers[0] ?? '') ?? -1;
    t.strictSame(answers, world.namesOf(entity));
    const mentions = texts.filter(
      ({ title, text }) =>
        title !== world.titleOf(entity) &&
        answers.some((answer) => text.includes(` ${normalizeAnswer(answer)} `)),
    );
    t.ok(mentions.length > 0, `${answers[0] ?? ''} is mentioned`);
  }
});

test('the same seed gives the same bytes, another one others; evaluated answers are left out', async (t) => {
  const folder = t.testdir();
  const { corpus } = await fictionalCorpus(folder, { seed: 3, entities: 400 });
  const make = async (
    name: string,
    settings: Partial<SeedsConfig>,
    changes = {},
  ): Promise<string> => {
    const out = join(folder, name);
    await makeSeeds(request(corpus, out, { count: 60, ...settings }, changes));
    return hashFile(out);
  };
  const first = await make('a.jsonl', {});
  t.equal(await make('b.jsonl', {}), first);
  t.not(await make('c.jsonl', { seed: 2 }), first);
  const { seeds } = await readSeeds(join(folder, 'a.jsonl'), seedsConfig.parse({}));
  const question = {
    id: 'q',
    question: 'which?',
    goldAnswers: [`The ${seeds[0]?.answers[0] ?? ''}!`],
  };
  const exclude = [{ name: 'held-out', questions: [question] }];
  await make('d.jsonl', {}, { exclude });
  const others = await readSeeds(join(folder, 'd.jsonl'), seedsConfig.parse({}));
  t.notOk(others.seeds.some(({ answers }) => answers[0] === seeds[0]?.answers[0]));
  const summary: unknown = JSON.parse(readFileSync(join(folder, 'd.summary.json'), 'utf8'));
  t.match(summary, { candidates: { excluded: 1 }, excludedBySet: { 'held-out': 1 }, count: 60 });
});

test('a stop leaves nothing; a file that is there stays; an empty corpus is an error', async (t) => {
  const folder = t.testdir({ 'there.jsonl': 'x' });
  const corpus = await corpusOf(folder, [['A', 'Nothing here.']]);
  const stopped = request(corpus, join(folder, 's.jsonl'), {}, { signal: AbortSignal.abort() });
  await t.rejects(makeSeeds(stopped), { name: 'AbortError' });
  t.notOk(existsSync(stopped.out));
  const there = request(corpus, join(folder, 'there.jsonl'));
  await t.rejects(makeSeeds(there), { code: 'SSP_OUTPUT_EXISTS' });
  t.equal(readFileSync(there.out, 'utf8'), 'x');
  await t.rejects(makeSeeds(request(corpus, stopped.out)), { code: 'SSP_INPUT_EMPTY' });
  await t.rejects(makeSeeds(request(join(folder, 'none'), stopped.out)), {
    code: 'SSP_FILE_NOT_FOUND',
  });
});

test('ssp seeds: makes, says what it could not meet, checks a file', async (t) => {
  const folder = t.testdir({
    'held.jsonl': '{"id":"1","question":"who?","golden_answers":["Oxbow","x"]}',
  });
  const corpus = await corpusOf(folder, [
    ['Ann Lee', 'Ann Lee is a painter. She lives in Oxbow.'],
    ['Oxbow', 'Oxbow is a town. The painter Ann Lee lives there.'],
  ]);
  const out = join(folder, 'seeds.jsonl');
  const made = await ssp(['seeds', '--corpus', corpus, '--out', out, '--max-hops', '2']);
  t.equal(made.exitCode, 0, made.stderr);
  t.match(
    made.stdout,
    /2 seeds \(50000 wanted\)[^]*person +1 .*50\.0 % of +26\.0 % wanted[^]*mean length 6\.0/,
  );
  t.match(
    made.stdout,
    /answers from title 2\n +further forms from none\n +no link anchors: this corpus/,
  );
  const held = join(folder, 'held.jsonl');
  const check = await ssp(['seeds', '--check', out, '--exclude', held, '--json']);
  t.strictSame(JSON.parse(check.stdout), { seeds: 2, evaluated: 1, bySet: { held: 1 } });
  const clean = await ssp([
    'seeds',
    '--corpus',
    corpus,
    '--out',
    out,
    '--force',
    '--exclude',
    held,
  ]);
  t.match(clean.stdout, /1 seeds[^]*dropped by set: held 1/);
  const wrong = await ssp(['seeds', '--out', out]);
  t.equal(wrong.exitCode, 2);
  t.match(wrong.stderr, /--corpus and --out, or --check/);
});
