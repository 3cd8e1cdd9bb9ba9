import type { TurnAction } from '../types/episode.ts';
import type { FormatTags } from './format.ts';

/** An opening tag without its closing one so far. */
interface OpenElement {
  readonly name: string | undefined;
  readonly contentStart: number;
  readonly hasTagInside: boolean;
}

/**
 * What the model asks for in the text of one turn. Only sampled text goes in, never a result.
 *
 * An element is an opening search, answer or question tag, its content and its closing tag. Tags are
 * exact; all other text is thought. There are two states: outside, and inside an element, where any
 * tag but its own closing one spoils it. The last closed element decides, so that the last answer
 * counts; without one it is `unclosed-tag`, `unopened-tag` or `no-tag`. Content is trimmed. Never
 * throws; linear in the length of the text.
 */
export function parseTurn(text: string, tags: FormatTags): TurnAction {
  let open: OpenElement | undefined;
  let decided: TurnAction | undefined;
  let hasUnopened = false;
  for (const match of text.matchAll(actionTags(tags))) {
    const [tag, slash, name] = match;
    const isClosing = slash === '/';
    if (open === undefined) {
      if (isClosing) hasUnopened = true;
      else open = { name, contentStart: match.index + tag.length, hasTagInside: false };
    } else if (isClosing && name === open.name) {
      decided = readElement(open, text.slice(open.contentStart, match.index), tags);
      open = undefined;
    } else {
      open = { ...open, hasTagInside: true };
    }
  }
  if (decided !== undefined) return decided;
  if (open !== undefined) return { kind: 'none', reason: 'unclosed-tag' };
  return { kind: 'none', reason: hasUnopened ? 'unopened-tag' : 'no-tag' };
}

/** A tag with its slash and its name as groups. */
function actionTags({ search, answer, question }: FormatTags): RegExp {
  return new RegExp(`<(/?)(${search}|${answer}|${question})>`, 'g');
}

function readElement(
  { name, hasTagInside }: OpenElement,
  content: string,
  tags: FormatTags,
): TurnAction {
  if (hasTagInside) return { kind: 'none', reason: 'tag-inside' };
  const text = content.trim();
  if (text === '') return { kind: 'none', reason: 'empty' };
  if (name === tags.search) return { kind: 'search', query: text };
  return { kind: name === tags.answer ? 'answer' : 'question', text };
}
