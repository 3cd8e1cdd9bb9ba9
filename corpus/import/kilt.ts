import type { TextPart } from '../passage-blocks.ts';

const sectionMark = 'Section::::';
const listMark = /^BULLET::::-?\s*/;

/**
 * The parts of an article of the KILT knowledge source (Petroni et al. 2021): a list of paragraphs, of
 * which the first repeats the title, headings are `Section::::Early life:Family.` and items of lists
 * begin with `BULLET::::-`. A part's section is the last of the heading's levels, '' in the lead.
 */
export function kiltParts(title: string, paragraphs: readonly string[]): TextPart[] {
  const parts: TextPart[] = [];
  let section = '';
  for (const [number, paragraph] of paragraphs.entries()) {
    const text = paragraph.trim();
    if (number === 0 && text === title.trim()) continue;
    if (text.startsWith(sectionMark)) section = lastLevel(text.slice(sectionMark.length));
    else parts.push({ section, text: text.replace(listMark, '') });
  }
  return parts;
}

function lastLevel(heading: string): string {
  const levels = heading.replace(/\.$/, '').split(':');
  return levels.at(-1)?.trim() ?? '';
}
