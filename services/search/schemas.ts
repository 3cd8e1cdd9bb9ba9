import { z } from 'zod';

import type { ServiceConfig } from '../../src/config/service.ts';
import { maxTopK, searchModes } from '../../src/types/retriever.ts';
import { searchReplySchema } from '../../src/types/search-service.ts';

/** What the service calls itself. */
export const serviceName = 'ssp search service';

/** FlashRAG's servers give ten documents where a request names no number. */
const flashRagTopN = 10;
const maxAddresses = 100;

/** The bodies that requests carry, with the limits of `config`. */
export type RequestSchemas = ReturnType<typeof requestSchemas>;
/** The body of a search for agents, with its defaults. */
export type SearchBody = z.output<RequestSchemas['search']>;

/** One source for validation and for the OpenAPI document. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- zod infers the types
export function requestSchemas(config: ServiceConfig) {
  const query = z
    .string()
    .describe(`What is looked for, cut after ${config.maxQueryChars} characters; none has no hits`);
  const fields: QueryFields = {
    query,
    queries: z.array(query).max(config.maxQueries),
    topK: z.int().min(1).max(maxTopK),
  };
  return { ...trainerSchemas(config, fields), ...agentSchemas(config, fields) };
}

/** What all shapes share. */
interface QueryFields {
  readonly query: z.ZodString;
  readonly queries: z.ZodArray<z.ZodString>;
  readonly topK: z.ZodInt;
}

function trainerSchemas(config: ServiceConfig, { query, queries, topK }: QueryFields) {
  const flashRag = {
    top_n: topK.default(flashRagTopN).describe('Hits per query'),
    return_score: z.boolean().default(false).describe('true: a pair of documents and scores'),
  };
  return {
    retrieve: z
      .strictObject({
        queries: queries.optional().describe('The queries (Search-R1, veRL)'),
        query: query.optional().describe('One query (SkyRL), instead of `queries`'),
        topk: topK.nullish().describe(`Hits per query; null or absent: ${config.topK}`),
        top_k: topK.optional().describe('The same from rLLM, with the reply that it reads'),
        return_scores: z
          .boolean()
          .nullish()
          .describe('true: `{document, score}`; else the documents themselves'),
      })
      .refine(...exactlyOneQueryField)
      .refine(({ topk, top_k }) => typeof topk !== 'number' || top_k === undefined, {
        message: 'give `topk` or `top_k`, not both',
      }),
    flashRagSearch: z.strictObject({ query, ...flashRag }),
    flashRagBatch: z
      .strictObject({
        query: queries.optional().describe('The queries'),
        queries: queries.optional().describe('The same by another name'),
        ...flashRag,
      })
      .refine(...exactlyOneQueryField),
    access: z.strictObject({
      urls: z.array(z.string()).max(maxAddresses).describe('Values of `url` in documents'),
    }),
  };
}

function agentSchemas(config: ServiceConfig, { query, queries, topK }: QueryFields) {
  const mode = z.enum(searchModes);
  const maxChars = z.int().min(20).max(1_000_000);
  return {
    search: z
      .strictObject({
        query: query.optional().describe('One query'),
        queries: queries.optional().describe('Several queries, instead of `query`'),
        topK: topK.default(config.topK).describe('Hits per query'),
        mode: mode.optional().describe('How to search; absent: the default mode of the service'),
        maxChars: maxChars
          .optional()
          .describe('Longest `text` of a hit; longer ones are cut at a sentence or word'),
        allowDegraded: z
          .boolean()
          .default(false)
          .describe('Answer by bm25, and say so, where the mode fails'),
      })
      .refine(...exactlyOneQueryField),
    passage: z.strictObject({ id: z.string().describe('Passage id, as hits have it') }),
    page: z.strictObject({
      title: z.string().describe('Exact title of the page, or of a redirect to it'),
      maxChars: maxChars.optional().describe('Characters of text in one part'),
      cursor: z.string().optional().describe('Of the part before; absent for the first part'),
    }),
    explain: z.strictObject({
      query,
      id: z.string().describe('Passage id, as hits have it'),
      mode: mode.optional().describe('Whose score; absent: the default mode of the service'),
    }),
  };
}

const exactlyOneQueryField: [
  (body: { query?: unknown; queries?: unknown }) => boolean,
  { message: string; path: string[] },
] = [
  ({ query, queries }) => (query === undefined) !== (queries === undefined),
  { message: 'give exactly one of `query` and `queries`', path: [] },
];

const documentSchema = z.strictObject({
  id: z.string(),
  contents: z.string().describe('`"Title"`, a newline, the text'),
  title: z.string(),
  text: z.string(),
  url: z
    .string()
    .describe("The page's address; where the corpus has none, its path on this service"),
});
export type RetrievedDocument = z.infer<typeof documentSchema>;

const states = z.enum(['loading', 'ready', 'failed', 'stopping']);

const plainDocument = z.strictObject({
  id: z.string(),
  contents: z.string().describe('`"Title"`, a newline, the text'),
});
export type PlainDocument = z.infer<typeof plainDocument>;
const documents = z.array(plainDocument).describe('Best first');
const scores = z.array(z.number());
const foundDocument = z.union([
  z.strictObject({ document: documentSchema, score: z.number() }),
  documentSchema,
]);

/** The bodies of replies. */
export const replySchemas = {
  retrieve: z.union([
    z.strictObject({
      result: z.array(z.array(foundDocument)).describe('One list per query, best first'),
    }),
    z.strictObject({
      results: z.array(foundDocument).describe('With `query` and `top_k`: its list'),
    }),
  ]),
  flashRagSearch: z.union([documents, z.tuple([documents, scores])]),
  flashRagBatch: z.union([z.array(documents), z.tuple([z.array(documents), z.array(scores)])]),
  access: z.strictObject({
    result: z
      .array(
        z.strictObject({ url: z.string(), title: z.string(), contents: z.string() }).nullable(),
      )
      .describe('The page of each address; null where there is none'),
  }),
  search: searchReplySchema,
  health: z.strictObject({ status: z.literal('ok'), version: z.string() }),
  about: z.strictObject({
    service: z.literal(serviceName),
    version: z.string(),
    status: states,
    access: z.string().describe('What a request needs to be answered'),
    routes: z.record(z.string(), z.string()).describe('`GET /path` and what it is for'),
    example: z.string().describe('A first request, as it is typed'),
    documents: z.record(z.string(), z.string()).describe('Where to read on'),
  }),
  ready: z.strictObject({
    status: states,
    detail: z.string().describe('The status in words, with how far loading is'),
    stages: z.array(
      z.strictObject({
        name: z.string(),
        unit: z.string(),
        done: z.number(),
        total: z.number().optional(),
        ended: z.boolean(),
      }),
    ),
    index: z
      .strictObject({
        manifestHash: z.string(),
        corpusHash: z.string(),
        passages: z.int(),
        modes: z.array(z.enum(searchModes)),
        defaultMode: z.enum(searchModes),
        encoder: z.string().optional(),
      })
      .optional(),
    error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  }),
  error: z.strictObject({
    code: z.string().describe('A code of ERRORS.md'),
    message: z.string(),
    remedy: z.string().describe('What to do'),
    details: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
};
export type AboutReply = z.infer<typeof replySchemas.about>;
export type ReadyReply = z.infer<typeof replySchemas.ready>;
