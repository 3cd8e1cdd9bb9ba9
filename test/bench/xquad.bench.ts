// How much does BM25 find in nine languages, beside bm25s over the words of a dictionary?
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { TextAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { createAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../src/bm25/analyzer/languages.ts';
import { foldSpelling } from '../../src/bm25/analyzer/spelling.ts';
import type { AnalyzerName } from '../../src/types/index-manifest.ts';
import { engineOf } from './analyzed-engine.ts';
import { runBm25s } from './peers/bm25s.ts';
import type { GoldFigures, RankedIds } from './ranking-metrics.ts';
import { goldFigures } from './ranking-metrics.ts';
import { printTable, recordFigures } from './record.ts';
import { workshopPath } from './workshop.ts';
import type { Xquad, XquadLanguage } from './xquad.ts';
import { readXquad, xquadAnalyzers, xquadLanguages } from './xquad.ts';

const topK = 10;
const parameters = { topK, k1: 0.9, b: 0.75, titleWeight: 2, timed: 0 };
/** Snowball's stemmers of PyStemmer. */
const stemmers = ['ar', 'de', 'en', 'es', 'hi', 'ru', 'tr'];
/** Scripts without spaces between words. */
const unspaced = ['th', 'zh'];

const simple = createAnalyzer(analyzerOf('simple'));
/** Whatever stands between spaces and punctuation is one term. */
const undivided: TextAnalyzer = {
  ...simple,
  termsOfWord: (word) => [foldSpelling(word)],
  queryTerms: (query) => simple.words(query).map(foldSpelling),
};

const rows: (Record<string, string | number> & { readonly language: XquadLanguage })[] = [];
const details: Record<string, unknown> = {};
for (const language of xquadLanguages) {
  const data = await readXquad(language);
  const figures = {
    own: goldFigures(data.gold, await searchOurs(data, xquadAnalyzers[language])),
    simple: goldFigures(data.gold, await searchOurs(data, 'simple')),
    undivided: goldFigures(data.gold, await searchWith(undivided, data)),
    bm25s: goldFigures(data.gold, await searchBm25s(data, language)),
  };
  details[language] = figures;
  rows.push({
    language,
    analyzer: xquadAnalyzers[language],
    ...columns('', figures.own),
    ...columns('simple ', figures.simple),
    ...columns('undivided ', figures.undivided),
    ...columns('bm25s ', figures.bm25s),
  });
}
printTable(rows);
await recordFigures(
  import.meta.url,
  rows.flatMap(({ language, analyzer, ...row }) => [
    { measure: `${language}: any-gold@5 (analyzer ${analyzer ?? ''})`, value: row['any@5'] ?? 0 },
    { measure: `${language}: MRR@10`, value: row['MRR@10'] ?? 0 },
    { measure: `${language}: any-gold@5, simple`, value: row['simple any@5'] ?? 0 },
    {
      measure: `${language}: any-gold@5, text divided at spaces`,
      value: row['undivided any@5'] ?? 0,
    },
    { measure: `${language}: any-gold@5, bm25s`, value: row['bm25s any@5'] ?? 0 },
    { measure: `${language}: MRR@10, bm25s`, value: row['bm25s MRR@10'] ?? 0 },
    {
      measure: `${language}: any-gold@5 over bm25s`,
      value: Number(row['any@5']) / Number(row['bm25s any@5']),
      ...(unspaced.includes(language) ? { bar: 1 } : {}),
    },
  ]),
  { systems: details },
);

function columns(prefix: string, figures: GoldFigures): Record<string, number> {
  return { [`${prefix}any@5`]: figures.anyGoldAt5, [`${prefix}MRR@10`]: figures.mrrAt10 };
}

function searchOurs(data: Xquad, name: AnalyzerName): Promise<RankedIds[]> {
  return searchWith(createAnalyzer(analyzerOf(name)), data);
}

async function searchWith(
  analyzer: TextAnalyzer,
  { passages, questions }: Xquad,
): Promise<RankedIds[]> {
  const engine = await engineOf(analyzer, passages);
  return questions.map((question) =>
    engine.search(analyzer.queryTerms(question), topK).map(({ row }) => passages[row]?.id ?? ''),
  );
}

/** bm25s over the words that ICU's dictionaries find, stemmed by Snowball where it has a stemmer. */
async function searchBm25s(
  { passages, questions }: Xquad,
  language: XquadLanguage,
): Promise<RankedIds[]> {
  const corpus = await workshopPath(`xquad-${language}-words`);
  const segmenter = new Intl.Segmenter(language, { granularity: 'word' });
  const divided = (text: string): string =>
    Array.from(segmenter.segment(text.normalize('NFKC').toLowerCase()))
      .filter(({ isWordLike }) => isWordLike)
      .map(({ segment }) => segment)
      .join(' ');
  const lines = passages.map(({ id, title, text }) =>
    JSON.stringify({ id, title: divided(title), text: divided(text) }),
  );
  await mkdir(corpus, { recursive: true });
  await writeFile(join(corpus, 'passages-00000.jsonl'), lines.join('\n'));
  const words = { stemmer: stemmers.includes(language) ? xquadAnalyzers[language] : undefined };
  const queries = questions.map(divided);
  return (await runBm25s({ ...parameters, corpus, queries, words })).runs;
}
