import { test } from 'tap';

import { stepLine, stepMetrics } from '../../../src/training/step-metrics.ts';
import type { EpisodeRecord, Outcome } from '../../../src/types/episode.ts';
import type { Attempt, QuestionRecord, Reward } from '../../../src/types/question-record.ts';
import type { StepTimings } from '../../../src/types/step-metrics.ts';
import { stepMetricsSchema } from '../../../src/types/step-metrics.ts';

const paid = (reward: number): Reward => ({ kind: 'reward', reward });

/** A search and the last turn: 2 turns, 1 search, 3 sampled tokens and 4 of a result. */
function episode(outcome: Outcome): EpisodeRecord {
  const turn = { kind: 'sampled', logProbs: [], text: '' } as const;
  const steps: EpisodeRecord['steps'] = [
    { ...turn, tokens: [1, 2], action: { kind: 'search', query: 'q' } },
    { kind: 'result', query: 'q', passages: [], tokens: [3, 4, 5, 6] },
    { ...turn, tokens: [7], action: { kind: 'answer', text: 'x' } },
  ];
  return { role: 'solver', prompt: [0], steps, outcome };
}

const said = episode({ kind: 'answered', text: 'x' });
/** Broken off after its first turn. */
const broken = { ...episode({ kind: 'failed', failure: 'search' }), steps: said.steps.slice(0, 1) };
const attempt = (reward: number): Attempt => ({ episode: said, reward: paid(reward) });
const lost: Attempt = { episode: broken, reward: { kind: 'left-out', cause: 'search' } };
const unjudged: Attempt = {
  ...{ episode: said, judged: 'failed', reward: { kind: 'left-out', cause: 'judge' } },
};

/** Of the step, in order: two played, one rejected, two failed, three reused. */
const records: QuestionRecord[] = [
  {
    ...proposal({ kind: 'valid' }, paid(0.5), 'fresh', [attempt(1), attempt(0)]),
    ...{ question: 'who is that man', truth: 'true', seed: seed(1, 'person') },
  },
  {
    ...proposal({ kind: 'valid' }, paid(0), 'fresh', [attempt(1), lost]),
    ...{ question: 'what is that place over there', truth: 'unreadable', seed: seed(3, 'place') },
  },
  {
    ...proposal({ kind: 'rejected', by: 'filter', reason: 'too-few-words' }, paid(-0.2)),
    ...{ question: 'who then', seed: seed(2, 'person') },
  },
  proposal({ kind: 'failed', failure: 'judge' }, { kind: 'left-out', cause: 'judge' }),
  proposal({ kind: 'failed', failure: 'search' }, { kind: 'left-out', cause: 'search' }),
  { ...place('reused', [attempt(0), attempt(0)]), question: 'again' },
  { ...place('reused', [unjudged, unjudged]), question: 'again' },
  { ...place('reused', []), question: 'again' },
].map((record, index) => ({ ...record, index }));

function seed(hops: number, topic: 'person' | 'place') {
  return { answers: ['x'], hops, topic };
}

function place(where: QuestionRecord['place'], attempts: readonly Attempt[]) {
  return { ...{ step: 1, index: 0, answers: ['x'], place: where }, attempts };
}

function proposal(
  verdict: NonNullable<QuestionRecord['proposal']>['verdict'],
  reward: Reward,
  where: QuestionRecord['place'] = 'none',
  attempts: readonly Attempt[] = [],
) {
  const isLost = verdict.kind === 'failed' && verdict.failure === 'search';
  const made = { episode: isLost ? broken : said, verdict, reward };
  return { ...place(where, attempts), proposal: made };
}

test('the metrics of a step, by hand', (t) => {
  const beside = { step: 3, dummies: 1, poolQuestions: 8, updates: {}, validation: null };
  const { proposer, verifier, batch, poolQuestions, solver, truth } = stepMetrics(records, {
    ...beside,
    isProposed: true,
  });
  const means = { turns: 2, searches: 1, responseTokens: 7, sampledTokens: 3 };
  t.same(proposer, {
    ...means,
    episodes: 5,
    outcomes: { answered: 4, 'no-answer': 0, 'turn-limit': 0, 'length-limit': 0, failed: 1 },
    failures: { policy: 0, search: 1, judge: 1 },
    valid: 2,
    validRate: 2 / 3,
    rejected: { 'too-few-words': 1 },
    reward: (0.5 + 0 - 0.2) / 3,
    difficulty: 1 - (0.5 + 1) / 2,
    hops: 2,
    questionWords: (4 + 6 + 2) / 3,
    topics: { person: 2, place: 1 },
    byDepth: { '1': { proposals: 3, valid: 2, true: 1, success: (0.5 + 1) / 2, reward: 0.3 / 3 } },
  });
  t.equal(verifier, null);
  t.same([batch, poolQuestions], [{ fresh: 2, reused: 3, dummy: 1 }, 8]);
  t.same(solver, {
    ...means,
    episodes: 8,
    outcomes: { answered: 7, 'no-answer': 0, 'turn-limit': 0, 'length-limit': 0, failed: 1 },
    failures: { policy: 0, search: 1, judge: 2 },
    reward: (1 + 0 + 1 + 0 + 0) / 5,
    groups: 3,
    mixedGroups: 1,
  });
  t.same(truth, { true: 1, false: 0, unreadable: 1 });
  t.end();
});

test('proposals are told apart by their searches', (t) => {
  const deep = { ...said, steps: [...said.steps.slice(0, 2), ...said.steps] };
  const [first] = records;
  const proposal = { episode: deep, verdict: { kind: 'valid' }, reward: paid(1) } as const;
  const unplaced = { ...place('none', []), index: 9, question: 'how so', proposal };
  const beside = { step: 3, dummies: 0, poolQuestions: 0, updates: {}, validation: null };
  const metrics = stepMetrics([...(first ? [first] : []), unplaced], {
    ...beside,
    isProposed: true,
  });
  t.same(metrics.proposer?.byDepth, {
    '1': { proposals: 1, valid: 1, true: 1, success: 0.5, reward: 0.5 },
    '2': { proposals: 1, valid: 1, success: null, reward: 1 },
  });
  const line = stepLine({ ...metrics, watch: [] }, { total: 3 } as StepTimings['seconds'], 5);
  t.match(line, 'valid 100%, depth 1.5, true 50%');
  t.end();
});

test('without records there is nothing to take a mean of', (t) => {
  const beside = { step: 0, dummies: 0, poolQuestions: 0, updates: {}, validation: null };
  const { proposer, solver, truth } = stepMetrics([], { ...beside, isProposed: true });
  const none = { validRate: null, reward: null, difficulty: null, turns: null, episodes: 0 };
  t.match(proposer, none);
  t.same(proposer?.byDepth, {});
  t.same([solver.reward, truth, solver.groups], [null, null, 0]);
  t.end();
});

test('a step on given questions has no facts of a proposer', (t) => {
  const beside = { step: 3, dummies: 0, poolQuestions: 0, updates: {}, validation: null };
  const given = [place('given', [attempt(0), attempt(1)]), place('given', [attempt(1), unjudged])];
  const metrics = stepMetrics(given, { ...beside, isProposed: false });
  t.equal(metrics.proposer, null);
  t.same(metrics.batch, { fresh: 0, reused: 0, dummy: 0, given: 2 });
  t.match(metrics.solver, { reward: 2 / 3, groups: 2, mixedGroups: 1 });
  t.equal(metrics.truth, null);
  t.ok(stepMetricsSchema.safeParse({ ...metrics, watch: [] }).success);
  t.equal(
    stepLine({ ...metrics, watch: [] }, { total: 3 } as StepTimings['seconds'], 5),
    'step 3/5: questions 2, solver 67%, searches 1.0, 3.0 s, ETA 6s',
  );
  const before = stepMetrics([], { ...beside, step: 0, isProposed: false });
  t.equal(before.proposer, null, 'before the first step neither');
  t.end();
});
