import { z } from 'zod';

/** `ssp corpus generate`: the fictional encyclopedia. */
export const generateConfig = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(0xffffffff)
    .default(1)
    .describe('Seed; the same one gives the same bytes'),
  entities: z
    .int()
    .min(2)
    .max(1_000_000)
    .default(2000)
    .describe('People, towns, companies and other things with a page'),
  questions: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(1500)
    .describe('Questions at most, in equal parts of 1, 2 and 3 hops'),
  inverse: z
    .boolean()
    .default(true)
    .describe('Hops may lead back ("Which novel did X write?"); --no-inverse leaves those out'),
});
