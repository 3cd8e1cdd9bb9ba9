import { z } from 'zod';

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
