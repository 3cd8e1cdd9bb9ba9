import { z } from 'zod';

/** The formats that ship. */
export const formatNames = [
  'ssp',
  'ssp-example',
  'ssp-short',
  'search-r1',
  'r-search',
  'zero-search',
  'tiny',
  'tiny-free',
] as const;

const turnTokens = z.int().min(1).max(10_000_000).optional();

/**
 * The game that trainer and evaluation play; defaults are the SSP paper's (arXiv 2510.18821) where
 * it gives one. `gameOptions` (src/rollout) makes the options of src/game from it.
 */
export const gameConfig = z.strictObject({
  format: z.enum(formatNames).default('ssp').describe('Tags, prompts and layout of results'),
  prompts: z
    .string()
    .min(1)
    .optional()
    .describe('A prompt file of your own in place of a format that ships (docs/prompts.md)'),
  maxTurns: z.int().min(1).max(1000).default(10).describe('Turns that the model may take'),
  maxSearches: z
    .int()
    .min(0)
    .max(1000)
    .default(10)
    .describe('Searches that are carried out in an episode'),
  topPassages: z.int().min(1).max(1000).default(3).describe('Passages that a search gives'),
  maxPromptTokens: z.int().min(1).max(10_000_000).default(4096).describe('Tokens of a prompt'),
  maxResponseTokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(8192)
    .describe('Tokens after the prompt, sampled ones and results together'),
  verifierMaxPromptTokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(28_672)
    .describe("Tokens of the verifier's prompt, which holds the material and its noise"),
  verifierMaxResponseTokens: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(4096)
    .describe("Tokens of the verifier's response; of a judge's where it reads"),
  maxTurnTokens: z
    .strictObject({ proposer: turnTokens, solver: turnTokens, verifier: turnTokens })
    .prefault({})
    .describe('Tokens of one turn by role; a longer one ends the episode (default: no limit)'),
  endSpoiledTurns: z
    .boolean()
    .default(true)
    .describe('End a turn at once where a tag follows itself or stands right inside another')
    .meta({ off: 'Let a turn go on where a tag follows itself or stands right inside another' }),
  maxQueryChars: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1000)
    .describe('Characters of a query; a turn with a longer one does nothing'),
  temperature: z
    .number()
    .min(0)
    .max(100)
    .default(1)
    .describe('Temperature of sampling in self-play; 0 is greedy'),
  proposerTemperature: z
    .number()
    .min(0)
    .max(100)
    .optional()
    .describe("The proposer's own, .8 to 1 in the released code (default: the same)"),
  attempts: z
    .int()
    .min(1)
    .max(1024)
    .default(5)
    .describe("The solver's attempts at a question, which are its group"),
  minQuestionChars: z.int().min(0).default(10).describe('Characters of a question, at least'),
  maxQuestionChars: z.int().min(1).default(1000).describe('Characters of a question, at most'),
  minQuestionWords: z.int().min(0).default(10).describe('Words of a question, at least'),
  minSearches: z.int().min(0).default(2).describe('Searches behind a question, at least'),
  rejectAnswerInQuery: z
    .boolean()
    .default(false)
    .describe('Reject a question whose proposer searched for the answer by name'),
  requireContentWord: z
    .boolean()
    .default(true)
    .describe('Reject a question without any content word of what its proposer found')
    .meta({ off: 'Accept a question without any content word of what its proposer found' }),
  verify: z
    .boolean()
    .default(true)
    .describe('Ask a question only if it is answered from its material')
    .meta({ off: 'Ask all questions, also those that are not answered from their material' }),
  reader: z
    .enum(['policy', 'judge', 'server'])
    .default('policy')
    .describe('Who answers from the material: the policy, the judge, or the section player'),
  noise: z.int().min(0).max(1000).default(4).describe('Units of noise mixed into the material'),
  noiseUnit: z
    .enum(['trajectory', 'passage'])
    .default('trajectory')
    .describe("One unit: all that another proposer's episode retrieved, or one passage"),
  containment: z
    .enum(['off', 'contains', 'either'])
    .default('off')
    .describe(
      'In verification an answer that contains the true one is right too; either: or is in it',
    ),
  proposerReward: z
    .enum(['1-acc', 'intermediate_difficulty', 'format_only'])
    .default('1-acc')
    .describe('What the proposer is paid for a valid question'),
  difficultyLeft: z
    .number()
    .min(-1)
    .max(1)
    .default(0)
    .describe('l of intermediate_difficulty, 4 (l + s)(r - s) for success s'),
  difficultyRight: z.number().min(0).max(2).default(1).describe('r of intermediate_difficulty'),
  formatPenalty: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe('Taken from the reward of an invalid question; 0.1 made training collapse'),
  fill: z
    .enum(['dummy', 'resample', 'reuse'])
    .default('reuse')
    .describe('What takes the place of invalid questions; reuse with a reset is best in the paper'),
  resampleRounds: z
    .int()
    .min(1)
    .max(100)
    .default(3)
    .describe('Rounds of resample, at most (the paper gives no number)'),
  reuseMaxSuccess: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('Earlier questions up to this success rate are reused first (none in the paper)'),
  reuseUnsolved: z
    .boolean()
    .default(true)
    .describe('Reuse questions that no attempt solved too, which are wrong more often')
    .meta({ off: 'Reuse no question that no attempt solved' }),
  reuseWithReplacement: z
    .boolean()
    .default(false)
    .describe('Draw for each place by itself, so that a question may take several'),
  reuseResetSteps: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(10)
    .describe('Steps after which earlier questions are forgotten; 0 keeps them'),
});
export type GameConfig = z.output<typeof gameConfig>;
