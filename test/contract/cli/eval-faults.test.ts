import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import type { EvaluationScores } from '../../../src/types/evaluation.ts';
import type { Saying, StandInChatServer } from '../../material/judge/stand-in-chat-server.ts';
import { standInChatServer } from '../../material/judge/stand-in-chat-server.ts';
import { evaluated, searchService, setOf } from './evaluated.ts';

interface Fixture {
  readonly model: StandInChatServer;
  readonly out: string;
  readonly run: (...more: string[]) => Promise<EvaluationScores>;
}

/** Twelve questions, asked one after the other. */
async function fixture(t: Test, say: (call: number, turn: number) => Saying): Promise<Fixture> {
  const dir = t.testdir({ 'set.jsonl': setOf('a', 12) });
  const out = join(dir, 'out');
  const model = await standInChatServer(t, ({ body }, call) =>
    say(call, body.messages.length >> 1),
  );
  const args = [
    ...['--set', `towns=${join(dir, 'set.jsonl')}`, '--out', out],
    ...['--api-url', model.url, '--api-model', 'reader'],
    ...['--max-concurrent', '1', '--max-failed-share', '0.1'],
  ];
  return { model, out, run: (...more) => evaluated(...args, ...more) };
}

test('a model that dies in the middle stops it; back again, only the rest is asked', async (t) => {
  let isDead = false;
  const { model, run } = await fixture(t, (call) => {
    if (call === 5) isDead = true;
    return isDead || call === 9 ? { status: 400, body: 'no memory' } : '<answer>1284';
  });
  const search = ['--search-url', (await searchService(t)).url];
  await t.rejects(run(...search), {
    code: 'SSP_EVALUATION_FAILURES',
    message: /^2 of 12 questions failed.*no memory/,
  });
  t.equal(model.calls.length, 7);
  isDead = false;
  const scores = await run(...search);
  t.match(scores, { sets: [{ failed: 1, exactMatch: { value: 1, questions: 11 } }] }, '1 of 12');
  t.equal(model.calls.length, 7 + (12 - 5));
  t.match(await run(...search), { sets: [{ failed: 0, exactMatch: { value: 1, questions: 12 } }] });
  t.equal(model.calls.length, 7 + (12 - 5) + 1, 'and the one that failed once more');
});

test('a judge that dies in the middle stops it; no answer was called wrong for it', async (t) => {
  const { model, run } = await fixture(t, () => '<answer>the year 1284');
  let isDead = false;
  const judge = await standInChatServer(t, (_, call) => {
    if (call === 4) isDead = true;
    return isDead ? null : '<verdict>correct</verdict>';
  });
  const players = [
    ...['--search-url', (await searchService(t)).url],
    ...['--judge-url', judge.url, '--judge-model', 'stern', '--judge-attempts', '1'],
  ];
  await t.rejects(run(...players), { code: 'SSP_EVALUATION_FAILURES', message: /^2 of 12/ });
  isDead = false;
  t.match(await run(...players), {
    sets: [{ judgeFailed: 0, exactMatch: { value: 0 }, judge: { value: 1, questions: 12 } }],
  });
  t.equal(model.calls.length, 6 + (12 - 4));
});

test('a search service that dies may come back at another address', async (t) => {
  const first = await searchService(t);
  const second = await searchService(t);
  const { run } = await fixture(t, async (call, turn) => {
    if (turn === 1) return '<answer>1284';
    if (call === 8) await first.stop();
    return `<search>Velmora ${call}`; // an equal query would be answered from the cache
  });
  const asking = run('--search-url', first.url, '--max-failed-share', '0');
  await t.rejects(asking, { code: 'SSP_EVALUATION_FAILURES', message: /SSP_SERVICE_UNREACHABLE/ });
  t.match(await run('--search-url', second.url), { sets: [{ failed: 0, searches: 1 }] });
});

test('half a line of a killed evaluation is left out, and nothing is written after it', async (t) => {
  const { model, out, run } = await fixture(t, (call) =>
    call < 3 || call >= 8 ? '<answer>1284' : { status: 400, body: '' },
  );
  const search = ['--search-url', (await searchService(t)).url];
  await t.rejects(run(...search), { code: 'SSP_EVALUATION_FAILURES' });
  const partial = join(out, 'partial.jsonl');
  const text = await readFile(partial, 'utf8');
  const lines = text.split('\n');
  t.equal(lines.length, 3 + 2 + 1, 'three answers, two failures');
  await writeFile(partial, text.slice(0, text.indexOf(lines[2] ?? '') + 50));
  await t.rejects(run(...search), { code: 'SSP_EVALUATION_FAILURES' });
  t.equal(model.calls.length, 5 + 2);
  const scores = await run(...search);
  t.match(scores, { sets: [{ failed: 1, exactMatch: { value: 1, questions: 11 } }] });
  t.equal(model.calls.length, 5 + 2 + 10, 'two answers were whole');
});
