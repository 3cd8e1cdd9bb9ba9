import { test } from 'tap';

import { emptyPool } from '../../../src/game/replay-pool.ts';
import { GivenQuestions } from '../../../src/training/given-questions.ts';
import { playStep } from '../../../src/training/play-step.ts';
import { ProposedQuestions } from '../../../src/training/proposed-questions.ts';
import type { StepContext } from '../../../src/training/rollouts.ts';
import { stepMetrics } from '../../../src/training/step-metrics.ts';
import { StepTimer } from '../../../src/training/step-timer.ts';
import type { ReplayPool } from '../../../src/types/question-record.ts';
import type { Say, Script } from './scripted-rollouts.ts';
import { after, passageOf, scriptedStep, seedSource, unreachable } from './scripted-rollouts.ts';

/** Searches for its answer, then asks for it by its number. */
const asks: Say = (text, turn) => {
  const answer = after('propose 1:', text);
  if (turn === 0) return `<search>${answer}</search>`;
  return `<question>what has number ${answer.replace('answer ', '')}</question>`;
};
/** Answers `what has number N` as the proposer means it. */
const answers: Say = (text) => {
  const number = /what has number (\d+)/.exec(text)?.[1] ?? 'none';
  return `<answer>answer ${number}</answer>`;
};
/** Reads the answer from the material, if its text is there. */
const reads: Say = (text) => {
  const number = /what has number (\d+)/.exec(text)?.[1] ?? 'none';
  const isThere = text.includes(`Text about answer ${number}.`);
  return `<answer>${isThere ? `answer ${number}` : 'unknown'}</answer>`;
};
const fair: Script = { proposer: asks, solver: answers, verifier: reads };

function play(context: StepContext, pool: ReplayPool = emptyPool) {
  const source = seedSource();
  const questions = new ProposedQuestions({ take: source.take, drawn: 0 });
  const played = playStep(questions, pool, context, new StepTimer());
  return played.then((step) => ({ ...step, taken: source.taken() }));
}

test('valid questions are verified, played and rewarded', async (t) => {
  const { records, dummies, pool } = await play(scriptedStep(fair));
  t.equal(dummies, 0);
  t.same(
    records.map(({ question, place, proposal, attempts, verification }) => ({
      question,
      place,
      verdict: proposal?.verdict.kind,
      reward: proposal?.reward,
      rewards: attempts.map(({ reward }) => reward),
      material: verification?.passages.map(({ id }) => id).toSorted(),
      noise: verification?.noisePassages,
    })),
    [0, 1].map((n) => ({
      question: `what has number ${n}`,
      place: 'fresh',
      verdict: 'valid',
      reward: { kind: 'reward', reward: 0 },
      rewards: [1, 1].map((reward) => ({ kind: 'reward', reward })),
      material: ['id of answer 0', 'id of answer 1'],
      noise: 1,
    })),
  );
  t.same(
    pool.questions.map(({ question, successRate }) => [question, successRate]),
    [
      ['what has number 0', 1],
      ['what has number 1', 1],
    ],
  );
});

test('the search service is told the step and the role that searches', async (t) => {
  const told: unknown[] = [];
  const search: Script['search'] = (query, _signal, asker) => {
    told.push(asker);
    return Promise.resolve([passageOf(query)]);
  };
  const context = scriptedStep({ ...fair, search });
  await play(context);
  t.strictSame(new Set(told.map((asker) => JSON.stringify(asker))).size, 1);
  t.strictSame(told[0], { step: String(context.step), agent: 'proposer' });
});

test('a question that is not answered from its material pays nothing and is not played', async (t) => {
  const blind: Script = { ...fair, verifier: () => '<answer>unknown</answer>' };
  const { records, dummies } = await play(scriptedStep(blind, { fill: 'dummy' }));
  t.equal(dummies, 2);
  for (const { place, proposal, attempts } of records) {
    t.equal(place, 'none');
    t.same(proposal?.verdict, { kind: 'rejected', by: 'verification', reason: 'wrong-answer' });
    t.same(proposal?.reward, { kind: 'reward', reward: 0 });
    t.same(attempts, []);
  }
});

test('every form of a seed’s answer counts in the filter, in verification and for the reward', async (t) => {
  const seed = { answers: ['answer 0', 'Naught', 'zero'], hops: 1 };
  const says: Script = {
    proposer: asks,
    verifier: () => '<answer>the naught</answer>',
    solver: () => '<answer>Zero.</answer>',
  };
  const one = { batchQuestions: 1 };
  const seeds = () => new ProposedQuestions({ take: () => [seed], drawn: 0 });
  const { records, pool } = await playStep(
    seeds(),
    emptyPool,
    scriptedStep(says, {}, one),
    new StepTimer(),
  );
  t.match(records, [{ place: 'fresh', proposal: { verdict: { kind: 'valid' } } }]);
  const right = { kind: 'reward', reward: 1 };
  t.same(
    records[0]?.attempts.map(({ reward }) => reward),
    [right, right],
  );
  t.same(pool.questions[0]?.answers, seed.answers, 'a reused question keeps them');
  const named: Script = {
    ...says,
    proposer: (text, turn, chance) =>
      asks(text, turn, chance).replace('what has number', 'is it the NAUGHT of number'),
  };
  const rejected = await playStep(
    seeds(),
    emptyPool,
    scriptedStep(named, { fill: 'dummy' }, one),
    new StepTimer(),
  );
  t.match(rejected.records[0]?.proposal?.verdict, { reason: 'answer-in-question' });
});

test('containment accepts in verification only, without the judge, and is counted', async (t) => {
  const longer: Say = (text, turn, seed) => reads(text, turn, seed).replace('<answer>', '$&old ');
  const judge = {
    judgeAnswer: () => Promise.reject(new Error('asked in verification')),
    readAsJudge: () => Promise.resolve(undefined),
  };
  const verified = { ...fair, verifier: longer, judge };
  const { records } = await play(scriptedStep(verified, { containment: 'contains' }));
  t.match(
    records,
    [0, 1].map(() => ({ verification: { acceptedBy: 'containment' } })),
  );
  const facts = { step: 1, dummies: 0, poolQuestions: 0, updates: {}, validation: null };
  const beside = { ...facts, isProposed: true };
  t.match(stepMetrics(records, beside).proposer, { valid: 2, validByContainment: 2 });
  const script: Script = { ...fair, verifier: longer, solver: longer };
  const paid = await play(scriptedStep(script, { containment: 'contains' }));
  t.same(
    paid.records.flatMap(({ attempts }) => attempts.map(({ reward }) => reward)),
    Array.from({ length: 4 }, () => ({ kind: 'reward', reward: 0 })),
    'the solver is not paid for it',
  );
  const off = await play(scriptedStep(script, { fill: 'dummy' }));
  t.match(
    off.records,
    [0, 1].map(() => ({ proposal: { verdict: { reason: 'wrong-answer' } } })),
  );
  t.notOk('validByContainment' in (stepMetrics(off.records, beside).proposer ?? {}));
});

test('without verification every question that passes the filter is played', async (t) => {
  const blind: Script = { ...fair, verifier: () => '<answer>unknown</answer>' };
  const { records } = await play(scriptedStep(blind, { verify: false }));
  t.same(
    records.map(({ place, verification }) => [place, verification]),
    [
      ['fresh', undefined],
      ['fresh', undefined],
    ],
  );
});

test('the filter gives its reason, and the penalty is taken', async (t) => {
  const says: Say = (text, turn) =>
    turn === 0
      ? '<search>x</search>'
      : `<question>is it ${after('propose 1:', text)} or not</question>`;
  const game = { formatPenalty: 0.1, fill: 'dummy' } as const;
  const { records } = await play(scriptedStep({ ...fair, proposer: says }, game));
  for (const { proposal } of records) {
    t.same(proposal?.verdict, { kind: 'rejected', by: 'filter', reason: 'answer-in-question' });
    t.same(proposal?.reward, { kind: 'reward', reward: -0.1 });
  }
});

test('resample asks for further answers until the batch is full or the rounds are used up', async (t) => {
  const evenOnly: Say = (text, turn, seed) =>
    Number(after('propose 1: answer', text)) % 2 === 0 ? asks(text, turn, seed) : 'nothing';
  const script = { ...fair, proposer: evenOnly };
  const training = { batchQuestions: 4 };
  const full = await play(scriptedStep(script, { fill: 'resample', resampleRounds: 9 }, training));
  // 4 answers give 2 questions, 2 more give 1, 1 more (answer 6) gives 1.
  t.equal(full.taken, 7);
  t.equal(full.records.filter(({ place }) => place === 'fresh').length, 4);
  const short = await play(scriptedStep(script, { fill: 'resample', resampleRounds: 1 }, training));
  t.equal(short.taken, 6);
  t.equal(short.dummies, 1);
});

test('several proposals for one answer may give more than is missing: the surplus is not played', async (t) => {
  let episodes = 0;
  const fourthOn: Say = (text, turn, seed) => {
    if (turn === 0) episodes += 1;
    return turn === 0 && episodes < 4 ? 'nothing' : asks(text, turn, seed);
  };
  const training = { batchQuestions: 2, proposals: 2 };
  const script = { ...fair, proposer: fourthOn };
  const { records, taken } = await play(scriptedStep(script, { fill: 'resample' }, training));
  t.equal(taken, 4, '3 of 4 are missing: 2 answers more');
  t.same(
    records.map(({ index, place }) => [index, place]),
    ['none', 'none', 'none', ...Array<string>(4).fill('fresh'), 'none'].map((place, i) => [
      i,
      place,
    ]),
  );
  const surplus = records.at(-1);
  t.equal(surplus?.proposal?.verdict.kind, 'valid');
  t.equal(surplus?.proposal?.reward, undefined);
  t.same(surplus?.attempts, []);
});

test('every episode of a step has chances of its own', async (t) => {
  const seeds: number[] = [];
  const noted =
    (say: Say): Say =>
    (text, turn, seed) => {
      if (turn === 0) seeds.push(seed);
      return say(text, turn, seed);
    };
  const oddOnly: Say = (text, turn, seed) =>
    Number(after('propose 1: answer', text)) % 2 === 1 ? asks(text, turn, seed) : 'nothing';
  const script = { proposer: noted(oddOnly), solver: noted(answers), verifier: noted(reads) };
  const context = scriptedStep(script, { fill: 'resample' });
  const streams: string[] = [];
  const random: StepContext['random'] = (...path) => {
    streams.push(path.join('/'));
    return context.random(...path);
  };
  const { records } = await play({ ...context, random });
  t.equal(records.length, 4, 'three rounds: 2 answers, 1 more, 1 more');
  t.equal(seeds.length, 4 + 2 + 4);
  t.equal(new Set(seeds).size, seeds.length);
  t.equal(new Set(streams).size, streams.length, 'materials and places have theirs too');
});

test('every form of the answer counts, in the filter and for the solver', async (t) => {
  const forms = (n: number) => [{ answers: [`answer ${n}`, 'zero'], hops: 1 }];
  const source = new ProposedQuestions({ take: () => forms(0), drawn: 0 });
  const step = (say: Script) =>
    playStep(
      source,
      emptyPool,
      scriptedStep(say, { verify: false, fill: 'dummy' }),
      new StepTimer(),
    );
  const other: Say = () => '<answer>zero</answer>';
  const [played] = (await step({ ...fair, solver: other })).records;
  t.same(played?.proposal?.reward, { kind: 'reward', reward: 0 });
  const gives: Say = (text, turn, seed) =>
    turn === 0 ? asks(text, turn, seed) : '<question>is it zero or not</question>';
  const [told] = (await step({ ...fair, proposer: gives })).records;
  t.match(told?.proposal?.verdict, { kind: 'rejected', reason: 'answer-in-question' });
});

test('each question is read from its own material, noise from earlier rounds too', async (t) => {
  const own = await play(scriptedStep(fair, { noise: 0 }));
  t.same(
    own.records.map(({ place }) => place),
    ['fresh', 'fresh'],
  );
  const second: Say = (text, turn, seed) =>
    after('propose 1:', text) === 'answer 0' && turn > 0 ? 'nothing' : asks(text, turn, seed);
  const script = { ...fair, proposer: second };
  const { records } = await play(scriptedStep(script, { fill: 'resample' }, { batchQuestions: 1 }));
  t.same(
    records.map(({ verification }) => verification?.noisePassages),
    [undefined, 1],
  );
});

test('reuse fills with earlier questions, hard ones first, whose success is kept anew', async (t) => {
  const none: Script = { ...fair, proposer: () => 'nothing' };
  const earlier = (n: number, successRate: number) => ({
    question: `what has number ${n}`,
    answers: [`answer ${n}`],
    successRate,
  });
  const pool = { questions: [earlier(7, 0.9), earlier(8, 0.2), earlier(9, 0.4)] };
  const { records, pool: next } = await play(scriptedStep(none), pool);
  const reused = records.filter(({ place }) => place === 'reused');
  t.same(reused.map(({ question }) => question).toSorted(), [
    'what has number 8',
    'what has number 9',
  ]);
  t.ok(reused.every(({ proposal, attempts }) => proposal === undefined && attempts.length === 2));
  t.same(
    records.map(({ index }) => index),
    [0, 1, 2, 3],
  );
  t.same(Object.fromEntries(next.questions.map((q) => [q.question, q.successRate])), {
    'what has number 7': 0.9,
    'what has number 8': 1,
    'what has number 9': 1,
  });
  const reset = await play(scriptedStep(none, { reuseResetSteps: 3 }, {}, 3), pool);
  t.same(reset.pool.questions, [], 'emptied after every third step');
});

test('a failed search is no reward: it leaves the sample out', async (t) => {
  let searches = 0;
  const script: Script = {
    ...fair,
    search: (query) => {
      searches += 1;
      return searches === 1 ? Promise.reject(unreachable()) : Promise.resolve([passageOf(query)]);
    },
  };
  const context = scriptedStep(script);
  const { records } = await play(context);
  const failed = records.filter(({ proposal }) => proposal?.verdict.kind === 'failed');
  t.equal(failed.length, 1);
  t.same(failed[0]?.proposal?.reward, { kind: 'left-out', cause: 'search' });
  t.equal(context.rollouts.takeFailure()?.code, 'SSP_SERVICE_UNREACHABLE');
  t.equal(context.rollouts.takeFailure(), undefined, 'told once');
});

test('a judge that fails neither accepts a question nor pays anybody', async (t) => {
  const silent = {
    judgeAnswer: () => Promise.resolve('failed' as const),
    readAsJudge: () => Promise.resolve(undefined),
  };
  const wrong: Say = () => '<answer>something else</answer>';
  const asReader = await play(
    scriptedStep({ ...fair, judge: silent }, { reader: 'judge', fill: 'dummy' }),
  );
  for (const { proposal, place } of asReader.records) {
    t.equal(place, 'none');
    t.same(proposal?.reward, { kind: 'left-out', cause: 'judge' });
  }
  const asGrader = await play(scriptedStep({ ...fair, solver: wrong, judge: silent }));
  for (const { proposal, attempts } of asGrader.records) {
    t.same(
      attempts.map(({ reward }) => reward),
      [1, 2].map(() => ({ kind: 'left-out', cause: 'judge' })),
    );
    t.same(proposal?.reward, { kind: 'left-out', cause: 'no-attempts' });
  }
});

test('a judge accepts what exact match does not', async (t) => {
  const judge = {
    judgeAnswer: () => Promise.resolve('correct' as const),
    readAsJudge: () => Promise.resolve('<answer>the same in other words</answer>'),
  };
  const loose: Say = () => '<answer>the same in other words</answer>';
  const script = { ...fair, solver: loose, judge };
  const { records } = await play(scriptedStep(script, { reader: 'judge' }));
  for (const { verification, attempts, place } of records) {
    t.equal(place, 'fresh');
    t.equal(verification?.text, '<answer>the same in other words</answer>');
    t.ok(attempts.every(({ judged, reward }) => judged === 'correct' && reward.kind === 'reward'));
  }
});

test('no judge is asked where the match decides', async (t) => {
  const judge = {
    judgeAnswer: () => Promise.reject(new Error('asked')),
    readAsJudge: () => Promise.reject(new Error('asked')),
  };
  const { records } = await play(scriptedStep({ ...fair, judge }));
  t.ok(records.every(({ attempts }) => attempts.every(({ judged }) => judged === undefined)));
});

test('several proposals for one answer stand side by side and are all played', async (t) => {
  const { records, taken } = await play(scriptedStep(fair, {}, { proposals: 3 }));
  t.equal(taken, 2);
  t.same(
    records.map(({ seed, place }) => [seed?.answers[0], place]),
    [0, 0, 0, 1, 1, 1].map((n) => [`answer ${n}`, 'fresh']),
  );
});

test('given questions are solved as they are: nothing is proposed, verified or kept for reuse', async (t) => {
  const asked = [7, 8].map((n) => ({
    question: `what has number ${n}`,
    goldAnswers: ['no answer', `answer ${n}`],
  }));
  const silent: Say = (_, turn) => {
    t.fail(`the proposer or the verifier was asked for turn ${turn}`);
    return '';
  };
  const script: Script = { proposer: silent, solver: answers, verifier: silent };
  const source = new GivenQuestions({ take: (count) => asked.slice(0, count), drawn: 0 });
  const pool = { questions: [{ question: 'q', answers: ['a'], successRate: 0.1 }] };
  const played = await playStep(source, pool, scriptedStep(script), new StepTimer());
  t.same(
    played.records.map(({ step, index, question, place, proposal, attempts }) => [
      ...[step, index, question, place, proposal],
      attempts.map(({ reward }) => reward),
    ]),
    [7, 8].map((n, index) => [
      ...[1, index, `what has number ${n}`, 'given', undefined],
      [1, 1].map((reward) => ({ kind: 'reward', reward })),
    ]),
  );
  t.equal(played.dummies, 0);
  t.same(played.pool, pool);
});
