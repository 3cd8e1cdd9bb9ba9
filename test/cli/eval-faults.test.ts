import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Test } from 'tap';
import { test } from 'tap';

import type { EvaluationScores } from '../../src/types/evaluation.ts';
import type { Saying, StandInChatServer } from '../judge/stand-in-chat-server.ts';
import { standInChatServer } from '../judge/stand-in-chat-server.ts';
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
    return isDead ? { status: 400, body: 'no memory' } : '<answer>1284';
  });
  const search = ['--search-url', (await searchService(t)).url];
  await t.rejects(run(...search), {
    code: 'SSP_EVALUATION_FAILURES',
    message: /^2 of 12 questions failed.*no memory/,
  });
  t.equal(model.calls.length, 7);
  isDead = false;
  t.match(await run(...search), { sets: [{ failed: 0, exactMatch: { value: 1, questions: 12 } }] });
  t.equal(model.calls.length, 7 + (12 - 5));
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

test('half a line of a killed evaluation is left out', async (t) => {
  const { model, out, run } = await fixture(t, (call) =>
    call < 3 ? '<answer>1284' : { status: 400, body: '' },
  );
  const search = ['--search-url', (await searchService(t)).url];
  await t.rejects(run(...search), { code: 'SSP_EVALUATION_FAILURES' });
  const partial = join(out, 'partial.jsonl');
  const text = await readFile(partial, 'utf8');
  const lines = text.split('\n');
  t.equal(lines.length, 3 + 2 + 1, 'three answers, two failures');
  await writeFile(partial, text.slice(0, text.indexOf(lines[2] ?? '') + 50));
  const before = model.calls.length;
  const scores = await run(...search, '--max-failed-share', '1');
  t.equal(model.calls.length - before, 10, 'two answers were whole');
  t.match(scores, { sets: [{ failed: 10, exactMatch: { value: 1, questions: 2 } }] });
});
