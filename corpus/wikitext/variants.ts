/** Which variants stand for one that a text does not have, the nearest first, as MediaWiki has them. */
const fallbacks: Readonly<Record<string, string>> = {
  zh: 'zh-hans zh-cn zh-hant zh-tw zh-hk zh-sg zh-mo zh-my',
  'zh-hans': 'zh-cn zh-sg zh-my',
  'zh-hant': 'zh-tw zh-hk zh-mo',
  'zh-cn': 'zh-hans zh-sg zh-my',
  'zh-sg': 'zh-my zh-hans zh-cn',
  'zh-my': 'zh-sg zh-hans zh-cn',
  'zh-tw': 'zh-hant zh-hk zh-mo',
  'zh-hk': 'zh-mo zh-hant zh-tw',
  'zh-mo': 'zh-hk zh-hant zh-tw',
  gan: 'gan-hans gan-hant',
  sr: 'sr-ec sr-cyrl sr-el sr-latn',
  'sr-ec': 'sr-cyrl',
  'sr-el': 'sr-latn',
  'sr-cyrl': 'sr-ec',
  'sr-latn': 'sr-el',
};

/** Languages of MediaWiki whose wikis are written in more than one script or spelling. */
const languages = /^(?:ban|crh|gan|iu|kk|ku|mni|sh|shi|sr|tg|tly|uz|wuu|zgh|zh)$/;

const token = /-\{(?!\{)|\{\{|\}\}|\}-/g;
/** Deeper nesting is damage. */
const maxDepth = 20;

/**
 * Takes one variant of what a wiki writes in several, `-{zh-hans:a; zh-hant:b}-`: `variant` or the
 * nearest to it that the text has, by default the nearest to the language itself, else the first.
 * `-{x}-` is x; rules that only tell the converter (`-{H|...}-`) and titles (`-{T|...}-`) show nothing.
 * Other languages are given back as they are. Linear in the length; what does not end loses its mark
 * only. See https://www.mediawiki.org/wiki/Writing_systems/Syntax.
 */
export function chooseVariant(wikitext: string, language: string, variant = language): string {
  const [base = ''] = language.split('-');
  if (!languages.test(base) || !wikitext.includes('-{')) return wikitext;
  const wanted = [variant, ...(fallbacks[variant] ?? '').split(' '), base];
  const open: string[] = [];
  let shown = '';
  const add = (text: string): void => {
    if (open.length === 0) shown += text;
    else open.push((open.pop() ?? '') + text);
  };
  let position = 0;
  for (const { 0: mark, index } of wikitext.matchAll(token)) {
    add(wikitext.slice(position, index));
    position = index + mark.length;
    if (mark === '-{' && open.length < maxDepth) open.push('');
    else if (mark === '}-' && open.length > 0) add(shownOf(open.pop() ?? '', wanted));
    else if (mark !== '-{') add(mark);
  }
  add(wikitext.slice(position));
  return shown + open.join('');
}

/** What stands before the first bar: letters or codes of variants, divided by semicolons. */
const flags =
  /^\s*([A-Z-]|[a-z]{2,3}(?:-[a-z]+)?)?(?:\s*;\s*([A-Z-]|[a-z]{2,3}(?:-[a-z]+)?))*\s*\|/;

function shownOf(content: string, wanted: readonly string[]): string {
  const flagged = flags.exec(content)?.[0] ?? '';
  const rules = content.slice(flagged.length);
  const letters = new Set(flagged.split(/[\s;|]+/));
  if (['H', 'T', '-', 'N', 'D'].some((letter) => letters.has(letter))) return '';
  return letters.has('R') ? rules : best(rules, wanted);
}

/** Begins the text of a variant, `zh-cn:` or, for one spelling of the source, `x=>zh-cn:`. */
const rule = /(?:^|;)\s*(?:[^;=>{}]{0,200}=>\s*)?([a-z]{2,3}(?:-[a-z]{2,8})?)\s*:/g;

function isVariant(code: string): boolean {
  return languages.test(code.split('-')[0] ?? '');
}

function best(rules: string, wanted: readonly string[]): string {
  const begins = [...rules.matchAll(rule)].filter(({ 1: code = '' }) => isVariant(code));
  if (begins.length === 0) return rules;
  const texts = new Map<string, string>();
  begins.forEach((begin, index) => {
    const text = rules.slice(begin.index + begin[0].length, begins[index + 1]?.index);
    const code = begin[1] ?? '';
    if (!texts.has(code)) texts.set(code, text.replace(/;\s*$/, '').trim());
  });
  const code = wanted.find((name) => texts.has(name)) ?? [...texts.keys()][0] ?? '';
  return texts.get(code) ?? '';
}
