import { z } from 'zod';

import type { AgentBackend, PageReply } from '../../../src/types/agent-backend.ts';
import {
  explainReplySchema,
  pageReplySchema,
  passageReplySchema,
} from '../../../src/types/agent-backend.ts';
import type { Explanation } from '../../../src/types/retriever.ts';
import { cutText } from '../excerpt.ts';
import { defaultPartChars } from '../page-part.ts';
import type { RequestSchemas } from '../schemas.ts';
import { placedTextSchema } from './placed-texts.ts';
import type { Tool } from './tool.ts';
import { counted, defineTool } from './tool.ts';

/** Longest passage where an agent names none: passages are short, whole documents are not. */
const passageChars = 20_000;

/** `read_passage`: one passage by its id. */
export function passageTool(backend: AgentBackend, { passage, page }: RequestSchemas): Tool {
  return defineTool({
    name: 'read_passage',
    title: 'Read a passage',
    description: 'Gives the text of one passage by the id that `search` has given.',
    input: passage.extend({
      maxChars: page.shape.maxChars
        .unwrap()
        .default(passageChars)
        .describe('Characters of text; a longer passage is cut at a sentence or word'),
    }),
    output: passageReplySchema
      .omit({ text: true })
      .extend({ truncated: z.boolean(), ...placedTextSchema.shape }),
    async run({ id, maxChars }, call, texts) {
      const { text: whole, ...facts } = await backend.passage({ id }, call);
      const { text, truncated } = cutText(whole, maxChars);
      const { title, section = '' } = facts;
      const cut = truncated
        ? ` Cut after ${text.length} of ${counted(whole.length, 'character')}; read_page gives the rest.`
        : '';
      const summary = `${section === '' ? title : `${title} > ${section}`} (id ${id}).${cut}`;
      return { summary, facts: { ...facts, truncated, ...texts.put('', text) } };
    },
  });
}

const pieceSchema = pageReplySchema.shape.passages.element
  .omit({ title: true, text: true, url: true })
  .extend(placedTextSchema.shape);

/** `read_page`: a page by its title, part by part. */
export function pageTool(backend: AgentBackend, { page }: RequestSchemas): Tool {
  return defineTool({
    name: 'read_page',
    title: 'Read a page',
    description:
      'Gives a page by its exact title (redirects are followed), from its beginning, whole sections where they fit into `maxChars`. What is left comes with the `cursor` of the reply.',
    input: page.extend({
      maxChars: page.shape.maxChars
        .unwrap()
        .default(defaultPartChars)
        .describe('Characters of text in one part'),
    }),
    output: pageReplySchema.extend({
      url: z.string().optional(),
      passages: z.array(pieceSchema).describe('In article order'),
    }),
    async run(body, call, texts) {
      const reply = await backend.page(body, call);
      const { passages, ...facts } = reply;
      const url = passages[0]?.url;
      let before = '';
      const pieces = passages.map((passage): z.output<typeof pieceSchema> => {
        const { id, section = '', text, flag, continued, truncated } = passage;
        const heading = section === before ? `(id ${id})` : `## ${section} (id ${id})`;
        before = section;
        return { ...{ id, section, flag, continued, truncated }, ...texts.put(heading, text) };
      });
      const summary = pageSummary(reply);
      return { summary, facts: { ...facts, ...(url && { url }), passages: pieces } };
    },
  });
}

/** What was read, and what is left and how it is had. */
export function pageSummary({ title, redirectedFrom, cursor, left }: PageReply): string {
  const page = redirectedFrom === undefined ? title : `${title} (for ${redirectedFrom})`;
  if ((cursor ?? null) === null || left === undefined)
    return `${page}: this is the end of the page.`;
  const { chars, passages, sections } = left;
  const headings = sections.length === 0 ? '' : ` under ${sections.join(', ')}`;
  const after = `${counted(chars, 'character')}, ${counted(passages, 'passage')}${headings}`;
  return `${page}: cut here. Left: ${after}. Read on with cursor ${cursor}`;
}

/** `explain`: why a passage has its score. */
export function explainTool(backend: AgentBackend, { explain }: RequestSchemas): Tool {
  return defineTool({
    name: 'explain',
    title: 'Explain a score',
    description:
      'Gives the parts of the score that a passage has for a query: terms, ranks, weights.',
    input: explain,
    output: explainReplySchema
      .omit({ explanation: true })
      .extend({ score: z.number(), ...placedTextSchema.shape }),
    async run(body, call, texts) {
      const { mode, id, explanation } = await backend.explain(body, call);
      const { score } = explanation;
      const summary = `Passage ${id} has the score ${score} (${mode}).`;
      const text = treeOf(explanation as Explanation, '');
      return { summary, facts: { mode, id, score, ...texts.put('', text) } };
    },
  });
}

function treeOf({ description, score, parts }: Explanation, indent: string): string {
  const inner = parts.map((part) => treeOf(part, `${indent}  `));
  return [`${indent}${score} = ${description}`, ...inner].join('\n');
}
