import { successRate } from '../game/rewards.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { DepthFacts } from '../types/step-metrics.ts';
import { meanOf } from './means.ts';

/** What came of one proposal. */
export interface ProposalFacts {
  readonly searches: number;
  readonly isValid: boolean;
  /** Of a valid one, where the world's facts are known. */
  readonly truth: QuestionRecord['truth'];
  /** Of a valid one that was played, 0..1. */
  readonly success: number | undefined;
  readonly reward: number | undefined;
}

/** Undefined for a record without a proposal, and for one that a service failed. */
export function proposalFacts({
  proposal,
  truth,
  attempts,
}: QuestionRecord): ProposalFacts | undefined {
  if (proposal === undefined || proposal.verdict.kind === 'failed') return undefined;
  const isValid = proposal.verdict.kind === 'valid';
  const { reward } = proposal;
  return {
    searches: searchesOf(proposal.episode),
    isValid,
    truth: isValid ? truth : undefined,
    success: isValid ? successRate(attempts.map((attempt) => attempt.reward)) : undefined,
    reward: reward?.kind === 'reward' ? reward.reward : undefined,
  };
}

function searchesOf({ steps }: EpisodeRecord): number {
  return steps.filter(({ kind }) => kind === 'result').length;
}

/** The proposals by number of searches, as a string, the fewest first; empty for none. */
export function factsByDepth(
  proposals: readonly ProposalFacts[],
): Readonly<Record<string, DepthFacts>> {
  const depths = [...Map.groupBy(proposals, ({ searches }) => searches)];
  const sorted = depths.sort(([a], [b]) => a - b);
  return Object.fromEntries(sorted.map(([depth, own]) => [String(depth), depthFacts(own)]));
}

function depthFacts(proposals: readonly ProposalFacts[]): DepthFacts {
  const truths = proposals.flatMap(({ truth }) => truth ?? []);
  return {
    proposals: proposals.length,
    valid: proposals.filter(({ isValid }) => isValid).length,
    ...(truths.length > 0 && { true: truths.filter((truth) => truth === 'true').length }),
    success: meanOf(proposals.flatMap(({ success }) => success ?? [])),
    reward: meanOf(proposals.flatMap(({ reward }) => reward ?? [])),
  };
}

/** Mean searches of the valid questions; null where there are none. */
export function depthOfValid(depths: Readonly<Record<string, DepthFacts>>): number | null {
  const searches = Object.entries(depths).flatMap(([depth, { valid }]) =>
    Array.from({ length: valid }, () => Number(depth)),
  );
  return meanOf(searches);
}
