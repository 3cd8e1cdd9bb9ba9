import { z } from 'zod';

/** How articles are divided into passages. */
const division = {
  words: z.int().min(10).max(1000).default(100).describe('Words in a passage'),
  overlap: z.int().min(0).max(500).default(0).describe('Words that neighbouring passages share'),
  minWords: z
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe('A last block shorter than this many words joins the passage before it'),
};
const overlapIsLess = {
  check: ({ words, overlap }: { words: number; overlap: number }): boolean => overlap < words,
  issue: { path: ['overlap'], message: 'must be less than words' },
};

/** What holds for every way of making a corpus. */
const writing = {
  shardPassages: z.int().min(100).max(10_000_000).default(100_000).describe('Passages in a shard'),
  workers: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('Worker threads; 0 takes all cores. The result does not depend on it'),
};

/** `ssp corpus build`: what becomes a passage. */
export const corpusConfig = z
  .strictObject({
    ...division,
    namespaces: z
      .array(z.int())
      .min(1)
      .default([0])
      .describe('MediaWiki namespaces whose pages are read'),
    disambiguation: z
      .boolean()
      .default(true)
      .describe('Keep disambiguation pages')
      .meta({ off: 'Leave disambiguation pages out' }),
    lists: z
      .boolean()
      .default(true)
      .describe('Keep list pages')
      .meta({ off: 'Leave list pages out' }),
    infoboxes: z
      .boolean()
      .default(true)
      .describe('Write infobox values as text')
      .meta({ off: 'Drop infobox values' }),
    tables: z
      .boolean()
      .default(true)
      .describe('Write table cells as text')
      .meta({ off: 'Drop table cells' }),
    variant: z
      .string()
      .regex(/^[a-z]{2,3}(?:-[a-z]{2,8})?$/, 'must be the code of a variant, such as zh-tw')
      .optional()
      .describe(
        "Variant taken of what a wiki writes in several (`-{zh-cn:...; zh-tw:...}-`), such as zh-tw; by default the nearest to the site's language",
      ),
    ...writing,
    pageTimeoutMs: z
      .int()
      .min(100)
      .max(3_600_000)
      .default(60_000)
      .describe('A page that takes more processor time is recorded as failed'),
  })
  .refine(overlapIsLess.check, overlapIsLess.issue);
export type CorpusConfig = z.output<typeof corpusConfig>;

/** `ssp corpus import`: what becomes of the rows of files that exist. */
export const importConfig = z
  .strictObject({
    rows: z
      .enum(['auto', 'passages', 'articles'])
      .default('auto')
      .describe(
        'What a row is: passages stay one each, articles are divided; auto takes rows with an id and one text for passages',
      ),
    ...division,
    ...writing,
  })
  .refine(overlapIsLess.check, overlapIsLess.issue);
export type ImportConfig = z.output<typeof importConfig>;

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
    .describe('Hops may lead back ("Which novel did X write?")')
    .meta({ off: 'No hop leads back ("Which novel did X write?")' }),
});
