import { SspError } from '../../src/errors/error.ts';
import { shown } from '../../src/errors/error.ts';
import { hashOf } from '../../src/storage/hash.ts';
import type { PageReply } from '../../src/types/agent-backend.ts';
import type { Passage } from '../../src/types/passage.ts';
import type { Page } from '../../src/types/retriever.ts';
import { cutText } from './excerpt.ts';

/** Room of a part where a cursor comes without `maxChars`: some 1,500 tokens. */
export const defaultPartChars = 6_000;
/** A part ends with a section where that fills so much of the room, else with a passage. */
const leastSectionShare = 0.5;
const mostSections = 20;

/** A place in a page: a passage, and a character of its text. */
interface Place {
  readonly passage: number;
  readonly char: number;
}

type Piece = PageReply['passages'][number];

/**
 * The part of `page` at `cursor` (its beginning without one) in at most `maxChars` characters of text:
 * whole sections where they fill half of the room, else whole passages; one that is longer than the
 * room is cut at a sentence or word. Throws SSP_CURSOR_INVALID for what is no cursor of this page in
 * the corpus of `corpusHash`.
 */
export function pagePart(
  page: Page,
  corpusHash: string,
  { cursor, maxChars = defaultPartChars }: { cursor?: string | undefined; maxChars?: number },
): PageReply {
  const mark = hashOf(`${corpusHash}\n${page.title}`).slice(0, markChars);
  const start = cursor === undefined ? { passage: 0, char: 0 } : placeOf(cursor, page, mark);
  const { pieces, next } = takePieces(page.passages, start, maxChars);
  return {
    ...page,
    passages: pieces,
    cursor: next === undefined ? null : `${next.passage}.${next.char}.${mark}`,
    left: leftFrom(page.passages, next),
  };
}

const markChars = 8;

function placeOf(cursor: string, { title, passages }: Page, mark: string): Place {
  const [, passage = '', char = '', ofPage] = /^(\d{1,9})\.(\d{1,9})\.(\w+)$/.exec(cursor) ?? [];
  const place = { passage: Number(passage), char: Number(char) };
  const text = passages[place.passage]?.text;
  if (ofPage === mark && text !== undefined && place.char < Math.max(text.length, 1)) return place;
  throw new SspError('SSP_CURSOR_INVALID', { cursor: shown(cursor), title: shown(title) });
}

function takePieces(
  passages: readonly Passage[],
  start: Place,
  maxChars: number,
): { pieces: Piece[]; next: Place | undefined } {
  const pieces: Piece[] = [];
  let [at, used, sectionEnd] = [start.passage, 0, 0];
  for (; at < passages.length; at += 1) {
    const passage = passages[at] as Passage;
    const from = at === start.passage ? start.char : 0;
    if (at > start.passage && passage.section !== passages[at - 1]?.section) {
      if (used >= maxChars * leastSectionShare) sectionEnd = pieces.length;
    }
    const rest = passage.text.slice(from);
    const continued = from > 0 ? ({ continued: true } as const) : {};
    if (used + rest.length > maxChars) {
      if (pieces.length > 0) break;
      const { text } = cutText(rest, maxChars);
      const char = afterSpace(passage.text, from + text.length);
      const next = char < passage.text.length ? { passage: at, char } : startOf(passages, at + 1);
      const truncated = next?.passage === at ? ({ truncated: true } as const) : {};
      return { pieces: [{ ...passage, text, ...continued, ...truncated }], next };
    }
    pieces.push({ ...passage, text: rest, ...continued });
    used += rest.length;
  }
  if (at === passages.length) return { pieces, next: undefined };
  const taken = sectionEnd > 0 ? sectionEnd : pieces.length;
  return { pieces: pieces.slice(0, taken), next: startOf(passages, start.passage + taken) };
}

function startOf(passages: readonly Passage[], passage: number): Place | undefined {
  return passage < passages.length ? { passage, char: 0 } : undefined;
}

function afterSpace(text: string, from: number): number {
  return from + (/^\s*/.exec(text.slice(from))?.[0].length ?? 0);
}

function leftFrom(
  passages: readonly Passage[],
  next: Place | undefined,
): NonNullable<PageReply['left']> {
  if (next === undefined) return { chars: 0, passages: 0, sections: [] };
  const rest = passages.slice(next.passage);
  const sections = new Set(rest.map(({ section = '' }) => section).filter((name) => name !== ''));
  return {
    chars: rest.reduce((sum, { text }) => sum + text.length, -next.char),
    passages: next.char > 0 ? rest.length - 1 : rest.length,
    sections: [...sections].slice(0, mostSections),
  };
}
