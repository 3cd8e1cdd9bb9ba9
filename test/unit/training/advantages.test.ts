import { test } from 'tap';

import { trainingConfig } from '../../../src/config/training.ts';
import { createRandom } from '../../../src/random/random.ts';
import { groupAdvantages, withAdvantages } from '../../../src/training/advantages.ts';
import { samplesOf } from '../../../src/training/samples.ts';
import type { EpisodeRecord } from '../../../src/types/episode.ts';
import type { QuestionRecord, Reward } from '../../../src/types/question-record.ts';

const episode: EpisodeRecord = {
  role: 'solver',
  prompt: [1, 2],
  steps: [
    {
      kind: 'sampled',
      tokens: [3, 4],
      logProbs: [-0.5, -1],
      text: 'x',
      action: { kind: 'none', reason: 'no-tag' },
    },
  ],
  outcome: { kind: 'no-answer', reason: 'no-tag' },
};
const paid = (reward: number): Reward => ({ kind: 'reward', reward });
const random = createRandom(1);
const leftOut: Reward = { kind: 'left-out', cause: 'search' };

function record(index: number, proposer: Reward | undefined, ...rewards: Reward[]): QuestionRecord {
  return {
    ...{ step: 1, index, question: 'who?', answers: ['a'], place: 'fresh' },
    proposal: { episode, verdict: { kind: 'valid' }, ...(proposer && { reward: proposer }) },
    attempts: rewards.map((reward) => ({ episode, reward })),
  };
}

test('REINFORCE compares over the batch, the others within the group', (t) => {
  const rewards = [[1, 0], [0]];
  t.same(groupAdvantages(rewards, 'reinforce', 'none'), rewards);
  const centered = groupAdvantages(rewards, 'reinforce', 'batch-mean').map((group) =>
    group.map((value) => Number(value.toFixed(4))),
  );
  t.same(centered, [[0.6667, -0.3333], [-0.3333]]);
  t.same(groupAdvantages(rewards, 'dr-grpo', 'none'), [[0.5, -0.5], [0]]);
  t.same(groupAdvantages(rewards, 'rloo', 'none'), [[1, -1], [0]], 'a group of one trains nothing');
  t.end();
});

test('what was left out is in no group and has no advantage', (t) => {
  const training = trainingConfig.parse({
    proposerAlgorithm: 'reinforce',
    reinforceBaseline: 'none',
  });
  const [one, two] = withAdvantages(
    [record(0, paid(0.5), paid(1), leftOut, paid(0)), record(1, leftOut, paid(1), paid(1))],
    training,
    random,
  );
  const [first, middle, last] = one?.attempts ?? [];
  t.equal(first?.advantage?.toFixed(3), '0.707');
  t.equal(middle?.advantage, undefined);
  t.equal(last?.advantage, -(first?.advantage ?? 0));
  t.equal(one?.proposal?.advantage, 0.5);
  t.equal(two?.proposal?.advantage, undefined);
  t.same(
    two?.attempts.map(({ advantage }) => advantage),
    [0, 0],
  );
  t.end();
});

test('the proposals for one seed are one group', (t) => {
  const training = trainingConfig.parse({ proposerAlgorithm: 'dr-grpo', proposals: 2 });
  const records = [1, 0, 0, 0].map((reward, index) => record(index, paid(reward)));
  const advantages = withAdvantages(records, training, random).map(
    ({ proposal }) => proposal?.advantage,
  );
  t.same(advantages, [0.5, -0.5, 0, 0]);
  t.end();
});

test('shuffled rewards are those of the step in other places, and the records keep their own', (t) => {
  const training = trainingConfig.parse({
    ...{ proposerAlgorithm: 'reinforce', reinforceBaseline: 'none', shuffleProposerRewards: true },
  });
  const given = Array.from({ length: 20 }, (_, index) =>
    record(index, index === 7 ? leftOut : paid(index)),
  );
  const records = withAdvantages(given, training, createRandom(1));
  const advantages = records.map(({ proposal }) => proposal?.advantage);
  const rewards = given.flatMap((_, index) => (index === 7 ? [] : index));
  t.not(advantages.join(), rewards.join());
  t.same(
    advantages.flatMap((value) => value ?? []).sort((a, b) => a - b),
    rewards,
  );
  t.equal(advantages[7], undefined);
  t.same(
    records.map(({ proposal }) => proposal?.reward),
    given.map(({ proposal }) => proposal?.reward),
  );
  t.end();
});

test('a frozen role has no advantages and no samples', (t) => {
  const records = [record(0, paid(1), paid(1), paid(0)), record(1, paid(0), paid(0), paid(1))];
  for (const [learners, roles] of [
    ['solver', ['solver']],
    ['proposer', ['proposer']],
    ['both', ['proposer', 'solver']],
  ] as const) {
    const training = trainingConfig.parse({ learners, klCoefficient: 0 });
    const samples = samplesOf(withAdvantages(records, training, random), training);
    t.same([...new Set(samples.map(({ role }) => role))], roles, 'the proposer’s first');
  }
  t.end();
});

test('a rollout that sampled nothing is no sample', (t) => {
  const silent: EpisodeRecord = { ...episode, steps: [], outcome: { kind: 'length-limit' } };
  const attempts = [
    { episode, reward: paid(1) },
    { episode: silent, reward: paid(0) },
  ];
  const training = trainingConfig.parse({ learners: 'solver' });
  const records = withAdvantages([{ ...record(0, undefined), attempts }], training, random);
  t.same(
    samplesOf(records, training).map(({ mask_T }) => mask_T),
    [[0, 0, 1, 1]],
  );
  t.end();
});

test('without KL an advantage of 0 is no sample; with KL it is', (t) => {
  const records = [record(0, undefined, paid(1), paid(1))];
  const count = (klCoefficient: number) => {
    const training = trainingConfig.parse({ klCoefficient, learners: 'solver' });
    return samplesOf(withAdvantages(records, training, random), training).length;
  };
  t.equal(count(0), 0);
  t.equal(count(0.01), 2);
  t.end();
});
