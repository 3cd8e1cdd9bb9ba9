import { z } from 'zod';

import { searchModes } from './retriever.ts';

/** A line of a query log: one query that was asked, and what came of it. */
export const loggedQuerySchema = z.looseObject({
  time: z.string().describe('When its request was answered, ISO 8601'),
  route: z.string().optional().describe('Where it was asked: `/retrieve`, `/v1/search`, `/mcp`'),
  run: z.string().optional(),
  step: z.string().optional(),
  agent: z.string().optional(),
  query: z.string().describe('Its first 2,000 characters'),
  mode: z.enum(searchModes),
  topK: z.int(),
  hits: z.int().optional().describe('Passages found; absent where the request failed'),
  top: z.string().optional().describe('Id of the best'),
  cached: z.boolean().optional().describe('Answered from the cache of results'),
  ms: z.number().describe('Time of its request, from the query to the hits'),
  error: z.string().optional().describe('Code of the failure'),
});
export type LoggedQuery = z.output<typeof loggedQuerySchema>;
