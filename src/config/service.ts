import { z } from 'zod';

import { messageOf } from '../errors/error.ts';
import { parseNetwork } from './networks.ts';
import { webAccess } from './web-access.ts';

const network = z.string().superRefine((text, context) => {
  try {
    parseNetwork(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `${text}: ${messageOf(error)}` });
  }
});

const hourMs = 3_600_000;

/** `ssp serve`: the search service and its limits. */
export const serviceConfig = z.strictObject({
  host: z.string().min(1).default('127.0.0.1').describe('Address to listen on'),
  port: z.int().min(0).max(65_535).default(8000).describe('Port; 0 takes a free one'),
  tokenFile: z
    .string()
    .min(1)
    .optional()
    .describe('File with the bearer token that requests must carry; SSP_TOKEN does the same'),
  insecure: z
    .boolean()
    .default(false)
    .describe('Serve other machines without a token: anybody who reaches the port may search'),
  allow: z
    .array(network)
    .default([])
    .describe('Networks whose machines need no token, such as 10.0.0.0/8 or fd00::/8; repeatable'),
  ...webAccess,
  threads: z
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('Threads that search BM25 and read passages; 0 takes all cores'),
  mode: z
    .enum(['auto', 'bm25', 'dense', 'hybrid'])
    .default('auto')
    .describe('Mode of requests that name none; auto takes hybrid, else what the index has'),
  topK: z.int().min(1).max(1000).default(3).describe('Hits of a request that names no number'),
  maxQueries: z.int().min(1).max(100_000).default(4096).describe('Queries in one request'),
  maxHits: z
    .int()
    .min(1)
    .max(10_000_000)
    .default(100_000)
    .describe('Queries of one request times hits per query'),
  maxQueryChars: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(16_384)
    .describe('Characters of a query that are searched; encoders read only their first tokens'),
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(1_000_000_000)
    .default(16_777_216)
    .describe('Bytes of a request body'),
  maxQueued: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(4096)
    .describe('Distinct queries that may wait; more are answered 429'),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(8192)
    .describe('Open connections; requests over further ones are answered 503'),
  batchQueries: z
    .int()
    .min(1)
    .max(4096)
    .default(64)
    .describe('Waiting queries that are searched together'),
  parallelBatches: z
    .int()
    .min(1)
    .max(64)
    .default(2)
    .describe('Batches of one mode that run at the same time'),
  cacheBytes: z
    .int()
    .min(0)
    .max(1_000_000_000_000)
    .default(134_217_728)
    .describe('Memory for results that were found before; 0 keeps none'),
  requestTimeoutMs: z
    .int()
    .min(100)
    .max(hourMs)
    .default(30_000)
    .describe('Time for a request to arrive whole'),
  searchTimeoutMs: z
    .int()
    .min(100)
    .max(hourMs)
    .default(120_000)
    .describe('Time for the answer to a request'),
  graceMs: z
    .int()
    .min(0)
    .max(hourMs)
    .default(10_000)
    .describe('Time that a stopping service gives the requests it has taken'),
  mcpTexts: z
    .enum(['content', 'structured'])
    .default('content')
    .describe('Where MCP replies hold their texts; structured for agents that show nothing else'),
  selfTestPassages: z
    .int()
    .min(0)
    .max(10_000)
    .default(32)
    .describe('Known passages that must find themselves before the service is ready; 0 asks none'),
  verifyFiles: z
    .boolean()
    .default(false)
    .describe('Hash every file of the index, once it is open, and serve no damaged one'),
  watch: z
    .boolean()
    .default(false)
    .describe('Reload when `ssp index build` has put another index into the folder'),
  runQueriesPerMinute: z
    .int()
    .min(0)
    .max(1_000_000_000)
    .default(0)
    .describe('Queries of one run (header x-ssp-run) in a minute; more are answered 429; 0: any'),
  queryLog: z
    .string()
    .min(1)
    .optional()
    .describe('File of JSON lines, or folder for it, that keeps every query; see `ssp queries`'),
  queryLogBytes: z
    .int()
    .min(4096)
    .max(1_000_000_000_000)
    .default(67_108_864)
    .describe('Bytes of a query log; a full one is renamed, and another begun'),
  queryLogFiles: z
    .int()
    .min(1)
    .max(1000)
    .default(4)
    .describe('Query logs that are kept, the one being written among them'),
  requestLog: z
    .boolean()
    .default(false)
    .describe('Write one JSON line per request to standard error'),
});
export type ServiceConfig = z.output<typeof serviceConfig>;
