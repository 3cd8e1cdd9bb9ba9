/** Where in an article a number stands. */
export const places = ['prose', 'lists', 'templates', 'infoboxes', 'tables'] as const;
export type Place = (typeof places)[number];

/** Numbers that a reader of the article sees, by place; separators removed. */
export type VisibleNumbers = Record<Place, string[]>;

const monthNames =
  'January|February|March|April|May|June|July|August|September|October|November|December';
const datePattern = new RegExp(
  `\\b(?:\\d{1,2} (?:${monthNames}) \\d{4}|(?:${monthNames}) \\d{1,2}, \\d{4})\\b`,
  'g',
);

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

/** Names of values that do not show: pictures, sizes, addresses, coordinates. */
const layoutKey =
  /^\s*(?:image|photo|pushpin|map|flag|logo|seal|website|url|coord|lat|lon|file|signature|style|zoom)|(?:size|width|alt|colou?r|caption|image|file|ref|style|class)\d*\s*$/i;

/**
 * The numbers that show in an article, by a reading of its wikitext that shares no code with the
 * converter: regular expressions, from the inside out. Sources, files, categories, attributes and
 * the settings of templates do not show.
 */
export function visibleNumbers(wikitext: string): VisibleNumbers {
  const found: VisibleNumbers = { prose: [], lists: [], templates: [], infoboxes: [], tables: [] };
  let text = withoutHidden(wikitext);
  text = withoutTemplates(text, found);
  text = withoutTables(text, found);
  for (const line of text.split('\n')) {
    if (/^=+.*=+\s*$/.test(line)) continue;
    found[/^[*#:;]/.test(line) ? 'lists' : 'prose'].push(...numbersOf(shown(line)));
  }
  return found;
}

/** Complete dates in words that stand in the prose. */
export function visibleDates(wikitext: string): string[] {
  const found: VisibleNumbers = { prose: [], lists: [], templates: [], infoboxes: [], tables: [] };
  const text = withoutTables(withoutTemplates(withoutHidden(wikitext), found), found);
  return shown(text).replaceAll('&nbsp;', ' ').match(datePattern) ?? [];
}

/** Numbers of a plain text, thousands separators removed. */
function numbersOf(text: string): string[] {
  return (text.match(/\d[\d,]*(?:\.\d+)?/g) ?? []).map((number) => number.replaceAll(',', ''));
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
      ),
  );
}

function withoutFiles(text: string): string {
  const file = /\[\[(?:File|Image):(?:[^[\]]|\[\[[^[\]]*\]\]|\[[^[\]]*\])*\]\]/gi;
  return text.replaceAll(file, ' ').replaceAll(/\[\[(?:Category|[a-z-]{2,12}):[^[\]]*\]\]/g, ' ');
}

function withoutTemplates(wikitext: string, found: VisibleNumbers): string {
  let text = wikitext;
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replaceAll(/\{\{([^{}]*)\}\}/g, (_whole, body: string) => {
      readTemplate(body, found);
      return ' ';
    });
  }
  return text;
}

function readTemplate(body: string, found: VisibleNumbers): void {
  const [head = '', ...parts] = body.split(/\|(?![^[]*\]\])/);
  const name = head.trim().toLowerCase().replaceAll('_', ' ');
  if (name.startsWith('infobox')) {
    for (const part of parts) {
      const equals = part.indexOf('=');
      const isFact = equals > 0 && !layoutKey.test(part.slice(0, equals));
      if (isFact) found.infoboxes.push(...numbersOf(shown(part.slice(equals + 1))));
    }
    return;
  }
  if (name.startsWith('formatnum:')) found.templates.push(...numbersOf(name));
  const positions = shownArguments[name];
  if (positions === undefined) return;
  const positional = parts.filter((part) => !/^\s*[a-z _]+\d*\s*=/i.test(part));
  for (const position of positions) {
    const numbers = numbersOf(shown(positional[position - 1] ?? ''));
    found.templates.push(...numbers.map((number) => number.replace(/^0+(?=\d)/, '')));
  }
}

function withoutTables(wikitext: string, found: VisibleNumbers): string {
  let text = wikitext;
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
    .replaceAll(/&#?\w+;/g, ' ');
}
