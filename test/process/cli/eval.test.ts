import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

import t, { test } from 'tap';

import type { EvaluationRecord, EvaluationScores } from '../../../src/types/evaluation.ts';
import { evaluationRecordSchema, evaluationScoresSchema } from '../../../src/types/evaluation.ts';
import { ssp } from '../../material/cli/ssp.ts';
import type { ChatCall } from '../../material/judge/stand-in-chat-server.ts';
import { standInChatServer } from '../../material/judge/stand-in-chat-server.ts';
import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { towns } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));
const folder = testFolder(t);
const index = await buildIndexOf(folder, towns);
const search = await serveIndex(index);
t.teardown(() => search.stop());

/** Question i of a set asks for the year 1284 or, each third time, for another one. */
function setOf(name: string, count: number): string {
  const questions = Array.from({ length: count }, (_, i) => ({
    id: `${name}${i}`,
    question: `When was Velmora founded (${name} ${i})?`,
    golden_answers: [i % 3 === 2 ? '1999' : '1284'],
    hops: (i % 2) + 1,
  }));
  return questions.map((question) => `${JSON.stringify(question)}\n`).join('');
}

/** Searches for the question, then answers with the first year of what came back. */
function reads({ body: { messages } }: ChatCall): string {
  if (messages.length === 1) return '<search>Velmora founded';
  return `<answer>${/\d{4}/.exec(messages.at(-1)?.content ?? '')?.[0] ?? 'unknown'}`;
}

interface Result {
  readonly scores: EvaluationScores;
  readonly episodes: Readonly<Record<string, readonly EvaluationRecord[]>>;
  /** Every file with its text. */
  readonly files: Readonly<Record<string, string>>;
}

async function resultIn(out: string): Promise<Result> {
  const names = (await readdir(out, { recursive: true })).filter((name) => name.includes('.'));
  const files = await Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(out, name));
      return [name, name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()];
    }),
  );
  const byName = Object.fromEntries(files) as Record<string, string>;
  const episodes = Object.entries(byName).flatMap(([name, lines]) => {
    const set = /^episodes\/(.+)\.jsonl\.gz$/.exec(name)?.[1];
    const records = lines.trim().split('\n');
    return set === undefined
      ? []
      : [[set, records.map((line) => evaluationRecordSchema.parse(JSON.parse(line)))]];
  });
  return {
    scores: evaluationScoresSchema.parse(JSON.parse(byName['scores.json'] ?? '')),
    episodes: Object.fromEntries(episodes) as Result['episodes'],
    files: byName,
  };
}

function argsOf(out: string, model: { url: string }, ...more: string[]): string[] {
  const api = ['--api-url', model.url, '--api-model', 'reader'];
  return ['eval', '--search-url', search.url, ...api, '--out', out, ...more];
}

test('a chat model on two sets: scores, table, episodes and everything they depend on', async (t) => {
  const dir = t.testdir({ qa: { 'one.jsonl': setOf('a', 30), 'two.jsonl': setOf('b', 4) } });
  const out = join(dir, 'out');
  const model = await standInChatServer(t, reads);
  const judge = await standInChatServer(t, () => '<verdict>correct</verdict>');
  const judging = ['--judge-url', judge.url, '--judge-model', 'stern'];
  const data = ['--data', join(dir, 'qa'), '--questions', '9', '--seed', '5'];
  const { exitCode, stdout, stderr } = await ssp(argsOf(out, model, ...data, ...judging), {
    SSP_API_TOKEN: 'api',
    SSP_JUDGE_TOKEN: 'judge',
  });
  t.equal(exitCode, 0, stderr);
  const { scores, episodes, files } = await resultIn(out);
  const right = (episodes['one'] ?? []).filter(({ goldAnswers }) => goldAnswers[0] === '1284');
  t.match(scores.sets, [
    {
      ...{ name: 'one', questions: 9, failed: 0, searches: 1, turns: 2 },
      exactMatch: { value: right.length / 9, questions: 9 },
      judge: { value: 1 },
      outcomes: { answered: 9 },
    },
    { name: 'two', questions: 4, exactMatch: { value: 0.75 }, f1: { value: 0.75 } },
  ]);
  t.same(Object.keys(scores.sets[0]?.exactMatchByHops ?? {}), ['1', '2']);
  t.match(scores.average.exactMatch, { value: (right.length / 9 + 0.75) / 2, questions: 13 });
  t.match(scores.setting, {
    model: { kind: 'chat-server', model: 'reader', url: model.url },
    search: { topPassages: 3, index: { defaultMode: 'bm25', manifestHash: /^[0-9a-f]{64}$/ } },
    game: { format: 'ssp', maxTurns: 10 },
    judge: { model: 'stern' },
    ...{ seed: 5, temperature: 0 },
    sets: [
      { name: 'one', questions: 30, asked: 9 },
      { name: 'two', questions: 4, asked: 4 },
    ],
  });
  t.equal(judge.calls.length, 9 - right.length + 1, 'asked where exact match failed');
  t.ok(model.calls.every(({ token }) => token === 'Bearer api'));
  t.ok(judge.calls.every(({ token }) => token === 'Bearer judge'));
  t.match(stdout, /\| one +\| +9 \| +0 \| +\d+\.\d \[\d+\.\d, \d+\.\d\] \|/);
  t.match(stdout, /\| average /);
  t.ok(files['scores.md']?.includes(String(scores.setting.search.index?.['manifestHash'])));
  t.match(stderr, /evaluate: 13 questions in/);
  t.notOk('partial.jsonl' in files);
});

test('an evaluation that is killed or stopped is taken up, and ends like an undisturbed one', async (t) => {
  const dir = t.testdir({ 'set.jsonl': setOf('a', 24) });
  const set = ['--set', `towns=${join(dir, 'set.jsonl')}`, '--max-concurrent', '2'];
  const answered: number[] = [];
  const model = await standInChatServer(t, async (call) => {
    await sleep(20);
    return reads(call);
  });
  const whole = await ssp(argsOf(join(dir, 'whole'), model, ...set));
  t.equal(whole.exitCode, 0, whole.stderr);
  answered.push(model.calls.length);

  const out = join(dir, 'broken');
  for (const [signal, calls] of [
    ['SIGKILL', 12],
    ['SIGINT', 14],
  ] as const) {
    const before = model.calls.length;
    const child = spawn(process.execPath, [entry, ...argsOf(out, model, ...set)]);
    const stderr = text(child.stderr);
    while (model.calls.length < before + calls) await sleep(5);
    child.kill(signal);
    await once(child, 'exit');
    answered.push(model.calls.length - before);
    if (signal === 'SIGINT') t.match(await stderr, /SSP_INTERRUPTED.*24 questions are answered/);
    t.notOk((await readdir(out)).includes('scores.json'));
  }
  const before = model.calls.length;
  const last = await ssp(argsOf(out, model, ...set));
  t.equal(last.exitCode, 0, last.stderr);
  t.match(last.stderr, /\d+ of 24 questions are answered already/);
  answered.push(model.calls.length - before);
  const [all = 0, first = 0, second = 0, third = 0] = answered;
  t.equal(all, 48);
  t.ok(
    first + second + third <= all + 4 * 2,
    `kept answers are not asked again: ${answered.join()}`,
  );
  t.same((await resultIn(out)).files, (await resultIn(join(dir, 'whole'))).files);

  const again = model.calls.length;
  t.equal((await ssp(argsOf(out, model, ...set))).exitCode, 0);
  t.equal(model.calls.length, again, 'a finished one is only shown');
});
