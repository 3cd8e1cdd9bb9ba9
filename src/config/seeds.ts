import { z } from 'zod';

const share = z.number().min(0).max(1);

/** `ssp seeds`, and reading a plain list of answers: what the proposer starts from. */
export const seedsConfig = z
  .strictObject({
    count: z.int().min(1).max(1_000_000).default(50_000).describe('Answers, at most'),
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
    minChars: z.int().min(1).max(1000).default(2).describe('Characters of an answer, at least'),
    maxChars: z.int().min(1).max(1000).default(32).describe('Characters of an answer, at most'),
    minMentions: z
      .int()
      .min(0)
      .max(1_000_000)
      .default(1)
      .describe("Passages that contain the answer, its own page's left out"),
    aliases: z
      .boolean()
      .default(true)
      .describe("Redirects count as forms of a page's title")
      .meta({ off: 'Take titles alone, without redirects' }),
    anchors: z
      .boolean()
      .default(true)
      .describe('Texts of links count as names too')
      .meta({ off: 'Take no texts of links for names' }),
    minAnchorArticles: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(3)
      .describe('Articles that link with a text, at least, for it to be a name'),
    personShare: share.default(0.26).describe('People among the answers (.26 in the paper)'),
    dateShare: share.default(0.13).describe('Dates (.13 in the paper)'),
    placeShare: share.default(0.09).describe('Places (.09 in the paper)'),
    organizationShare: share.default(0.12).describe('Organizations (the paper gives none)'),
    workShare: share.default(0.14).describe('Works (none); what is left of 1 is other'),
    numberShare: share.default(0.1).describe('Numbers (none)'),
  })
  .refine(({ minHops, maxHops }) => minHops <= maxHops, {
    path: ['minHops'],
    message: 'must not be more than maxHops',
  })
  .refine(({ minChars, maxChars }) => minChars <= maxChars, {
    path: ['minChars'],
    message: 'must not be more than maxChars',
  })
  .refine((config) => namedShares(config) <= 1 + 1e-9, {
    path: ['personShare'],
    message: 'and the other shares must not be more than 1 together',
  });
export type SeedsConfig = z.output<typeof seedsConfig>;

type Shares = Record<
  `${'person' | 'date' | 'place' | 'organization' | 'work' | 'number'}Share`,
  number
>;

function namedShares(config: Shares): number {
  const { personShare, dateShare, placeShare, organizationShare, workShare, numberShare } = config;
  return personShare + dateShare + placeShare + organizationShare + workShare + numberShare;
}
