import { defineErrors } from './entry.ts';

/** Seeds of self-play: the answers that the proposer starts from. */
export const seedsErrors = defineErrors({
  SSP_SEEDS_INVALID: {
    message: 'Line {line} of {path} is no seed: {problem}',
    remedy:
      'Give JSON lines with ground_truth (a text or a list) and search_turns, or a plain list with one answer a line. See docs/seeds.md.',
    status: 400,
    exitCode: 2,
  },
});
