/** A piece of an article under one heading; the lead's title is ''. */
export interface Section {
  readonly title: string;
  readonly wikitext: string;
}

/** What is longer is a line of text that happens to look like a heading. */
const maxTitleChars = 200;

/**
 * Divides a wikitext at its headings (`== Title ==`, one to six signs). What stands behind a heading on
 * its line begins the text under it. Linear in the length.
 */
export function sectionsOf(wikitext: string): Section[] {
  const sections: Section[] = [];
  let title = '';
  let lines: string[] = [];
  for (const line of wikitext.split('\n')) {
    const heading = headingOf(line);
    if (heading === undefined) {
      lines.push(line);
      continue;
    }
    sections.push({ title, wikitext: lines.join('\n') });
    title = heading.title;
    lines = [heading.rest];
  }
  sections.push({ title, wikitext: lines.join('\n') });
  return sections;
}

/** A line's heading and what stands behind it; undefined where it has none. */
function headingOf(line: string): { readonly title: string; readonly rest: string } | undefined {
  if (!line.startsWith('=') || line.length < 3) return undefined;
  const text = line.trimEnd();
  const level = Math.min(signsFrom(text, 0, 1), signsFrom(text, text.length - 1, -1));
  if (level > 0 && text.length > 2 * level && text.length <= maxTitleChars + 2 * level) {
    return { title: text.slice(level, -level).trim(), rest: '' };
  }
  const early = /^={2,6}([^=].{0,199}?)={2,6}/.exec(text);
  if (early === null) return undefined;
  return { title: (early[1] ?? '').trim(), rest: text.slice(early[0].length) };
}

/** How many equals signs stand in a row, six at most. */
function signsFrom(text: string, start: number, step: 1 | -1): number {
  let count = 0;
  while (count < 6 && text[start + count * step] === '=') count += 1;
  return count;
}
