import type { Test } from 'tap';
import { test } from 'tap';

import { startService } from '../../../services/search/service.ts';
import { ChatServer } from '../../../src/clients/chat-server.ts';
import { SearchClient } from '../../../src/clients/search-client.ts';
import { judgeConfig } from '../../../src/config/evaluation.ts';
import { gameConfig } from '../../../src/config/game.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import type { SspError } from '../../../src/errors/error.ts';
import type {
  EvaluationOptions,
  EvaluationPlayers,
} from '../../../src/evaluation/evaluate-questions.ts';
import { evaluateQuestions } from '../../../src/evaluation/evaluate-questions.ts';
import { openJudge } from '../../../src/judge/judge.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';
import { chatPlayer } from '../../../src/rollout/player.ts';
import { searcherOf } from '../../../src/rollout/searcher.ts';
import type { EvaluationQuestion } from '../../../src/types/evaluation.ts';
import type { Saying } from '../../material/judge/stand-in-chat-server.ts';
import { standInChatServer } from '../../material/judge/stand-in-chat-server.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';

const never = new AbortController().signal;
const {
  format,
  limits: { solver: limits },
} = gameOptions(gameConfig.parse({}));
const options: EvaluationOptions = {
  ...{ format, limits, seed: 1, maxConcurrent: 4, maxFailedShare: 0 },
};
const retries = { attempts: 1, firstWaitMs: 1, longestWaitMs: 1, timeoutMs: 60_000 };

/** Asks for `answer`, whose question is its id. */
function asked(id: string, goldAnswers: readonly string[], hops?: number): EvaluationQuestion {
  return { id, question: `Question ${id}?`, goldAnswers, ...(hops === undefined ? {} : { hops }) };
}

interface Setting {
  /** What the model says of a question in its first turn, and in all later ones. */
  readonly say: (id: string, turn: number) => Saying;
  readonly judge?: (content: string) => Saying;
  readonly failures?: SspError[];
}

/** A model and a judge as stand-ins over HTTP, the real search service over a few passages. */
async function playersOf(
  t: Test,
  { say, judge, failures = [] }: Setting,
): Promise<EvaluationPlayers & { stopSearch: () => Promise<void> }> {
  const model = await standInChatServer(t, ({ body: { messages } }) => {
    const id = /Question: Question (\w+)\?/.exec(messages[0]?.content ?? '')?.[1] ?? '';
    return say(id, messages.length >> 1);
  });
  const once = { maxInFlight: 8, attempts: 1, timeoutMs: 60_000 };
  const judging = await standInChatServer(t, ({ body }) =>
    (judge ?? (() => null))(body.messages[0]?.content ?? ''),
  );
  const config = judgeConfig.parse({ url: judging.url, model: 'stern', attempts: 1 });
  const service = await startService({
    config: serviceConfig.parse({ port: 0, selfTestPassages: 0 }),
    open: () => Promise.resolve(standInIndex()),
    progress: silentProgress,
  });
  await service.ready;
  t.teardown(() => service.stop());
  return {
    solver: chatPlayer(new ChatServer({ url: model.url, model: 'any', ...once }), {
      ...{ maxTurnTokens: 100, temperature: 0 },
    }),
    searcher: searcherOf(new SearchClient({ url: service.url, retries }), 2),
    judge: judge && openJudge(config, undefined, (error) => failures.push(error)),
    stopSearch: () => service.stop(),
  };
}

test('answers are scored by exact match and F1, the last one of a chain of searches', async (t) => {
  const answers: Record<string, readonly string[]> = {
    a: ['<search>Velmora founded', '<answer>The year 1284.</answer>'],
    b: ['<answer>Felda Sarn</answer>'],
    c: ['<search>one', '<search>two', '<answer>harbour town</answer>'],
    d: ['I do not know'],
  };
  const players = await playersOf(t, { say: (id, turn) => answers[id]?.[turn] ?? '' });
  const heard: [string, number][] = [];
  const onRecord: EvaluationOptions['onRecord'] = ({ id }, index) => heard.push([id, index]);
  const { records, scores } = await evaluateQuestions(
    [
      asked('a', ['1284', 'year 1284'], 2),
      asked('b', ['Sarn', 'F. Sarn'], 1),
      asked('c', ['a town'], 2),
      asked('d', ['x']),
    ],
    players,
    { ...options, onRecord },
    never,
  );
  t.match(records, [
    { id: 'a', score: { exactMatch: true, f1: 1 }, hops: 2 },
    { id: 'b', score: { exactMatch: false, f1: 2 / 3 } },
    { id: 'c', score: { exactMatch: false, f1: 2 / 3 } },
    { id: 'd', score: { exactMatch: false, f1: 0 }, episode: { outcome: { kind: 'no-answer' } } },
  ]);
  t.same(scores, {
    questions: 4,
    exactMatch: 0.25,
    f1: (1 + 2 / 3 + 2 / 3) / 4,
    exactMatchByHops: { 1: 0, 2: 0.5 },
    outcomes: { '': '0', '1': '0', '2': '10' },
    searches: 0.75,
    failed: 0,
  });
  t.same(
    heard.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ],
  );
  t.notOk(
    records.some((record) => 'verdict' in record),
    'nobody judged',
  );
  const [first] = records[0]?.episode.steps.filter((step) => step.kind === 'result') ?? [];
  t.match(first, { query: 'Velmora founded', passages: [{ title: 'Velmora' }] });
});

test('the judge is asked where exact match does not settle it, and no verdict is no mistake', async (t) => {
  const failures: SspError[] = [];
  const judged: string[] = [];
  const players = await playersOf(t, {
    failures,
    say: (id) => (id === 'silent' ? 'hm' : `<answer>${id}</answer>`),
    judge: (content) => {
      const id = /Candidate's answer: (\w+)/.exec(content)?.[1] ?? '';
      judged.push(id);
      if (id === 'right') return '<verdict>correct</verdict>';
      if (id === 'wrong') return '<verdict>incorrect</verdict>';
      return id === 'garbage' ? 'Incorrect.' : { status: 500, body: 'dead' };
    },
  });
  const ids = ['exact', 'right', 'wrong', 'silent', 'garbage', 'outage'];
  const { records, scores } = await evaluateQuestions(
    ids.map((id) => asked(id, [id === 'exact' ? id : 'gold'])),
    players,
    { ...options, maxFailedShare: 0.5 },
    never,
  );
  t.same(
    records.map(({ verdict }) => verdict),
    ['correct', 'correct', 'incorrect', 'incorrect', 'failed', 'failed'],
  );
  t.same(judged.toSorted(), ['garbage', 'outage', 'right', 'wrong']);
  t.same(failures.map(({ code }) => code).toSorted(), [
    'SSP_CHAT_SERVER_REFUSED',
    'SSP_JUDGE_UNCLEAR',
  ]);
  t.match(scores, { failed: 0, exactMatch: 1 / 6, judge: 2 / 4, judgeFailed: 2 });
  const questions = ['garbage', 'exact'].map((id) => asked(id, ['exact']));
  await t.rejects(evaluateQuestions(questions, players, options, never), {
    code: 'SSP_EVALUATION_FAILURES',
    message: /1 of 2 questions failed.*the judge gave no verdict/,
  });
  const validating = { ...options, needsVerdicts: false };
  const validated = await evaluateQuestions(questions, players, validating, never);
  t.match(validated.scores, { exactMatch: 1 / 2, judge: 1, judgeFailed: 1, failed: 0 });
});

test('failed questions are left out; past the allowed share the evaluation stops', async (t) => {
  const say = (id: string): Saying =>
    id.startsWith('bad') ? { status: 400, body: 'too long' } : `<answer>${id}</answer>`;
  const players = await playersOf(t, { say });
  const questions = ['d', 'bad1', 'b', 'bad2', 'c'].map((id) => asked(id, [id]));
  const told: string[] = [];
  const run = (more: Partial<EvaluationOptions>) =>
    evaluateQuestions(questions, players, { ...options, maxConcurrent: 1, ...more }, never);
  const { records, scores } = await run({
    maxFailedShare: 0.4,
    onFailure: (failure, { code }) => told.push(`${failure} ${code}`),
  });
  t.match(scores, { questions: 5, failed: 2, exactMatch: 1, f1: 1, outcomes: { '': /^[1-]{5}$/ } });
  t.same(records[1]?.episode.outcome, { kind: 'failed', failure: 'policy' });
  t.equal(records[1]?.score, undefined);
  t.same(told, ['policy SSP_CHAT_SERVER_REFUSED', 'policy SSP_CHAT_SERVER_REFUSED']);
  const heard: string[] = [];
  await t.rejects(run({ maxFailedShare: 0.3, onRecord: ({ id }) => heard.push(id) }), {
    code: 'SSP_EVALUATION_FAILURES',
    message: /2 of 5 questions failed.*SSP_CHAT_SERVER_REFUSED.*too long/,
  });
  t.same(heard, ['d', 'bad1', 'b', 'bad2'], 'nothing was begun after it');
  await t.resolves(run({ maxFailedShare: 0.3, answeredBefore: 3 }), '2 of 8');
});

test('a search service that dies is a failure of the search', async (t) => {
  const players = await playersOf(t, {
    say: async (_, turn) => {
      if (turn === 0) return '<search>Velmora';
      await players.stopSearch();
      return '<search>Ostrel';
    },
  });
  const questions = [asked('a', ['x'])];
  const { records } = await evaluateQuestions(
    questions,
    players,
    { ...options, maxFailedShare: 1 },
    never,
  );
  t.match(records, [{ episode: { outcome: { kind: 'failed', failure: 'search' } } }]);
  await t.rejects(evaluateQuestions(questions, players, options, never), {
    code: 'SSP_EVALUATION_FAILURES',
    message: /SSP_SERVICE_UNREACHABLE/,
  });
});

test('an abort is thrown; no questions give no scores', async (t) => {
  const stopping = new AbortController();
  const players = await playersOf(t, {
    say: () => {
      stopping.abort(new Error('enough'));
      return new Promise<string>(() => undefined);
    },
  });
  const asking = evaluateQuestions([asked('a', ['x'])], players, options, stopping.signal);
  await t.rejects(asking, { message: 'enough' });
  const { records, scores } = await evaluateQuestions([], players, options, never);
  t.same(records, []);
  t.match(scores, { questions: 0, exactMatch: null, f1: null, searches: null, failed: 0 });
});
