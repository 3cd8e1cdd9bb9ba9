import { z } from 'zod';

/** What an answer is about, as the SSP paper counts it. */
export const topics = [
  'person',
  'place',
  'date',
  'number',
  'organization',
  'work',
  'other',
] as const;
export type Topic = (typeof topics)[number];

/** What a proposer starts from: one ground truth and how many searches its question should need. */
export const seedSchema = z
  .strictObject({
    /** All forms of the one ground truth, none blank. */
    answers: z.array(z.string().regex(/\S/)).min(1).readonly(),
    hops: z.int().min(1).max(100),
    topic: z.enum(topics).optional(),
    /** Example questions that are shown to its proposer. */
    examples: z.string().regex(/\S/).optional(),
  })
  .readonly();
export type Seed = z.output<typeof seedSchema>;
