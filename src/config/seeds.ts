import { z } from 'zod';

/** `ssp seeds`, and reading a plain list of answers: what the proposer starts from. */
export const seedsConfig = z
  .strictObject({
    seed: z
      .int()
      .min(0)
      .max(0xffffffff)
      .default(1)
      .describe('Decides which answers are drawn and how many hops each gets'),
    minHops: z
      .int()
      .min(1)
      .max(100)
      .default(2)
      .describe('Fewest searches that a question should need (the rule filter asks for 2)'),
    maxHops: z.int().min(1).max(100).default(5).describe('Most searches (the paper gives none)'),
  })
  .refine(({ minHops, maxHops }) => minHops <= maxHops, {
    path: ['minHops'],
    message: 'must not be more than maxHops',
  });
export type SeedsConfig = z.output<typeof seedsConfig>;
