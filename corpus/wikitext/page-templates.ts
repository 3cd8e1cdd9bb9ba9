import { isWithoutText } from './dropped-templates.ts';
import { libraryText } from './library.ts';
import { formatNumber } from './number-format.ts';
import type { PageContext } from './template-call.ts';
import { TemplateCall } from './template-call.ts';
import { isFact, isInfobox } from './template-kinds.ts';
import { renderKnown } from './template-table.ts';
import type { TemplatePlace } from './unknown-template.ts';
import { phraseOf } from './unknown-template.ts';

/** A wikitext after its templates were read. */
export interface ExpandedPage {
  /** No template is left. */
  readonly text: string;
  /** One line of wikitext for each infobox. */
  readonly infoboxes: readonly string[];
  /** Names of the templates without a rule of our own: they tell what kind of page it is. */
  readonly others: readonly string[];
}

/** Replaces what the table knows, takes infoboxes out, and keeps short phrases of unknown ones. */
export function readTemplates(wikitext: string, context: PageContext): ExpandedPage {
  const infoboxes: string[] = [];
  const others = new Set<string>();
  const text = expandTemplates(wikitext, (call, place) => {
    const known = renderKnown(call, context);
    if (known !== undefined) return known;
    if (/^[\p{L}\p{N} \-()/.']{1,60}$/u.test(call.name)) others.add(call.name);
    if (isWithoutText(call.name, context.language)) return '';
    if (isInfobox(call, place.isInline)) {
      const facts = infoboxText(call, context.language);
      if (facts !== '') infoboxes.push(facts);
      return '';
    }
    return libraryText(call.name, call.wikitext) ?? phraseOf(call, place) ?? '';
  });
  return { text, infoboxes, others: [...others] };
}

const quantityKey =
  /popul|area|elevat|employ|revenue|income|budget|length|height|weight|depth|capacity|attend|gross|sales|students|members|volume|distance|profit|assets|speakers|households|density|_km|_m$|_mi|_ft/;

/**
 * The facts of an infobox as one line of wikitext, `Population total: 1,234; Mayor: ...`; '' where
 * it holds none. Keys of numbered rows lose their number.
 */
function infoboxText(call: TemplateCall, language: string): string {
  const facts: string[] = [];
  for (const [key, value] of call.named) {
    const text = valueText(key, value, language);
    if (isFact(key, text)) facts.push(`${label(key)}: ${text}`);
  }
  return facts.length === 0 ? '' : `${facts.join('; ')}.`;
}

function label(key: string): string {
  const words = key
    .replaceAll('_', ' ')
    .replace(/\s*\d+$/, '')
    .trim();
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

function isQuantity(key: string): boolean {
  return quantityKey.test(key) && !/year|date/.test(key);
}

/** One line; numbers of quantities get the separators that the wiki shows. */
function valueText(key: string, value: string, language: string): string {
  const line = value
    .replaceAll(/<br\b[^<>]{0,100}>/gi, ', ')
    .replaceAll(/\n[*#:;]+\s*/g, ', ')
    .replace(/^[\s*#:;,]+/, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/(?:, )+/g, ', ')
    .trim();
  return /^\d{4,}(?:\.\d+)?$/.test(line) && isQuantity(key) ? formatNumber(line, language) : line;
}

/** Gives the wikitext that stands for a template. */
type TemplateRenderer = (call: TemplateCall, place: TemplatePlace) => string;

interface Frame {
  readonly parts: string[];
  readonly isInline: boolean;
  part: string[];
  /** Links that are open: a pipe in them separates nothing. */
  links: number;
}

const token = /\{\{+|\}\}+|\[\[|\]\]|\|/g;
/** Deeper nesting is damage. */
const maxDepth = 60;

/**
 * Replaces the templates of a wikitext, the inner ones first, in one pass. Braces that do not close
 * are dropped and what is in them stays.
 */
function expandTemplates(wikitext: string, render: TemplateRenderer): string {
  const frames: Frame[] = [{ parts: [], part: [], links: 0, isInline: false }];
  const top = (): Frame => frames.at(-1) as Frame;
  let last = 0;
  for (const match of wikitext.matchAll(token)) {
    const [text] = match;
    if (match.index > last) top().part.push(wikitext.slice(last, match.index));
    last = match.index + text.length;
    if (text.startsWith('{{')) {
      for (let pairs = text.length >> 1; pairs > 0 && frames.length < maxDepth; pairs -= 1) {
        frames.push({ parts: [], part: [], links: 0, isInline: isInline(wikitext, match.index) });
      }
    } else if (text.startsWith('}}')) {
      for (let pairs = text.length >> 1; pairs > 0; pairs -= 1)
        close(frames, render, wikitext[last] ?? '');
    } else addToken(top(), text, frames.length > 1);
  }
  top().part.push(wikitext.slice(last));
  while (frames.length > 1) flatten(frames);
  return top().part.join('');
}

function addToken(frame: Frame, text: string, isInTemplate: boolean): void {
  if (text === '[[') frame.links += 1;
  else if (text === ']]') frame.links = Math.max(frame.links - 1, 0);
  else if (isInTemplate && frame.links === 0) {
    frame.parts.push(frame.part.join(''));
    frame.part = [];
    return;
  }
  frame.part.push(text);
}

/** Ends the innermost template; `next` is the character behind it. */
function close(frames: Frame[], render: TemplateRenderer, next: string): void {
  if (frames.length === 1) return;
  const frame = frames.pop() as Frame;
  const call = new TemplateCall([...frame.parts, frame.part.join('')]);
  const place = { isNested: frames.length > 1, isInline: frame.isInline };
  const shown = render(call, place);
  const outer = frames.at(-1)?.part;
  const isValue = /^#|:/.test(call.name);
  const isApart = !isValue && needsBlank(outer?.at(-1) ?? '', shown, next);
  outer?.push(isApart ? ` ${shown}` : shown);
}

/**
 * Two numbers stay two: a template behind one that begins with one, `5{{frac|1|2}}`, or that shows nothing
 * before another one, as an unknown line break. Values of parser functions are written to be joined.
 */
function needsBlank(before: string, shown: string, next: string): boolean {
  if (!/[\p{N}\]]$/u.test(before)) return false;
  return shown === '' ? /[\p{N}[]/u.test(next) : /^\p{N}/u.test(shown);
}

/** The innermost open template becomes plain text. */
function flatten(frames: Frame[]): void {
  const frame = frames.pop() as Frame;
  frames.at(-1)?.part.push([...frame.parts, frame.part.join('')].join('|'));
}

const lookBackChars = 200;

function isInline(wikitext: string, index: number): boolean {
  const before = wikitext.slice(Math.max(index - lookBackChars, 0), index);
  return /[^\s*#:;|]/.test(before.slice(before.lastIndexOf('\n') + 1));
}
