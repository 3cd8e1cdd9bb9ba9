import wtf from 'wtf_wikipedia';

/** What is used of the library's document; its own types leave most of this open. */
interface WtfDocument {
  isDisambiguation(): boolean;
  text(): string;
}

/**
 * Templates whose rules in the library ask the clock, the time zone or the language of the machine:
 * the same dump would give another corpus next year. Ours stand in `template-table.ts`.
 */
const unsteady: readonly string[] = [
  ...['currentday', 'currentdayname', 'currentmonth', 'currentmonthname', 'currentmonthabbrev'],
  ...['currentyear', 'localday', 'localdayname', 'localmonth', 'localyear', 'time', 'time ago'],
  ...['monthyear', 'monthyear-1', 'monthyear+1', 'year', 'birth year and age', 'age', 'age nts'],
  ...['age in years', 'age in years and months', 'age in years, months and days'],
  ...['age in years and days', 'age in days', 'formatnum', 'val', 'percent and number'],
];

interface LibraryNames {
  /** Templates that the library has a rule for. */
  readonly templates: ReadonlySet<string>;
  /** Infoboxes in all languages that it knows. */
  readonly infoboxes: ReadonlySet<string>;
}

/** The names in the library's tables. */
export const libraryNames = steadyLibrary();

function steadyLibrary(): LibraryNames {
  let names: LibraryNames = { templates: new Set(), infoboxes: new Set() };
  wtf.extend((_models: unknown, templates: Record<string, unknown>, infoboxes: object) => {
    for (const name of unsteady) Reflect.deleteProperty(templates, name);
    names = {
      templates: new Set(Object.keys(templates)),
      infoboxes: new Set(Object.keys(infoboxes)),
    };
  });
  return names;
}

/** Parses wikitext with wtf_wikipedia, whose time grows with the square of a paragraph's length. */
function parse(wikitext: string, title: string): WtfDocument {
  return wtf(wikitext, { title });
}

/** Templates that are longer are read as unknown ones. */
const maxTemplateChars = 5000;

/**
 * What a template that the library has a rule for shows, as text without markup; undefined where it has
 * none. Throws whatever the library throws at a template that it cannot read.
 */
export function libraryText(name: string, wikitext: string): string | undefined {
  if (!libraryNames.templates.has(name) || wikitext.length > maxTemplateChars) return undefined;
  return parse(wikitext, '').text();
}

/** The library looks at the first two sentences. */
const leadChars = 1000;

/** Whether a page lists what its title may mean: by its templates, its title or its first sentences. */
export function isDisambiguation(
  title: string,
  lead: string,
  templates: readonly string[],
): boolean {
  const names = templates.map((name) => `{{${name}}}`);
  const start = lead.slice(0, leadChars).replaceAll(/[[\]{}]/g, ' ');
  return parse([start, ...names].join('\n\n'), title).isDisambiguation();
}
