import { z } from 'zod';

const algorithms = ['grpo', 'dr-grpo', 'rloo', 'reinforce', 'reinforce-plus-plus'] as const;

/**
 * `ssp train`: the self-play loop. Defaults are the SSP paper's (arXiv 2510.18821) where it gives
 * one.
 */
export const trainingConfig = z.strictObject({
  steps: z.int().min(1).max(1_000_000).default(150).describe('Steps of self-play in all'),
  seed: z
    .int()
    .min(0)
    .max(0xffffffff)
    .default(1)
    .describe('Decides the order of the answers and every sampled token'),
  seeds: z
    .string()
    .min(1)
    .optional()
    .describe('File of answers that questions are asked for, made by `ssp seeds`'),
  questions: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Files of question sets to train the solver on, instead of seeds: nothing is proposed or verified',
    ),
  batchQuestions: z
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe('Answers of a step, and places for valid questions; or given questions of a step'),
  miniBatchQuestions: z
    .int()
    .min(1)
    .max(100_000)
    .default(128)
    .describe('Questions of one optimizer step: a step has batchQuestions by this of them'),
  proposerMiniBatchQuestions: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("The proposer's own where updates are separate (default: the same)"),
  miniBatchesOf: z
    .enum(['rollouts', 'questions'])
    .default('rollouts')
    .describe(
      'Mini-batches are equal parts of the rollouts, or so many questions each with all rollouts of theirs, reused ones after the others and the last one smaller',
    ),
  proposals: z
    .int()
    .min(1)
    .max(1024)
    .default(1)
    .describe("Proposals for one answer, which are the proposer's group; GRPO needs 2 or more"),
  learners: z
    .enum(['both', 'solver', 'proposer'])
    .default('both')
    .describe('Who learns; the other one is frozen'),
  frozenPlayer: z
    .enum(['weights', 'server'])
    .default('weights')
    .describe('Who plays the frozen role: weights of the policy service, or the section player'),
  frozenCheckpoint: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Checkpoint of the policy service that the frozen role plays with, instead of the first weights',
    ),
  updates: z
    .enum(['combined', 'separate'])
    .default('combined')
    .describe(
      "One update over both roles' rollouts, or the proposer's first and then the solver's, scored by the new weights",
    ),
  solverAlgorithm: z.enum(algorithms).default('grpo').describe("The solver's advantages"),
  proposerAlgorithm: z.enum(algorithms).default('reinforce').describe("The proposer's advantages"),
  reinforceBaseline: z
    .enum(['none', 'batch-mean', 'batch-mean-std'])
    .default('batch-mean-std')
    .describe('What REINFORCE takes from a reward; none: a group of one trains by its raw reward'),
  shuffleProposerRewards: z
    .boolean()
    .default(false)
    .describe(
      "A control: the proposals of a step learn from each other's rewards, dealt out by chance",
    ),
  lr: z.number().min(0).max(10).default(1e-6).describe('Learning rate of AdamW'),
  warmupSteps: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(5)
    .describe('Steps, or updates, over which the learning rate rises to its value'),
  warmupOf: z
    .enum(['steps', 'updates'])
    .default('steps')
    .describe(
      "Steps: the first has one part of lr. Updates: one after each role's update, from 0, as in the released code",
    ),
  weightDecay: z.number().min(0).max(10).default(0.01).describe('Of AdamW'),
  beta1: z.number().min(0).max(0.9999).default(0.9).describe('Of AdamW'),
  beta2: z.number().min(0).max(0.999999).default(0.999).describe('Of AdamW'),
  maxGradNorm: z
    .number()
    .min(1e-6)
    .max(1e9)
    .default(1)
    .describe('A longer gradient is scaled down to this norm'),
  clipLow: z.number().min(0).max(1).default(0.2).describe('The ratio is clipped below 1 - this'),
  clipHigh: z.number().min(0).max(100).default(0.285).describe('And above 1 + this'),
  dualClip: z
    .number()
    .min(1)
    .max(1000)
    .optional()
    .describe('Bound of the ratio for negative advantages, 3 in the released code (default: none)'),
  maxLogRatio: z
    .number()
    .min(0.1)
    .max(700)
    .default(20)
    .describe('Log-ratios to the sampling and to the reference weights count up to this, in nats'),
  klCoefficient: z
    .number()
    .min(0)
    .max(1000)
    .default(0.01)
    .describe('Weight of the k3 KL to the reference policy in the loss; 0 leaves it out'),
  klMaxDivergence: z
    .number()
    .min(1e-3)
    .max(1e300)
    .default(10)
    .describe('k3 at one token counts up to this, past which it has no gradient; in nats'),
  proposerLossWeight: z
    .number()
    .min(0)
    .max(1000)
    .default(1)
    .describe("Factor of the proposer's loss; .4 in the released code, by its denominator"),
  aggregation: z
    .enum(['token-mean', 'sequence-mean', 'token-sum'])
    .default('token-mean')
    .describe("How tokens' losses become the loss of a mini-batch"),
  overlongFilter: z
    .boolean()
    .default(false)
    .describe(
      'Leave rollouts that a limit of length cut out of the loss; their rewards still count',
    ),
  oldLogProbs: z
    .enum(['trainer', 'sampler'])
    .default('trainer')
    .describe('Whose log-probs of the sampled tokens the ratio is taken to'),
  verifierTemperature: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe('Temperature of the reader in verification; 0 is greedy'),
  maxConcurrent: z
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe('Episodes that are played at once'),
  patienceSeconds: z
    .number()
    .min(1)
    .max(604_800)
    .default(300)
    .describe('Silence of a service after which it is given up, with what was waited for'),
  maxFailedShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.05)
    .describe("The run stops when services fail in more than this share of a step's episodes"),
  validationSet: z
    .string()
    .min(1)
    .optional()
    .describe('Questions with answers to validate on, JSON lines; none are used for training'),
  furtherValidationSets: z
    .array(z.string().min(1))
    .default([])
    .describe('Files of further sets; each is shown under the name of its file'),
  bestBy: z
    .enum(['exactMatch', 'f1', 'judge'])
    .default('exactMatch')
    .describe('Measure on validationSet by which the best checkpoint is kept'),
  validationQuestions: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(500)
    .describe('So many of each set, drawn once with the seed'),
  validationSteps: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(5)
    .describe('A validation every so many steps, before the first and after the last; 0 never'),
  checkpointSteps: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .describe('A checkpoint every so many steps: what came after it is lost in a crash'),
  keepCheckpoints: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(3)
    .describe('The newest so many checkpoints stay, and the best by validation'),
  facts: z
    .string()
    .min(1)
    .optional()
    .describe('facts.jsonl of a fictional world: shows the truth of questions, rewards nothing'),
  index: z
    .string()
    .min(1)
    .optional()
    .describe('Index folder to serve while training, where no searchUrl is given'),
  searchUrl: z.url().optional().describe('A running search service'),
  policyUrl: z
    .url()
    .optional()
    .describe('A running policy service; without one, one is started with the section policy'),
});
export type TrainingConfig = z.output<typeof trainingConfig>;
export type Algorithm = (typeof algorithms)[number];

const limit = z.number().optional();
const rule = (what: string) =>
  z
    .strictObject({
      min: limit.describe('Alarm below this'),
      max: limit.describe('Alarm above this'),
      /** Steps in a row before the action. */
      patience: z.int().min(1).max(1000).default(3),
      action: z.enum(['warn', 'stop', 'rollback']).default('warn'),
    })
    .describe(what);

/**
 * The collapse watch: limits on measures of a step. A measure past its limit for `patience` steps in
 * a row warns, stops the run, or goes back to the last checkpoint from before.
 */
export const watchConfig = z.strictObject({
  validRate: rule('Share of valid questions').prefault({ min: 0.02 }),
  optimizerSteps: rule('Optimizer steps of a step').prefault({ min: 1 }),
  entropy: rule('Entropy in nats a token').prefault({ min: 0.005 }),
  referenceKl: rule('k3 KL to the reference policy, nats a token').prefault({ max: 1 }),
  gradientNorm: rule('Norm of the gradient before clipping').prefault({ max: 1000 }),
  solverSearches: rule('Searches of an attempt').prefault({ min: 0.1 }),
  solverReward: rule("Mean reward of the solver's attempts").prefault({}),
  proposerResponseTokens: rule("Tokens of a proposer's response").prefault({}),
  solverResponseTokens: rule("Tokens of a solver's response").prefault({}),
  noAnswerShare: rule("Share of the solver's attempts without an answer").prefault({ max: 0.5 }),
  failedShare: rule('Share of episodes that a service failed').prefault({ max: 0.02, patience: 1 }),
  samplerGap: rule('Mean difference of log-probs between sampler and trainer').prefault({
    max: 0.05,
  }),
  maxRollbacks: z.int().min(0).max(1000).default(3).describe('More of them stop the run'),
  rollbackLrFactor: z
    .number()
    .min(0.01)
    .max(1)
    .default(0.5)
    .describe('The learning rate is multiplied by this at each rollback'),
});
export type WatchConfig = z.output<typeof watchConfig>;
