import { z } from 'zod';

import type { QuerySource } from './asker.ts';
import { searchModes } from './retriever.ts';
import type { SearchReply } from './search-service.ts';

const passageSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  section: z.string().optional(),
  url: z.string().optional(),
  flag: z.enum(['disambiguation', 'list']).optional(),
});

/** The reply to `GET /v1/passages/{id}`. */
export const passageReplySchema = passageSchema;
export type PassageReply = z.infer<typeof passageReplySchema>;

/** The reply to `GET /v1/pages/{title}`: a whole page, or with `cursor` and `left` a part of one. */
export const pageReplySchema = z.strictObject({
  title: z.string(),
  redirectedFrom: z.string().optional().describe('The redirect that was asked for'),
  passages: z
    .array(
      passageSchema.extend({
        continued: z.literal(true).optional().describe('Its beginning came in the part before'),
        truncated: z.literal(true).optional().describe('Its rest comes with the cursor'),
      }),
    )
    .describe('In article order'),
  cursor: z
    .string()
    .nullable()
    .optional()
    .describe('Gives the next part; null at the end of the page; absent in a whole page'),
  left: z
    .strictObject({
      chars: z.int().describe('Characters of text after this part'),
      passages: z.int().describe('Passages that begin after it'),
      sections: z.array(z.string()).describe('Headings of the text after it, the first 20'),
    })
    .optional(),
});
export type PageReply = z.infer<typeof pageReplySchema>;

/** The reply to `POST /v1/explain`. */
export const explainReplySchema = z.strictObject({
  mode: z.enum(searchModes),
  id: z.string(),
  explanation: z
    .strictObject({
      description: z.string().describe('The rule that makes the score of its parts'),
      score: z.number(),
      parts: z.array(z.unknown()).describe('Each again `{description, score, parts}`'),
    })
    .describe('The parts of the score'),
});
export type ExplainReply = z.infer<typeof explainReplySchema>;

/** Where a call comes from, what ends it, and what it tells on the way. */
export interface AgentCall extends QuerySource {
  readonly signal: AbortSignal;
  /** Told of each query of a search that has its answer. */
  readonly onAnswered?: (() => void) | undefined;
}

/**
 * What agents ask for, behind every door (HTTP, MCP): bodies and replies are those of the HTTP
 * routes. Every call throws an SspError of the catalogue, and the signal's reason once it is aborted.
 */
export interface AgentBackend {
  /** As `POST /v1/search`. */
  search(body: unknown, call: AgentCall): Promise<SearchReply>;
  /** The passage of `{id}`. */
  passage(body: unknown, call: AgentCall): Promise<PassageReply>;
  /**
   * The page of `{title, maxChars?, cursor?}`; a redirect is followed. Whole without the last two,
   * else the part that `cursor` names (the first without one) in at most `maxChars` characters.
   */
  page(body: unknown, call: AgentCall): Promise<PageReply>;
  /** The parts of the score of passage `id` for `{query, id, mode?}`. */
  explain(body: unknown, call: AgentCall): Promise<ExplainReply>;
}
