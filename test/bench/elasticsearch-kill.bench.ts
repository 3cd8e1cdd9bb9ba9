// Is anything lost when a push, or a node of the cluster, is killed?
import { configSchema } from '../../src/config/schema.ts';
import { openClusterIndex } from '../../src/elasticsearch/open-cluster-index.ts';
import { isSspError } from '../../src/errors/error.ts';
import { createRandom } from '../../src/random/random.ts';
import { openIndex } from '../../src/retrieval/open-index.ts';
import type { Explanation, SearchIndex } from '../../src/types/retriever.ts';
import { startCluster } from '../material/elasticsearch/cluster.ts';
import { missingElasticsearch } from '../material/elasticsearch/distribution.ts';
import { mustRun, Program } from '../torture/program.ts';
import { recordFigures } from './record.ts';
import { sharedFile } from './shared-data.ts';
import { readDevelopmentQuestions, wiki84kFiles } from './wiki84k.ts';
import { builtIndex, importedCorpus } from './workshop.ts';

const kills = 20;
const searches = 10_000;
const inFlight = 16;
const seed = 15;

const reason = missingElasticsearch();
if (reason !== false) throw new Error(reason);
const signal = new AbortController().signal;
const random = createRandom(seed);
const note = (text: string): void => void process.stderr.write(`${text}\n`);
const corpus = await importedCorpus('wiki84k', sharedFile(wiki84kFiles[0]));
const folder = await builtIndex('wiki84k-bm25', corpus, '--modes', 'bm25');
const embedded = await openIndex(folder);
const cluster = await startCluster(2);
const [first = '', second = ''] = cluster.urls;
const nodes = `${first},${second.replace('http://', '')}`;

try {
  const killed = await pushUnderKills('kills');
  const kept = await compareAll('kills');
  const asked = await searchUnderKill('kills');
  const lostNode = await pushUnderNodeLoss('node');
  const afterLoss = await compareAll('node');
  await recordFigures(
    import.meta.url,
    [
      { measure: 'push killed, times', value: killed, bar: kills },
      { measure: 'passages of wiki84k', value: embedded.manifest.passages },
      {
        measure: 'documents after the kills',
        value: kept.documents,
        bar: embedded.manifest.passages,
      },
      {
        measure: 'of them missing, twice or other than in the folder',
        value: kept.wrong,
        bar: 0,
        atMost: true,
      },
      { measure: 'BM25 statistics as in the folder (1 yes)', value: kept.sameStatistics, bar: 1 },
      { measure: 'searches while a node of two is killed', value: asked.answered, bar: searches },
      {
        measure: 'of them with another answer than before',
        value: asked.wrong,
        bar: 0,
        atMost: true,
      },
      { measure: 'of them without an answer', value: asked.lost, bar: 0, atMost: true },
      { measure: 'longest wait of a search, s', value: asked.longestSeconds },
      {
        measure: 'push while a node of two is killed: documents missing at its end',
        value: lostNode,
        bar: 0,
        atMost: true,
      },
      {
        measure: 'of them missing, twice or other than in the folder, node lost',
        value: afterLoss.wrong,
        bar: 0,
        atMost: true,
      },
    ],
    { seed },
  );
} finally {
  await embedded.close();
  await cluster.stop();
}

function pushArguments(name: string, ...options: string[]): string[] {
  const to = ['index', 'push', '--index', folder, '--to', nodes, '--name', name, '--json'];
  return [...to, '--bulk-bytes', '1000000', ...options];
}

/** Kills the push in the middle of its work again and again, then lets it end; gives how often. */
async function pushUnderKills(name: string): Promise<number> {
  let count = 0;
  while (count < kills) {
    const program = new Program(pushArguments(name), { signal });
    const isIn = (): boolean => program.stages.some(({ name: stage }) => stage === 'push');
    if (!(await program.until(isIn)) || !(await program.wait(100 + random.below(2500)))) break;
    program.send('SIGKILL');
    await program.ended;
    count += 1;
    note(`push killed ${count} times`);
  }
  note(JSON.stringify(await mustRun(pushArguments(name), { signal })));
  return count;
}

/** Kills a node while documents come in, and starts it again; gives what is missing at the end. */
async function pushUnderNodeLoss(name: string): Promise<number> {
  const program = new Program(pushArguments(name, '--shards', '2'), { signal });
  await program.until(() => /push: [1-9]\d*(\.\d)?k\//.test(program.stderr));
  note('a node is killed in the middle of a push');
  await cluster.kill(1);
  await program.wait(15_000);
  await cluster.restart(1);
  const { code, stdout, stderr } = await program.ended;
  if (code !== 0) throw new Error(stderr);
  note(stdout);
  const { passages } = JSON.parse(stdout) as { passages: number };
  return embedded.manifest.passages - passages;
}

function openPushed(name: string): Promise<SearchIndex> {
  const { elasticsearch } = configSchema.parse({});
  return openClusterIndex(`elasticsearch+${nodes}/${name}`, { elasticsearch });
}

/** Holds every document against the passages of the folder. */
async function compareAll(name: string): Promise<{
  readonly documents: number;
  readonly wrong: number;
  readonly sameStatistics: number;
}> {
  const index = await openPushed(name);
  const { count: documents } = (await (await fetch(`${first}/${name}/_count`)).json()) as {
    count: number;
  };
  const total = embedded.manifest.passages;
  // The sample of as many as there are is all of them, in the order of rows.
  const [here, there] = await Promise.all([embedded.sample(total), index.sample(total)]);
  const differing = here.filter(
    (passage, row) => JSON.stringify(passage) !== JSON.stringify(there[row]),
  );
  const sameStatistics = await haveSameStatistics(index);
  await index.close();
  return { documents, wrong: differing.length + Math.abs(documents - total), sameStatistics };
}

/** Whether the mean length and the number of passages are the same: a term that is lost changes them. */
async function haveSameStatistics(index: SearchIndex): Promise<number> {
  const query = 'Radium';
  const [result] = await embedded.retriever('bm25').search([query], { topK: 1 });
  const id = result?.hits[0]?.id ?? '';
  const [ours, theirs] = await Promise.all(
    [embedded, index].map((one) => one.retriever('bm25').explain(query, id)),
  );
  const here = leavesOf(ours).find(({ description }) => description === 'average')?.score ?? 0;
  const lengths =
    leavesOf(theirs).find(({ description }) => /^avgdl/.test(description))?.score ?? -1;
  const passages = leavesOf(theirs).find(({ description }) => /^N, total/.test(description))?.score;
  return Number(Math.abs(here - lengths) < 1e-4 * here && passages === embedded.manifest.passages);
}

function leavesOf(explanation: Explanation | undefined): readonly Explanation[] {
  if (explanation === undefined) return [];
  return [explanation, ...explanation.parts.flatMap(leavesOf)];
}

/** Asks, and asks again while a node is killed halfway. */
async function searchUnderKill(name: string): Promise<{
  readonly answered: number;
  readonly wrong: number;
  readonly lost: number;
  readonly longestSeconds: number;
}> {
  const index = await openPushed(name);
  const texts = (await readDevelopmentQuestions())
    .slice(0, searches)
    .map(({ question }) => question);
  const undisturbed = await askAll(index, texts);
  let killing: Promise<void> | undefined;
  const disturbed = await askAll(index, texts, (done) => {
    if (done === searches / 2)
      killing = cluster.kill(1).then(() => {
        note('a node is killed');
      });
  });
  await killing;
  await cluster.restart(1);
  await index.close();
  const answered = disturbed.answers.filter((answer) => answer !== undefined).length;
  const wrong = disturbed.answers.filter(
    (answer, i) => answer !== undefined && answer !== undisturbed.answers[i],
  ).length;
  return {
    answered,
    wrong,
    lost: texts.length - answered,
    longestSeconds: disturbed.longestSeconds,
  };
}

async function askAll(
  index: SearchIndex,
  texts: readonly string[],
  onDone: (done: number) => void = () => undefined,
): Promise<{ readonly answers: readonly (string | undefined)[]; readonly longestSeconds: number }> {
  const retriever = index.retriever('bm25');
  const answers: (string | undefined)[] = texts.map(() => undefined);
  let [next, done, longestSeconds] = [0, 0, 0];
  async function ask(): Promise<void> {
    for (let i = next++; i < texts.length; i = next++) {
      const began = performance.now();
      const results = await retriever
        .search([texts[i] ?? ''], { topK: 5 })
        .catch((error: unknown) => {
          note(isSspError(error) ? error.code : String(error));
        });
      if (results !== undefined) answers[i] = JSON.stringify(results);
      longestSeconds = Math.max(longestSeconds, (performance.now() - began) / 1000);
      done += 1;
      onDone(done);
    }
  }
  await Promise.all(Array.from({ length: inFlight }, () => ask()));
  return { answers, longestSeconds };
}
