// What of the numbers and dates of Wikipedias in other languages does a corpus keep, and what markup shows?
import { passagesOfPage } from '../../corpus/page-task.ts';
import { corpusConfig } from '../../src/config/corpus.ts';
import type { Survival } from '../material/corpus/number-survival.ts';
import { measureSurvival } from '../material/corpus/number-survival.ts';
import { visibleMarkup } from '../material/corpus/visible-markup.ts';
import type { Figure } from './record.ts';
import { printTable, recordFigures } from './record.ts';
import { missingShared } from './shared-data.ts';
import type { WikiPages } from './wiki-pages.ts';
import { wikiPages } from './wiki-pages.ts';

/** Languages whose figures have a bar; the others stand in the record's details. */
const barred = ['fr', 'ltg', 'es', 'de', 'ru', 'ja', 'zh', 'ar', 'pt', 'it'];
const proseBar = 0.99;
const templateBar = 0.9;
const leaksBar = 0.001;

interface LanguageRow {
  readonly language: string;
  readonly pages: number;
  readonly survival: readonly Survival[];
  readonly passages: number;
  readonly markup: readonly { readonly kind: string; readonly text: string }[];
}

function measure({ language, pages }: WikiPages): LanguageRow {
  const options = corpusConfig.parse({});
  const names = { fileNames: [], categoryNames: [], linkPrefixes: '' };
  const markup: LanguageRow['markup'][number][] = [];
  let count = 0;
  for (const { title, text, timestamp } of pages) {
    const page = { id: '1', url: undefined, title, text, language, editedAt: timestamp, ...names };
    const result = passagesOfPage(page, options);
    if (!('passages' in result)) continue;
    const texts = result.passages.map((passage) => passage.text);
    count += texts.length;
    markup.push(...visibleMarkup(text, texts));
  }
  const survival = measureSurvival(pages, language);
  return { language, pages: pages.length, survival, passages: count, markup };
}

function share(row: LanguageRow, place: Survival['place'], kept: 'kept' | 'libraryKept'): number {
  const found = row.survival.find((counts) => counts.place === place);
  return found === undefined || found.visible === 0 ? NaN : found[kept] / found.visible;
}

function survivalFigures(row: LanguageRow): Figure[] {
  const places = ['prose', 'lists', 'templates', 'tables', 'dates in words'] as const;
  return places.flatMap((place) => {
    const visible = row.survival.find((counts) => counts.place === place)?.visible ?? 0;
    if (visible === 0) return [];
    const bar =
      place === 'prose' ? { bar: proseBar } : place === 'templates' ? { bar: templateBar } : {};
    const measure = `${row.language}, ${place} (${visible}), share kept`;
    return [
      { measure, value: share(row, place, 'kept'), ...bar },
      { measure: `${measure} by wtf_wikipedia alone`, value: share(row, place, 'libraryKept') },
    ];
  });
}

const missing = missingShared('mediawiki');
if (missing !== false) {
  process.stdout.write(`left out: ${missing}\n`);
} else {
  const rows = (await wikiPages()).map(measure);
  printTable(
    rows.map((row) => ({
      language: row.language,
      pages: row.pages,
      'prose %': (100 * share(row, 'prose', 'kept')).toFixed(2),
      'templates %': (100 * share(row, 'templates', 'kept')).toFixed(2),
      'tables %': (100 * share(row, 'tables', 'kept')).toFixed(2),
      'dates %': (100 * share(row, 'dates in words', 'kept')).toFixed(2),
      passages: row.passages,
      'with markup': row.markup.length,
    })),
  );
  const passages = rows.reduce((sum, row) => sum + row.passages, 0);
  const leaks = rows.reduce((sum, row) => sum + row.markup.length, 0);
  await recordFigures(
    import.meta.url,
    [
      ...rows.filter(({ language }) => barred.includes(language)).flatMap(survivalFigures),
      { measure: `languages, ${passages} passages`, value: rows.length },
      {
        measure: 'share of passages that show markup, all languages',
        value: leaks / passages,
        bar: leaksBar,
        atMost: true,
      },
      ...rows
        .filter((row) => row.markup.length > 0)
        .map((row) => ({
          measure: `${row.language}, passages that show markup, of ${row.passages}`,
          value: row.markup.length,
        })),
    ],
    {
      rows: rows.map((row) => ({
        ...row,
        markup: row.markup.map(({ kind, text }) => `${kind}: ${text.slice(0, 160)}`),
      })),
    },
  );
}
