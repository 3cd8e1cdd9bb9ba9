import type { Algorithm, TrainingConfig } from '../config/training.ts';
import { drGrpoAdvantages } from '../objective/dr-grpo.ts';
import { grpoAdvantages } from '../objective/grpo.ts';
import type { ReinforceBaseline } from '../objective/reinforce.ts';
import { reinforceAdvantages } from '../objective/reinforce.ts';
import { reinforcePlusPlusAdvantages } from '../objective/reinforce-plus-plus.ts';
import { rlooAdvantages } from '../objective/rloo.ts';
import type { QuestionRecord, Reward } from '../types/question-record.ts';
import type { Random } from '../types/random.ts';

/**
 * The advantages of P groups of rewards, of the same shape. REINFORCE compares over the whole batch,
 * the others within a group.
 */
export function groupAdvantages(
  rewards_P_G: readonly (readonly number[])[],
  algorithm: Algorithm,
  baseline: ReinforceBaseline,
): number[][] {
  switch (algorithm) {
    case 'grpo':
      return rewards_P_G.map(grpoAdvantages);
    case 'dr-grpo':
      return rewards_P_G.map(drGrpoAdvantages);
    case 'rloo':
      return rewards_P_G.map(rlooAdvantages);
    case 'reinforce-plus-plus':
      return reinforcePlusPlusAdvantages(rewards_P_G);
    case 'reinforce': {
      const advantages = reinforceAdvantages(rewards_P_G.flat(), baseline);
      let next = 0;
      return rewards_P_G.map((group) => advantages.slice(next, (next += group.length)));
    }
  }
}

/**
 * The records with the advantages of the roles that learn. What has no reward is left out of its
 * group and gets none. The solver's group is the attempts at one question, the proposer's the
 * proposals for one seed, which stand side by side. `random` deals out the proposer's rewards where they
 * are shuffled; the records keep those that were earned.
 */
export function withAdvantages(
  records: readonly QuestionRecord[],
  training: TrainingConfig,
  random: Random,
): QuestionRecord[] {
  const { learners, shuffleProposerRewards } = training;
  const solved = learners === 'proposer' ? [...records] : withSolverAdvantages(records, training);
  if (learners === 'solver') return solved;
  const rewards = proposerRewards(solved);
  const paid = shuffleProposerRewards ? shuffledRewards(rewards, random) : rewards;
  return withProposerAdvantages(solved, paid, training);
}

/** The rewards of the proposals by the index of their record. */
type RewardsByIndex = ReadonlyMap<number, Reward | undefined>;

function proposerRewards(records: readonly QuestionRecord[]): RewardsByIndex {
  return new Map(
    records.flatMap(({ index, proposal }) =>
      proposal === undefined ? [] : [[index, proposal.reward] as const],
    ),
  );
}

/** The same rewards in other places; what has none stays without. */
function shuffledRewards(rewards: RewardsByIndex, random: Random): RewardsByIndex {
  const given = [...rewards].filter(([, reward]) => reward?.kind === 'reward');
  const dealt = random.shuffled(given.map(([, reward]) => reward));
  return new Map([...rewards, ...given.map(([index], i) => [index, dealt[i]] as const)]);
}

function withSolverAdvantages(
  records: readonly QuestionRecord[],
  { solverAlgorithm, reinforceBaseline }: TrainingConfig,
): QuestionRecord[] {
  const rewards_P = records.map(({ attempts }) => attempts.map(({ reward }) => reward));
  const advantages_P = advantagesOf(rewards_P, solverAlgorithm, reinforceBaseline);
  return records.map((record, p) => ({
    ...record,
    attempts: record.attempts.map((attempt, g) => withAdvantage(attempt, advantages_P[p]?.[g])),
  }));
}

function withProposerAdvantages(
  records: readonly QuestionRecord[],
  rewards: RewardsByIndex,
  { proposerAlgorithm, reinforceBaseline, proposals }: TrainingConfig,
): QuestionRecord[] {
  const groups = Map.groupBy(rewards.keys(), (index) => Math.floor(index / proposals));
  const rewards_P = [...groups.values()].map((group) => group.map((index) => rewards.get(index)));
  const advantages_P = advantagesOf(rewards_P, proposerAlgorithm, reinforceBaseline);
  const byIndex = new Map<number, number | undefined>(
    [...groups.values()].flatMap((group, p) =>
      group.map((index, g) => [index, advantages_P[p]?.[g]]),
    ),
  );
  return records.map((record) => {
    const { proposal, index } = record;
    if (proposal === undefined) return record;
    return { ...record, proposal: withAdvantage(proposal, byIndex.get(index)) };
  });
}

/** Advantages in the places of the rewards; undefined where there is none. */
function advantagesOf(
  rewards_P: readonly (readonly (Reward | undefined)[])[],
  algorithm: Algorithm,
  baseline: ReinforceBaseline,
): (number | undefined)[][] {
  const numbers_P = rewards_P.map((group) =>
    group.flatMap((reward) => (reward?.kind === 'reward' ? reward.reward : [])),
  );
  const advantages_P = groupAdvantages(numbers_P, algorithm, baseline);
  return rewards_P.map((group, p) => {
    const advantages = [...(advantages_P[p] ?? [])];
    return group.map((reward) => (reward?.kind === 'reward' ? advantages.shift() : undefined));
  });
}

function withAdvantage<Item extends object>(item: Item, advantage: number | undefined): Item {
  return advantage === undefined ? item : { ...item, advantage };
}
