import type { TrainingConfig } from '../config/training.ts';
import { trainingSequence } from '../game/training-sequence.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { QuestionRecord } from '../types/question-record.ts';

/** One rollout to learn from. */
export interface Sample {
  readonly role: 'proposer' | 'solver';
  /** The record it belongs to; a mini-batch takes whole records. */
  readonly index: number;
  readonly tokens_T: readonly number[];
  readonly mask_T: readonly (0 | 1)[];
  /** By the sampler; NaN where a token was put in. */
  readonly sampledLogp_T: readonly number[];
  readonly advantage: number;
}

/**
 * The rollouts of the step that have an advantage and sampled tokens: the proposer's, then the
 * solver's, each by record. Without a KL term an advantage of 0 has no gradient: such rollouts are left
 * out, and are not scored. With `overlongFilter` (Yu et al. 2025, arXiv 2503.14476, section 3.4) so are
 * those that a limit of length cut: their end is not the model's.
 */
export function samplesOf(
  records: readonly QuestionRecord[],
  { klCoefficient, overlongFilter }: Pick<TrainingConfig, 'klCoefficient' | 'overlongFilter'>,
): Sample[] {
  const samples = records.flatMap(({ index, proposal, attempts }) => {
    const rollouts = [
      ...(proposal === undefined ? [] : [{ ...proposal, role: 'proposer' as const }]),
      ...attempts.map((attempt) => ({ ...attempt, role: 'solver' as const })),
    ];
    return rollouts.flatMap(({ role, episode, advantage }): Sample[] => {
      if (advantage === undefined || !hasSampled(episode)) return [];
      if (advantage === 0 && klCoefficient === 0) return [];
      if (overlongFilter && episode.outcome.kind === 'length-limit') return [];
      const { tokens_T, mask_T, logProbs_T: sampledLogp_T } = trainingSequence(episode);
      return [{ role, index, tokens_T, mask_T, sampledLogp_T, advantage }];
    });
  });
  return (['proposer', 'solver'] as const).flatMap((role) =>
    samples.filter((sample) => sample.role === role),
  );
}

function hasSampled({ steps }: EpisodeRecord): boolean {
  return steps.some(({ kind, tokens }) => kind === 'sampled' && tokens.length > 0);
}
