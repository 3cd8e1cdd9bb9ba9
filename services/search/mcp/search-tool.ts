import { z } from 'zod';

import type { AgentBackend } from '../../../src/types/agent-backend.ts';
import type { SearchHit, SearchReply } from '../../../src/types/search-service.ts';
import { hitSchema, searchReplySchema } from '../../../src/types/search-service.ts';
import type { RequestSchemas } from '../schemas.ts';
import type { PlacedTexts } from './placed-texts.ts';
import { placedTextSchema } from './placed-texts.ts';
import type { Tool } from './tool.ts';
import { counted, defineTool } from './tool.ts';

/** Longest text of a hit where an agent names none: some 500 tokens. */
const hitChars = 2_000;
/** A snippet helps where its text is so many times as long. */
const snippetHelps = 2;

/** A hit whose text is elsewhere; without what says nothing. */
const foundSchema = hitSchema.omit({ text: true }).extend({
  url: z.string().optional().describe('Address of the page'),
  snippet: hitSchema.shape.snippet.optional(),
  truncated: z.literal(true).optional().describe('The text was cut at maxChars'),
  ...placedTextSchema.shape,
});

/** `search`: passages for one or several queries. */
export function searchTool(backend: AgentBackend, { search }: RequestSchemas): Tool {
  return defineTool({
    name: 'search',
    title: 'Search passages',
    description:
      'Finds passages of the indexed encyclopedia or documents for `query` (one) or `queries` (several), exactly one of the two. Gives each passage with its id, page title and score, best first.',
    input: search.safeExtend({
      maxChars: search.shape.maxChars
        .unwrap()
        .default(hitChars)
        .describe('Longest text of a hit; longer ones are cut at a sentence or word'),
    }),
    output: searchReplySchema.extend({
      results: z
        .array(
          z.strictObject({
            hits: z.array(foundSchema),
            truncated: searchReplySchema.shape.results.element.shape.truncated,
          }),
        )
        .describe('One entry per query, also for a single one'),
    }),
    steps: ({ queries }) => queries?.length ?? 1,
    async run(body, call, texts) {
      const reply = await backend.search(body, call);
      const isOne = reply.results.length === 1;
      const results = reply.results.map(({ hits, truncated }, query) => ({
        truncated,
        hits: hits.map((hit) => factsOf(hit, isOne ? '' : `${query + 1}.`, texts)),
      }));
      return { summary: summaryOf(reply), facts: { ...reply, results } };
    },
  });
}

function factsOf(
  { text, snippet, url, truncated, ...facts }: SearchHit,
  prefix: string,
  texts: PlacedTexts,
): z.infer<typeof foundSchema> {
  const { rank, title, section, id, score } = facts;
  const page = section === undefined ? title : `${title} > ${section}`;
  const heading = `[${prefix}${rank}] ${page} (id ${id}, score ${score.toFixed(3)})`;
  const isHelp = text.length > snippetHelps * snippet.length;
  return {
    ...facts,
    ...(url === null ? {} : { url }),
    ...(isHelp ? { snippet } : {}),
    ...(truncated ? { truncated } : {}),
    ...texts.put(heading, text),
  };
}

function summaryOf({ mode, results, degraded }: SearchReply): string {
  const hits = results.flatMap((result) => result.hits);
  const cut = hits.filter(({ truncated }) => truncated).length;
  const numbers = (isSo: (result: (typeof results)[number]) => boolean): string =>
    results.flatMap((result, i) => (isSo(result) ? [i + 1] : [])).join(', ');
  const empty = numbers((result) => result.hits.length === 0);
  const long = numbers(({ truncated }) => truncated);
  return [
    `${counted(hits.length, 'hit')} for ${queriesIn(results.length)} (${mode}).`,
    ...(empty === '' ? [] : [`Nothing was found for query ${empty}.`]),
    ...(long === '' ? [] : [`Cut, only the beginning was searched: query ${long}.`]),
    ...(cut === 0
      ? []
      : [`Cut at maxChars: ${counted(cut, 'text')}; read_passage gives more of a passage.`]),
    ...(degraded === null
      ? []
      : [`${degraded.requested} failed (${degraded.code}: ${degraded.reason}), ${mode} answered.`]),
  ].join(' ');
}

function queriesIn(count: number): string {
  return count === 1 ? '1 query' : `${count.toLocaleString('en')} queries`;
}
