const words = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’.&-]*/gu;
/** Words of a title, at most. */
const longest = 8;

/** The titles that a text names as they are written, from a word that begins with a capital or a digit. */
export function titlesNamedIn(text: string, titles: ReadonlySet<string>): string[] {
  const found = [...text.matchAll(words)];
  const named = new Set<string>();
  for (const [i, first] of found.entries()) {
    if (!/^[\p{Lu}\p{N}]/u.test(first[0])) continue;
    for (const last of found.slice(i, i + longest)) {
      const name = text.slice(first.index, last.index + last[0].length).replace(/[.'’-]$/, '');
      if (titles.has(name)) named.add(name);
    }
  }
  return [...named];
}
