// What does Elasticsearch find and how fast is it, beside the embedded index that was pushed into it?
import { configSchema } from '../../src/config/schema.ts';
import { openClusterIndex } from '../../src/elasticsearch/open-cluster-index.ts';
import { silentProgress } from '../../src/progress/progress.ts';
import { openEncoder } from '../../src/retrieval/encoder.ts';
import { openIndex } from '../../src/retrieval/open-index.ts';
import type { EncoderSource } from '../../src/types/encoder.ts';
import type { SearchIndex, SearchMode } from '../../src/types/retriever.ts';
import { startCluster } from '../material/elasticsearch/cluster.ts';
import { missingElasticsearch } from '../material/elasticsearch/distribution.ts';
import type { QueryRate } from './query-rate.ts';
import { measureQueries } from './query-rate.ts';
import type { RankedIds } from './ranking-metrics.ts';
import { ndcg } from './ranking-metrics.ts';
import type { Figure } from './record.ts';
import { printTable, recordFigures } from './record.ts';
import { importedScifact, readScifactTopics } from './scifact.ts';
import { sharedFile } from './shared-data.ts';
import { goldByDataset, readDevelopmentQuestions, wiki84kFiles } from './wiki84k.ts';
import { builtIndex, importedCorpus, ssp } from './workshop.ts';

const topK = 10;
const batch = 64;
/** Queries in flight, and how many are timed. */
const loads = [
  [1, 500],
  [16, 2000],
  [256, 2000],
] as const;

const reason = missingElasticsearch();
if (reason !== false) throw new Error(reason);
const cluster = await startCluster();
const [node = ''] = cluster.urls;
const figures: Figure[] = [];
const rates: Record<string, readonly QueryRate[]> = {};
try {
  await ofWiki84k();
  await ofScifact();
  await recordFigures(import.meta.url, figures, { rates });
} finally {
  await cluster.stop();
}

async function ofWiki84k(): Promise<void> {
  const corpus = await importedCorpus('wiki84k', sharedFile(wiki84kFiles[0]));
  const folder = await builtIndex('wiki84k-bm25', corpus, '--modes', 'bm25');
  const pushed = await push(folder, 'wiki84k');
  const pair = await openBoth(folder, 'wiki84k');
  const questions = await readDevelopmentQuestions();
  const texts = questions.map(({ question }) => question);
  const [ours, theirs] = [await runsOf(pair.embedded, texts), await runsOf(pair.pushed, texts)];
  const [here, there] = [ours, theirs].map((runs) => goldByDataset(questions, runs)['all']);
  for (const [name, key] of [
    ['any-gold@5', 'anyGoldAt5'],
    ['MRR@10', 'mrrAt10'],
  ] as const) {
    const [one, other] = [here?.[key] ?? 0, there?.[key] ?? 0];
    figures.push(
      { measure: `wiki84k, BM25, ${name}, embedded`, value: one },
      { measure: `wiki84k, BM25, ${name}, Elasticsearch`, value: other },
      {
        measure: `wiki84k, BM25, ${name}, difference`,
        value: Math.abs(one - other),
        bar: 0.005,
        atMost: true,
      },
    );
  }
  figures.push(
    { measure: 'wiki84k, BM25, overlap of the best ten', value: overlap(ours, theirs), bar: 0.97 },
    { measure: 'push, passages/s', value: pushed.passages / pushed.seconds },
    { measure: 'bytes in the cluster', value: pushed.bytes },
    { measure: 'bytes of the folder', value: pair.embedded.files.bytes },
  );
  for (const [system, index] of [
    ['embedded', pair.embedded],
    ['Elasticsearch', pair.pushed],
  ] as const) {
    const measured: QueryRate[] = [];
    for (const [inFlight, count] of loads) {
      const search = (query: string) => index.retriever('bm25').search([query], { topK });
      const { rate } = await measureQueries(texts.slice(0, count), inFlight, search);
      measured.push(rate);
      figures.push({
        measure: `queries/s, ${inFlight} in flight, ${system}`,
        value: rate.queriesPerSecond,
      });
    }
    rates[system] = measured;
    printTable(measured.map((rate) => ({ system, ...rate })));
  }
  await closeBoth(pair);
}

async function ofScifact(): Promise<void> {
  const topics = await readScifactTopics();
  const texts = topics.map(({ question }) => question);
  const judged = topics.map((topic) => topic.judged);
  const folder = await builtIndex('scifact-tiny', await importedScifact());
  await push(folder, 'scifact');
  const pair = await openBoth(folder, 'scifact');
  for (const mode of ['bm25', 'dense', 'hybrid'] as const) {
    const [ours, theirs] = [
      await runsOf(pair.embedded, texts, mode),
      await runsOf(pair.pushed, texts, mode),
    ];
    figures.push(
      { measure: `SciFact, ${mode}, nDCG@10, embedded`, value: ndcg(judged, ours, topK) },
      { measure: `SciFact, ${mode}, nDCG@10, Elasticsearch`, value: ndcg(judged, theirs, topK) },
      { measure: `SciFact, ${mode}, overlap of the best ten`, value: overlap(ours, theirs) },
    );
  }
  await closeBoth(pair);
}

interface Pair {
  readonly embedded: SearchIndex;
  readonly pushed: SearchIndex;
}

async function openBoth(folder: string, name: string): Promise<Pair> {
  const { elasticsearch, encoder: config } = configSchema.parse({});
  const encoder = (source: EncoderSource) =>
    openEncoder({ ...config, ...source }, { progress: silentProgress });
  return {
    embedded: await openIndex(folder, { encoder }),
    pushed: await openClusterIndex(`elasticsearch+${node}/${name}`, { encoder, elasticsearch }),
  };
}

async function closeBoth({ embedded, pushed }: Pair): Promise<void> {
  await embedded.close();
  await pushed.close();
}

async function push(folder: string, name: string) {
  const began = performance.now();
  const args = ['--index', folder, '--to', node, '--name', name, '--replicas', '0', '--json'];
  const pushed = JSON.parse(await ssp('index', 'push', ...args)) as {
    passages: number;
    bytes: number;
  };
  return { ...pushed, seconds: (performance.now() - began) / 1000 };
}

async function runsOf(
  index: SearchIndex,
  texts: readonly string[],
  mode: SearchMode = 'bm25',
): Promise<RankedIds[]> {
  const runs: RankedIds[] = [];
  for (let first = 0; first < texts.length; first += batch) {
    const found = await index.retriever(mode).search(texts.slice(first, first + batch), { topK });
    runs.push(...found.map(({ hits }) => hits.map(({ id }) => id)));
  }
  return runs;
}

/** The share of the hits of `runs` that `others` have too. */
function overlap(runs: readonly RankedIds[], others: readonly RankedIds[]): number {
  const common = runs.map((run, i) => run.filter((id) => others[i]?.includes(id)).length);
  const sum = (counts: readonly number[]): number =>
    counts.reduce((total, count) => total + count, 0);
  return sum(common) / sum(runs.map(({ length }) => length));
}
