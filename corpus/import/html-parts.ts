import type { DefaultTreeAdapterTypes } from 'parse5';
import { parse } from 'parse5';

import type { TextPart } from '../passage-blocks.ts';

type Node = DefaultTreeAdapterTypes.Node;

/** A text file as an article; `title` is undefined where it names none. */
export interface DocumentText {
  readonly title: string | undefined;
  readonly parts: readonly TextPart[];
}

const hidden = new Set('script style template noscript svg iframe head'.split(' '));
/** Elements within a line of text; at every other one a word ends. */
const inline = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time tt u var wbr'.split(
    ' ',
  ),
);
const heading = /^h[1-6]$/;

/**
 * What a page shows as text, by headings; its title is that of `<title>`, else the first heading. Read as
 * browsers do: any text is HTML.
 */
export function htmlParts(html: string): DocumentText {
  const document = parse(html);
  const reading: Reading = { parts: [], section: '', text: '' };
  readInto(reading, document);
  endPart(reading);
  const title = oneLine(textOf(firstOf(document, /^title$/)));
  const first = oneLine(textOf(firstOf(document, heading)));
  return { title: [title, first].find((name) => name !== ''), parts: reading.parts };
}

interface Reading {
  readonly parts: TextPart[];
  section: string;
  text: string;
}

function readInto(reading: Reading, node: Node): void {
  if (hidden.has(node.nodeName)) return;
  if (heading.test(node.nodeName)) {
    endPart(reading);
    reading.section = oneLine(textOf(node));
    return;
  }
  if ('value' in node) reading.text += node.value;
  const isBlock = !inline.has(node.nodeName) && !node.nodeName.startsWith('#');
  if (isBlock) reading.text += '\n';
  for (const child of childrenOf(node)) readInto(reading, child);
  if (isBlock) reading.text += '\n';
}

function endPart(reading: Reading): void {
  const { section, text } = reading;
  if (text.trim() !== '') reading.parts.push({ section, text });
  reading.text = '';
}

function textOf(node: Node | undefined): string {
  if (node === undefined) return '';
  return 'value' in node ? node.value : childrenOf(node).map(textOf).join('');
}

function firstOf(node: Node, name: RegExp): Node | undefined {
  if (name.test(node.nodeName)) return node;
  for (const child of childrenOf(node)) {
    const found = firstOf(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function childrenOf(node: Node): readonly Node[] {
  return 'childNodes' in node ? node.childNodes : [];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
