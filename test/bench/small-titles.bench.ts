// Is a title of small words found, and what do a list of stop words and the whole title as a term do?
import type { TextAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { createAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../src/bm25/analyzer/languages.ts';
import { queryTitleTerm } from '../../src/bm25/analyzer/title-terms.ts';
import type { Passage } from '../../src/types/passage.ts';
import { engineOf } from './analyzed-engine.ts';
import { ndcg } from './ranking-metrics.ts';
import { printTable, recordFigures } from './record.ts';
import { readScifactPassages, readScifactTopics } from './scifact.ts';
import { smallWordTitles } from './small-word-titles.ts';
import { goldByDataset, readDevelopmentQuestions, readPassages } from './wiki84k.ts';

/** The stop words of Lucene's EnglishAnalyzer. */
const stopWords =
  /\b(?:a|an|and|are|as|at|be|but|by|for|if|in|into|is|it|no|not|of|on|or|such|that|the|their|then|there|these|they|this|to|was|will|with)\b/giu;

const english = createAnalyzer(analyzerOf('english'));
const listed: TextAnalyzer = {
  ...english,
  words: (text) => english.words(withoutStopWords(text)),
  queryTerms: (query) => [...english.terms(withoutStopWords(query)), ...queryTitleTerm(query)],
};
const same = (text: string): string => text;
/** Analyzers, and what is indexed of a text. */
const systems: Readonly<Record<string, readonly [TextAnalyzer, (text: string) => string]>> = {
  'ssp: no list, title as a whole': [english, same],
  "Lucene's 33, title as a whole": [listed, same],
  'no list': [withoutTitleTerms(english), same],
  "Lucene's 33, but in titles": [withoutTitleTerms(english), withoutStopWords],
  "Lucene's 33": [withoutTitleTerms(listed), same],
};

const wiki84k = [...(await readPassages()).values()];
const questions = await readDevelopmentQuestions();
const scifact = await readScifactPassages();
const topics = await readScifactTopics();
const small = smallWordTitles.map(([title, text], i) => ({ id: `small-${i}`, title, text }));
/** Titles of wiki84k that consist of stop words and single characters, but for what is in brackets. */
const real = [...new Set(wiki84k.map(({ title }) => title))].filter(isOfSmallWords);

const rows: Record<string, string | number>[] = [];
for (const [system, [analyzer, indexed]] of Object.entries(systems))
  rows.push({ system, ...(await measure(analyzer, indexed)) });
printTable(rows);
const [first = {}] = rows;
await recordFigures(
  import.meta.url,
  rows.flatMap(({ system, ...row }) => {
    const isOurs = system === first['system'];
    return [
      figure(`${system}: of 80 titles at rank 1..3`, row['80 titles'], isOurs && 80),
      figure(`${system}: of 80 titles, asked "What is ...?"`, row['in a question']),
      figure(`${system}: of ${real.length} titles of wiki84k`, row['wiki84k titles']),
      figure(`${system}: wiki84k any-gold@5`, row['any-gold@5'], isOurs && 0.816),
      figure(`${system}: wiki84k MRR@10`, row['MRR@10'], isOurs && 0.6788),
      figure(`${system}: SciFact nDCG@10`, row['nDCG@10'], isOurs && 0.689),
      figure(`${system}: wiki84k queries/s, one thread`, row['queries/s']),
    ];
  }),
  { rows, titles: real },
);

function figure(
  measured: string,
  value: string | number | undefined,
  bar: number | false = false,
): { readonly measure: string; readonly value: string | number; readonly bar?: number } {
  return { measure: measured, value: value ?? 0, ...(bar === false ? {} : { bar }) };
}

async function measure(
  analyzer: TextAnalyzer,
  indexed: (text: string) => string,
): Promise<Record<string, number>> {
  const search = await searchOf([...wiki84k, ...small], analyzer, indexed);
  const started = process.cpuUsage();
  const runs = questions.map(({ question }) => search(question, 10));
  const { user, system } = process.cpuUsage(started);
  const idsOf = (found: readonly Passage[]): string[] => found.map(({ id }) => id);
  const gold = goldByDataset(questions, runs.map(idsOf))['all'];
  const found = (title: string, query = title): boolean =>
    search(query, 3).some((passage) => passage.title === title);
  const searchScifact = await searchOf(scifact, analyzer, indexed);
  const scifactRuns = topics.map(({ question }) => idsOf(searchScifact(question, 10)));
  return {
    '80 titles': smallWordTitles.filter(([title]) => found(title)).length,
    'in a question': smallWordTitles.filter(([title]) => found(title, `What is ${title}?`)).length,
    'wiki84k titles': real.filter((title) => found(title)).length,
    'any-gold@5': gold?.anyGoldAt5 ?? 0,
    'MRR@10': gold?.mrrAt10 ?? 0,
    'nDCG@10': ndcg(
      topics.map(({ judged }) => judged),
      scifactRuns,
      10,
    ),
    'queries/s': questions.length / ((user + system) / 1e6),
  };
}

async function searchOf(
  passages: readonly Passage[],
  analyzer: TextAnalyzer,
  indexed: (text: string) => string,
): Promise<(query: string, depth: number) => Passage[]> {
  const texts = passages.map(({ title, text }) => ({ title, text: indexed(text) }));
  const engine = await engineOf(analyzer, texts);
  return (query, depth) =>
    engine.search(analyzer.queryTerms(query), depth).flatMap(({ row }) => passages[row] ?? []);
}

function withoutTitleTerms(analyzer: TextAnalyzer): TextAnalyzer {
  const isOfWord = (term: string): boolean => !term.startsWith('title:');
  return {
    ...analyzer,
    titleTerms: () => [],
    queryTerms: (query) => analyzer.queryTerms(query).filter(isOfWord),
  };
}

function withoutStopWords(text: string): string {
  return text.replace(stopWords, ' ');
}

function isOfSmallWords(title: string): boolean {
  const words = withoutStopWords(title.replace(/\s*\([^()]*\)$/u, ''))
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return /\p{L}|\p{N}/u.test(title) && words.every((word) => Array.from(word).length === 1);
}
