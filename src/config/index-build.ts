import { z } from 'zod';

import { analyzerNames } from '../types/index-manifest.ts';
import { addressList } from './address.ts';

/** `ssp index build`: which indexes are made and how. */
export const indexConfig = z.strictObject({
  modes: z
    .array(z.enum(['bm25', 'dense']))
    .min(1)
    .default(['bm25', 'dense'])
    .describe('Indexes to build'),
  analyzer: z
    .enum(['auto', ...analyzerNames])
    .default('auto')
    .describe(
      "BM25 analyzer: the language whose words are stemmed, simple for none, auto for the corpus's own",
    ),
  titleWeight: z
    .int()
    .min(1)
    .max(10)
    .default(2)
    .describe('How many times BM25 counts the words of a title'),
  bm25K1: z
    .number()
    .min(0)
    .max(100)
    .default(0.9)
    .describe('BM25 k1: how soon further occurrences of a word stop to count'),
  bm25B: z
    .number()
    .min(0)
    .max(1)
    .default(0.75)
    .describe('BM25 b: how much long passages are held back'),
  vectorIndex: z
    .enum(['auto', 'exact', 'ivf-rq', 'ivf-pq', 'hnsw-sq'])
    .default('auto')
    .describe('Vector index; auto is exact for small corpora and ivf-rq above'),
  vectorRecall: z
    .number()
    .min(0.5)
    .max(1)
    .default(0.98)
    .describe('Recall@10 of an approximate vector index, for which the build chooses its search'),
  vectorDtype: z
    .enum(['auto', 'fp16', 'fp32'])
    .default('auto')
    .describe('Numbers of the stored vectors; auto is fp16 where the encoder makes unit vectors'),
  fusion: z
    .enum(['sum-score', 'min-max-score', 'reciprocal-rank'])
    .default('sum-score')
    .describe('How hybrid search joins the two rankings'),
  fusionDepth: z
    .int()
    .min(1)
    .max(1000)
    .default(200)
    .describe('Hits of each ranking that are fused'),
  fusionRankConstant: z
    .number()
    .min(0)
    .max(10_000)
    .default(60)
    .describe('The k of reciprocal rank fusion'),
  bm25Weight: z.number().min(0).max(1000).default(1).describe('Weight of BM25 in hybrid search'),
  denseWeight: z.number().min(0).max(1000).default(1).describe('Weight of dense in hybrid search'),
});
export type IndexConfig = z.output<typeof indexConfig>;

/** The encoder of a dense index. */
export const encoderConfig = z.strictObject({
  model: z
    .string()
    .min(1)
    .default('tiny-e5')
    .describe('A model folder, a hub id such as intfloat/e5-small-v2, or tiny-e5 (shipped)'),
  url: addressList()
    .optional()
    .describe(
      'Base address of an OpenAI-compatible /v1/embeddings server, used instead of a local model; of several, joined by commas',
    ),
  dtype: z.enum(['fp32', 'fp16', 'q8']).default('fp32').describe('Weights of the local model'),
  quotedTitles: z
    .boolean()
    .optional()
    .describe('Passages are embedded with the title in double quotes, as those of wiki-18 were'),
  threads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('Threads of the local model; 0 takes all cores'),
  batchTokens: z
    .int()
    .min(64)
    .max(1_000_000)
    .default(4096)
    .describe('Token budget of one forward pass, padding included'),
});
export type EncoderConfig = z.output<typeof encoderConfig>;
