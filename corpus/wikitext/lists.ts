const item = /^[*#:;]+/;

/**
 * Makes paragraphs of the list lines of a wikitext (`*`, `#`, `:`, `;`): an item ends with `;`, the
 * last one of a list with `.`, unless it has an end of its own. `; term : text` becomes `term: text`.
 */
export function linearizeLists(wikitext: string): string {
  const lines = wikitext.split('\n');
  const out: string[] = [];
  lines.forEach((line, index) => {
    const marker = item.exec(line)?.[0];
    if (marker === undefined) {
      out.push(line);
      return;
    }
    const text = itemText(marker, line.slice(marker.length).trim());
    if (text === '') return;
    const isLast = item.exec(lines[index + 1] ?? '') === null;
    const isIndent = /^:+$/.test(marker);
    out.push('', isIndent ? text : ended(text, isLast ? '.' : ';'));
    if (isLast) out.push('');
  });
  return out.join('\n');
}

function itemText(marker: string, text: string): string {
  return marker.endsWith(';') ? text.replace(/\s+:\s+/, ': ') : text;
}

function ended(text: string, mark: string): string {
  return /[.!?:;,]['")\]]*$/.test(text) ? text : `${text}${mark}`;
}
