import { z } from 'zod';

/** How a cluster is spoken to; secrets are in files or in the environment, never in a configuration. */
export const elasticsearchConfig = z.strictObject({
  apiKeyFile: z
    .string()
    .min(1)
    .optional()
    .describe('File with an API key for the cluster; SSP_ELASTICSEARCH_API_KEY does the same'),
  loginFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      'File with `user:password` instead; SSP_ELASTICSEARCH_USER and SSP_ELASTICSEARCH_PASSWORD do the same',
    ),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      "File with the certificate that the cluster's is signed by (PEM); SSP_ELASTICSEARCH_CA does the same",
    ),
  requestTimeoutMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(30_000)
    .describe('Time for one reply of the cluster'),
  patienceSeconds: z
    .number()
    .min(0)
    .max(86_400)
    .default(60)
    .describe(
      'How long a search is tried again while nodes are lost, red or overloaded; a push ten times as long',
    ),
});
export type ElasticsearchConfig = z.output<typeof elasticsearchConfig>;

/** How vectors may lie in a cluster; `auto` takes bbq_hnsw from 64 dimensions on, else int8_hnsw. */
const vectorIndexes = ['auto', 'flat', 'hnsw', 'int8_hnsw', 'int4_hnsw', 'bbq_hnsw'] as const;

/** `ssp index push`: an index in a cluster. */
export const pushConfig = z.strictObject({
  shards: z.int().min(1).max(1024).default(1).describe('Primary shards, about one for 20 GB'),
  replicas: z
    .int()
    .min(0)
    .max(100)
    .default(1)
    .describe('Copies of every shard: with 0 a lost node takes its shards with it'),
  vectorIndex: z
    .enum(vectorIndexes)
    .default('auto')
    .describe(
      'How vectors are searched: flat (exact), or a graph over whole or quantised ones; auto: bbq_hnsw from 64 dimensions on',
    ),
  oversample: z
    .number()
    .min(1)
    .max(10)
    .default(3)
    .describe('Quantised candidates for each wanted one, whose exact scores are then compared'),
  candidates: z
    .int()
    .min(1)
    .max(10_000)
    .default(200)
    .describe('Vectors that a search of the graph looks at in each shard, at least'),
  textAnalyzer: z
    .string()
    .regex(/^[\w.-]+$/, 'give the name of an analyzer')
    .optional()
    .describe(
      "Also index title and text by this analyzer of the cluster (standard, english): for Kibana, not for ssp's searches",
    ),
  merge: z
    .boolean()
    .default(false)
    .describe('Merge every shard into one segment at the end: a slower push, a faster search'),
  bulkBytes: z
    .int()
    .min(1024)
    .max(100_000_000)
    .default(5_000_000)
    .describe('Bytes of one bulk request'),
  parallelBulks: z.int().min(1).max(64).default(3).describe('Bulk requests under way at once'),
});
export type PushConfig = z.output<typeof pushConfig>;
