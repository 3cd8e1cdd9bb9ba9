// What does ranking alone cost, beside Lucene with the same terms, in one thread? With those of
// twenty-one-million too where it has made its passages.
import { createWriteStream, existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';

import { z } from 'zod';

import { openCorpus } from '../../corpus/corpus.ts';
import { createAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { analyzerOf } from '../../src/bm25/analyzer/languages.ts';
import { indexConfig } from '../../src/config/index-build.ts';
import { analyzerVersion } from '../../src/types/index-manifest.ts';
import type { LuceneProgram } from './lucene/lucene.ts';
import { indexByLucene, prepareLucene, rankByLucene, searchByLucene } from './lucene/lucene.ts';
import { millionPassages } from './million-passages.ts';
import type { QueryRate } from './query-rate.ts';
import { printTable, recordFigures } from './record.ts';
import { sharedFile } from './shared-data.ts';
import { readDevelopmentQuestions, wiki84kFiles } from './wiki84k.ts';
import { builtIndex, importedCorpus, oneCore, runProgram, workshopPath } from './workshop.ts';

const topK = 10;
const warmUp = 500;
const timed = 2000;
const rounds = 3;
const { titleWeight, bm25K1: k1, bm25B: b } = indexConfig.parse({});
const bar = 2.5;

const replySchema = z.object({
  threadSeconds: z.number(),
  loadSeconds: z.number(),
  rows: z.number(),
  postings: z.number(),
  memoryBytes: z.number(),
});
type EngineReply = z.output<typeof replySchema>;

const analyzer = createAnalyzer(analyzerOf('english'));
const questions = await readDevelopmentQuestions();
const step = Math.floor(questions.length / (warmUp + timed));
const chosen = questions
  .filter((_question, i) => i % step === 0)
  .slice(0, warmUp + timed)
  .map(({ question }) => question);
const queries = chosen.map((question) => analyzer.queryTerms(question));
const asTexts = queries.map((terms) => terms.join(' '));

const prepared = await prepareLucene();
if ('reason' in prepared) throw new Error(`Lucene cannot run: ${prepared.reason}`);
const many = await workshopPath('many-corpus');
const sizes = {
  wiki84k: await importedCorpus('wiki84k', sharedFile(wiki84kFiles[0])),
  million: await millionPassages(),
  ...(existsSync(join(many, 'manifest.json')) && { many }),
};
const rows: Record<string, string | number>[] = [];
for (const [name, corpus] of Object.entries(sizes))
  rows.push(await compare(name, corpus, prepared));
printTable(rows);
await recordFigures(
  import.meta.url,
  rows.flatMap((row) => [
    {
      measure: `queries per processor second over Lucene, ${row['passages'] ?? ''} passages`,
      value: row['over Lucene'] ?? 0,
      bar,
    },
    {
      measure: `whole searches over Lucene, ${row['passages'] ?? ''} passages`,
      value: row['whole over Lucene'] ?? 0,
      bar,
    },
  ]),
  { rows, warmUp, timed, rounds, topK },
);

/** Alternates the two engines and takes the best round of each: what other load has least changed. */
async function compare(
  name: string,
  corpus: string,
  program: LuceneProgram,
): Promise<Record<string, string | number>> {
  const index = await builtIndex(`${name}-bm25`, corpus, '--modes', 'bm25');
  const lucene = await workshopPath(`${name}-lucene-terms-${analyzerVersion}`);
  const parameters = { index: lucene, k1, b, analyzed: true };
  if (!existsSync(lucene)) {
    const passages = [await analyzedPassages(name, corpus)];
    await indexByLucene(program, { ...parameters, passages, titleWeight: 0 });
  }
  const ours: EngineReply[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await rankByEngine(index));
    const asked = { queries: asTexts, warmUp, topK };
    theirs.push(await rankByLucene(program, { ...parameters, ...asked }, oneCore));
  }
  const [own, other] = [Math.min(...ours.map((reply) => reply.threadSeconds)), Math.min(...theirs)];
  const [first] = ours;
  return {
    passages: first?.rows ?? 0,
    postings: first?.postings ?? 0,
    'engine us/query': (own / timed) * 1e6,
    'Lucene us/query': (other / timed) * 1e6,
    'over Lucene': other / own,
    'load s': Math.min(...ours.map(({ loadSeconds }) => loadSeconds)),
    'bytes/passage': (first?.memoryBytes ?? 0) / (first?.rows ?? 1),
    'whole over Lucene': await wholeSearches(index, parameters, program),
  };
}

/**
 * Whole searches one by one, by processor time of all threads over Lucene: analysis, ranking and the
 * texts of ten hits. Lucene's texts and queries are terms already, so its analysis is the cheaper one.
 */
async function wholeSearches(
  index: string,
  parameters: { readonly index: string; readonly k1: number; readonly b: number },
  program: LuceneProgram,
): Promise<number> {
  const file = await workshopPath(`query-request-${process.pid}.json`);
  const common = { warmUp, topK, inFlight: 1 };
  await writeFile(file, JSON.stringify({ ...common, index, queries: chosen }));
  const script = fileURLToPath(new URL('query-program.ts', import.meta.url));
  const output = await runProgram(process.execPath, [script, file], {}, oneCore);
  await rm(file);
  const own = (JSON.parse(output) as { rate: QueryRate }).rate;
  const asked = { ...parameters, ...common, analyzed: true, queries: asTexts };
  const { rate: other } = await searchByLucene(program, asked, oneCore);
  return own.queriesPerCpuSecond / other.queriesPerCpuSecond;
}

async function rankByEngine(index: string): Promise<EngineReply> {
  const file = await workshopPath(`engine-request-${process.pid}.json`);
  await writeFile(file, JSON.stringify({ index, queries, warmUp, topK }));
  const script = fileURLToPath(new URL('engine-program.ts', import.meta.url));
  const output = await runProgram(process.execPath, [script, file], {}, oneCore);
  await rm(file);
  return replySchema.parse(JSON.parse(output));
}

/** The passages as their terms, the title's counted as the index counts them. */
async function analyzedPassages(name: string, folder: string): Promise<string> {
  const file = await workshopPath(`${name}-terms.jsonl.gz`);
  const corpus = await openCorpus(folder);
  async function* lines(): AsyncGenerator<string> {
    for await (const { id, title, text } of corpus.passages()) {
      const ofText = analyzer.terms(`${`${title}\n`.repeat(titleWeight)}${text}`);
      const terms = [...analyzer.titleTerms(title), ...ofText];
      yield `${JSON.stringify({ id, title: '', text: terms.join(' ') })}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createGzip({ level: 1 }), createWriteStream(file));
  return file;
}
