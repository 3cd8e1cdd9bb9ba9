/** Signs of wikitext and HTML that no reader sees, and what they are called. */
const signs: readonly (readonly [string, RegExp])[] = [
  ['brackets of links', /\[\[|\]\]/],
  ['braces of templates or tables', /\{\{|\}\}|\{\||^\|\}|\|-/],
  ['marks of bold and italics', /''/],
  ['headings', /(?:^|\s)={2,6}[^=]{1,80}={2,6}(?=\s|$)/],
  [
    'tags',
    /<\/?(?:ref|div|span|br|small|sup|sub|table|tr|td|th|center|font|p|li|ul|ol|nowiki|gallery|math|b|i|u|big|references|includeonly|noinclude|onlyinclude|code|section|poem|timeline)\b[^<>]{0,200}>|<!--|-->/i,
  ],
  [
    'attributes',
    /\b(?:style|class|align|valign|bgcolor|colspan|rowspan|cellpadding|cellspacing)\s*=\s*["'#\d]/i,
  ],
  ['file options', /(?:^|[|\s])(?:thumb|thumbnail|frameless|\d{2,4}x?\d*px)\|/i],
  ['entities', /&(?:nbsp|amp|lt|gt|ndash|mdash|quot|#x?[0-9a-f]{2,6});/i],
  ['behaviour switches', /__[A-Z]{3,20}__/],
  ['variants', /-\{|\}-/],
];

const link = /\[\[([^[\]|{}<>\n#:]{1,60}:[^[\]|{}<>\n]{1,200})(?:\|[^[\]]*)?\]\]/g;
const fileEnding = /\.(?:jpe?g|png|svg|gif|tiff?|og[gav]|webm|pdf)$/i;

/**
 * What links that stand alone on the last lines of a wikitext name, categories and other languages, and the
 * files of the page: `Category:Towns`, `fr:Ville`, `File:a.jpg`, without blanks at their ends.
 */
function hiddenTargets(wikitext: string): string[] {
  const lines = wikitext.split('\n');
  const last = lines.findLastIndex((line) => line.replaceAll(link, '').trim() !== '');
  const tail = lines.slice(last + 1).join('\n');
  const named = (text: string): string[] =>
    [...text.matchAll(link)].map((match) => (match[1] ?? '').trim());
  return [...named(tail), ...named(wikitext).filter((target) => fileEnding.test(target))];
}

/**
 * What of a page's markup shows in its passages: for each passage that shows some, its kind and text. Told
 * without the converter. Nothing where the page shows wikitext or HTML itself (`<nowiki>`, `<pre>` and
 * their like), as there the signs are text.
 */
export function visibleMarkup(
  wikitext: string,
  passages: readonly string[],
): { readonly kind: string; readonly text: string }[] {
  if (/<(?:nowiki|pre|source|syntaxhighlight|code|math)\b(?!\s*\/>)|&lt;|&amp;/i.test(wikitext))
    return [];
  const targets = hiddenTargets(wikitext);
  return passages.flatMap((text) => {
    const kind =
      signs.find(([, sign]) => sign.test(text))?.[0] ??
      (targets.some((target) => text.includes(target))
        ? 'names of categories or files'
        : undefined);
    return kind === undefined ? [] : [{ kind, text }];
  });
}
