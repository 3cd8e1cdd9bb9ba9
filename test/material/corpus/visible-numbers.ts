/** Where in an article a number stands. */
export const places = ['prose', 'lists', 'templates', 'infoboxes', 'tables'] as const;
export type Place = (typeof places)[number];

/** Numbers that a reader of the article sees, by place; separators removed. */
export type VisibleNumbers = Record<Place, string[]>;

/** Names of the months as dates in the middle of a sentence have them, by language. */
const monthNames = new Map<string, string>();

function monthsOf(language: string): string {
  const known = monthNames.get(language);
  if (known !== undefined) return known;
  const options = { month: 'long', timeZone: 'UTC' } as const;
  const formats = [
    new Intl.DateTimeFormat(language, { ...options, day: 'numeric' }),
    new Intl.DateTimeFormat(language, options),
  ];
  const names = Array.from({ length: 12 }, (_, month) =>
    formats.map((format) => {
      const parts = format.formatToParts(new Date(Date.UTC(2000, month, 15)));
      return parts.find((part) => part.type === 'month')?.value ?? '';
    }),
  );
  const months = [...new Set(names.flat())].filter((name) => /\p{L}{3}/u.test(name)).join('|');
  monthNames.set(language, months || 'no month');
  return months || 'no month';
}

/** `5 May 1930`, `May 5, 1930`, `1er mai 1930`, `5 de mayo de 1930`, `5. Mai 1930`, `1930年5月5日`. */
function datePattern(language: string): RegExp {
  const months = monthsOf(language);
  const day = '\\p{Nd}{1,2}(?:er|re|\\.º|º|\\.)?';
  const dayFirst = `${day} (?:de |d['’])?(?:${months})(?: de| del)? \\p{Nd}{3,4}`;
  const monthFirst = `(?:${months}) \\p{Nd}{1,2}, \\p{Nd}{4}`;
  return new RegExp(
    `(?<![\\p{L}\\p{N}])(?:${dayFirst}|${monthFirst}|\\p{Nd}{3,4}年\\p{Nd}{1,2}月\\p{Nd}{1,2}日)(?![\\p{L}\\p{N}])`,
    'giu',
  );
}

/** Which arguments of a template show: numbers in other arguments are settings. */
const shownArguments: Readonly<Record<string, readonly number[]>> = {
  convert: [1],
  cvt: [1],
  'as of': [1, 3],
  'birth date': [1, 3],
  'birth date and age': [1, 3],
  'start date': [1, 3],
  'end date': [1, 3],
  'start date and age': [1, 3],
  'death date': [1, 3],
  'death date and age': [1, 3],
  dts: [1, 3],
  'film date': [1, 3],
  formatnum: [1],
  val: [1],
  nts: [1],
  circa: [1, 2],
  inflation: [2],
  small: [1],
  smaller: [1],
  big: [1],
  nowrap: [1],
  nobr: [1],
  center: [1],
  lang: [2],
  sort: [2],
  quote: [1],
  marriage: [2, 3],
  frac: [1, 2, 3],
  chem: [1, 2, 3, 4, 5, 6, 7, 8],
  hlist: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  plainlist: [1],
  ubl: [1, 2, 3, 4, 5, 6],
  uss: [2],
  hms: [2],
  legend: [2],
  'bar percent': [1, 3],
  bartable: [1],
  vanchor: [1],
  resize: [2],
  tooltip: [1],
  longitem: [2],
  simplenuclide2: [2],
  oldstyledate: [1, 2, 3],
};

/** The same of other languages' templates, where their names are not the English ones. */
const shownByLanguage: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  ar: { 'تاريخ الميلاد': [1, 3], عدد: [1] },
  de: { höhe: [1], zahl: [1], lang: [2] },
  es: { fecha: [1, 3], unidad: [1], nowrap: [1], 'fecha de nacimiento': [1, 3], esd: [1] },
  fr: {
    unité: [1],
    nombre: [1],
    heure: [1, 2],
    'date-': [1, 3],
    date: [1, 3],
    citation: [1],
    'date de naissance': [1, 3],
    'date de décès': [1, 3],
    formatnum: [1],
    langue: [2],
    tmp: [1],
  },
  it: { unità: [1], formatnum: [1], citazione: [1], 'm s.l.m.': [1] },
  ja: { lang: [2], 生年月日と年齢: [1, 3], nowrap: [1], 仮リンク: [1], convert: [1] },
  ltg: {},
  pt: {
    fmtn: [1],
    'data de nascimento': [1, 3],
    dtlink: [1, 3],
    citação: [1],
    nowrap: [1],
    unidade: [1],
    formatnum: [1],
  },
  ru: {
    число: [1],
    дата: [1, 3],
    nobr: [1],
    s: [1],
    'дата рождения': [1, 3],
    num: [1],
    р: [1],
    'кв. км': [1],
  },
  zh: { lang: [2], nowrap: [1], le: [1], bd: [2], nobr: [1] },
};

/** Names of values that do not show: pictures, sizes, addresses, coordinates. */
const layoutKey =
  /^\s*(?:image|photo|pushpin|map|flag|logo|seal|website|url|coord|lat|lon|file|signature|style|zoom)|(?:size|width|alt|colou?r|caption|image|file|ref|style|class)\d*\s*$/i;

const pictureName = /\.(?:jpe?g|png|svg|gif|tiff?)\s*$/i;

/**
 * The numbers that show in an article, by a reading of its wikitext that shares no code with the
 * converter: regular expressions, from the inside out. Sources, files, categories, attributes and
 * the settings of templates do not show.
 */
export function visibleNumbers(wikitext: string, language = 'en'): VisibleNumbers {
  const found: VisibleNumbers = { prose: [], lists: [], templates: [], infoboxes: [], tables: [] };
  let text = withoutHidden(wikitext);
  text = withoutTemplates(text, found, language);
  text = withoutTables(text, found);
  for (const line of text.split('\n')) {
    // Headings, and rows of tables that do not end.
    if (/^=+.*=+\s*$|^\s*(?:[|!]|\{\|)/.test(line)) continue;
    found[/^[*#:;]/.test(line) ? 'lists' : 'prose'].push(...numbersOf(shown(line)));
  }
  return found;
}

/** Complete dates in words that stand in the prose. */
export function visibleDates(wikitext: string, language = 'en'): string[] {
  const found: VisibleNumbers = { prose: [], lists: [], templates: [], infoboxes: [], tables: [] };
  const text = withoutTables(withoutTemplates(withoutHidden(wikitext), found, language), found);
  return shown(text).match(datePattern(language)) ?? [];
}

const digitZeros = /\p{Nd}/gu;

/** A digit of any script as one of `0` to `9`: each script has its ten in a row. */
function plainDigit(digit: string): string {
  let zero = digit.codePointAt(0) ?? 0;
  const value = zero;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && value - zero < 9) zero -= 1;
  return String(value - zero);
}

/**
 * Numbers of a plain text, in digits of any script, without what divides thousands and decimals: `1,234.5`,
 * `1.234,5` and `1 234,5` are the same number in one language or another.
 */
export function numbersOf(text: string): string[] {
  const digits = text.replaceAll(digitZeros, (digit) => (digit <= '9' ? digit : plainDigit(digit)));
  const found =
    digits.match(/(?<!\d)\d{1,3}(?:[ \u00A0\u202F'’]\d{3})+(?!\d)|\d+(?:[.,٫٬]\d+)*/g) ?? [];
  return found.map((number) => number.replaceAll(/\D/g, '').replace(/^0+(?=\d)/, ''));
}

/** The numbers of `found` that are not in `text`, by place; each number of the text counts once. */
export function lostNumbers(found: VisibleNumbers, text: string): VisibleNumbers {
  const left = new Map<string, number>();
  for (const number of numbersOf(text)) left.set(number, (left.get(number) ?? 0) + 1);
  const isLost = (number: string): boolean => {
    const count = left.get(number) ?? 0;
    left.set(number, count - 1);
    return count <= 0;
  };
  return {
    prose: found.prose.filter(isLost),
    lists: found.lists.filter(isLost),
    templates: found.templates.filter(isLost),
    infoboxes: found.infoboxes.filter(isLost),
    tables: found.tables.filter(isLost),
  };
}

function withoutHidden(wikitext: string): string {
  return withoutFiles(
    wikitext
      .replaceAll(/<!--[\s\S]*?-->/g, '')
      .replaceAll(/<ref\b[^>]*\/>/gi, ' ')
      .replaceAll(
        /<(ref|timeline|imagemap|gallery|math|score|source|nowiki)\b[\s\S]*?<\/\1\s*>/gi,
        ' ',
      )
      .replaceAll(/<\/?[a-z][^<>]*>/gi, ' '),
  );
}

/**
 * Files are told by their English names or their ending, categories and pages in other languages by these or
 * by a line that holds nothing but such a link.
 */
function withoutFiles(text: string): string {
  const file =
    /\[\[(?:(?:File|Image):|[^[\]|:]{2,30}:[^[\]|]{1,200}\.(?:jpe?g|png|svg|gif|tiff?|og[gav]|webm|pdf)[ _]*[|\]](?<=[|]|\](?=\])))(?:[^[\]]|\[\[[^[\]]*\]\]|\[[^[\]]*\])*\]\]?/giu;
  return text
    .replaceAll(file, ' ')
    .replaceAll(/^(?:\s*\[\[\p{L}[\p{L}\p{M} -]{1,30}:[^[\]]*\]\])+\s*$/gmu, ' ')
    .replaceAll(/\[\[(?:Category|[a-z-]{2,12}):[^[\]]*\]\]/g, ' ');
}

function withoutTemplates(wikitext: string, found: VisibleNumbers, language: string): string {
  let text = wikitext;
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replaceAll(/\{\{([^{}]*)\}\}/g, (_whole, body: string) => {
      readTemplate(body, found, language);
      return ' ';
    });
  }
  return text;
}

function readTemplate(body: string, found: VisibleNumbers, language: string): void {
  const [head = '', ...parts] = body.split(/\|(?![^[]*\]\])/);
  const name = head.trim().toLowerCase().replaceAll('_', ' ');
  if (name.startsWith('infobox') || (language !== 'en' && isBox(parts))) {
    for (const part of parts) {
      const equals = part.indexOf('=');
      const isFact =
        equals > 0 && !layoutKey.test(part.slice(0, equals)) && !pictureName.test(part);
      if (isFact) found.infoboxes.push(...numbersOf(shown(part.slice(equals + 1))));
    }
    return;
  }
  if (name.startsWith('formatnum:')) found.templates.push(...numbersOf(name));
  const positions = shownByLanguage[language]?.[name] ?? shownArguments[name];
  if (positions === undefined) return;
  const positional = parts.filter((part) => !/^\s*[a-z _]+\d*\s*=/i.test(part));
  for (const position of positions) {
    found.templates.push(...numbersOf(shown(positional[position - 1] ?? '')));
  }
}

/** A block of named values, a line each, is a box in any language. */
function isBox(parts: readonly string[]): boolean {
  return (
    parts.length >= 6 &&
    parts.every((part) => /^[^=]*\p{L}[^=]*=/u.test(part) && part.includes('\n'))
  );
}

function withoutTables(wikitext: string, found: VisibleNumbers): string {
  let text = `\n${wikitext}`;
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replaceAll(/\n[:*\s]*\{\|(?:(?!\n[:*\s]*\{\|)[\s\S])*?\n\s*\|\}/g, (table) => {
      readTable(table, found);
      return '\n';
    });
  }
  return text;
}

function readTable(table: string, found: VisibleNumbers): void {
  for (const line of table.split('\n').slice(2)) {
    if (/^\s*\|[-}]/.test(line)) continue;
    for (const cell of line.replace(/^\s*[|!]\+?/, '').split(/\|\||!!/)) {
      const content = cell.replace(/^[^|[\]]*\|(?!\|)/, '');
      found.tables.push(...numbersOf(shown(content)));
    }
  }
}

/** What shows of links, tags and entities. */
function shown(text: string): string {
  return text
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/\[\[(?:[^[\]|]*\|)?([^[\]|]*)\]\]/g, '$1')
    .replaceAll(/\[(?:https?:)?\/\/\S+ ?([^\]]*)\]/g, '$1')
    .replaceAll(/https?:\/\/\S+/g, ' ')
    .replaceAll(/'''+|''/g, '')
    .replaceAll(/&#?\w+;|\u00A0/g, ' ');
}
