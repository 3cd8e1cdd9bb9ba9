import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import t, { test } from 'tap';

import { openCorpus } from '../../../corpus/corpus.ts';
import { indexWords } from '../../../indexer/bm25-stage.ts';
import type { BuildContext } from '../../../indexer/build-context.ts';
import { createBuildPlan } from '../../../indexer/build-plan.ts';
import { indexLookups, storePassages } from '../../../indexer/passage-stage.ts';
import { indexConfig } from '../../../src/config/index-build.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { hashOf } from '../../../src/storage/hash.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';

t.setTimeout(600_000); // threads that start on whatever machine this is

const config = indexConfig.parse({ modes: ['bm25'] });
const passages = smallPassages(65_536 + 20_000);

async function contextIn(folder: string, corpusFolder: string): Promise<BuildContext> {
  const corpus = await openCorpus(corpusFolder);
  const plan = createBuildPlan(corpus, config, undefined);
  const { signal } = new AbortController();
  return { folder, corpus, plan, progress: silentProgress, signal };
}

function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(join(folder, 'bm25')).sort();
  const hash = (name: string): string => hashOf(readFileSync(join(folder, 'bm25', name)));
  return Object.fromEntries(names.map((name) => [name, hash(name)]));
}

test('one thread, several, and a build that was stopped give the same bytes', async (t) => {
  const top = t.testdir({ tmp: {} });
  const corpusFolder = join(top, 'corpus');
  await writeCorpus(corpusFolder, passages, [], 100_000);
  const context = await contextIn(top, corpusFolder);
  const { bm25 } = context.plan;
  if (bm25 === undefined) throw new Error('the plan has no BM25');
  await storePassages(context);
  await indexLookups(context);
  const results: unknown[] = [];
  for (const threads of [1, 3]) {
    await indexWords(context, bm25, threads);
    results.push(contentOf(top));
    rmSync(join(top, 'bm25'), { recursive: true });
  }
  t.same(results[1], results[0]);

  const stop = new AbortController();
  const noted: string[] = [];
  const progress = {
    note: (text: string) => void noted.push(text),
    stage: (name: string) => ({
      add: () => undefined,
      end: () => {
        if (name === 'BM25, words') stop.abort(new Error('enough'));
      },
    }),
  };
  const stopped = { ...context, progress, signal: stop.signal };
  await t.rejects(indexWords(stopped, bm25, 1), { message: 'enough' });
  rmSync(join(top, 'bm25-runs', '00001.bin'));
  await indexWords({ ...context, progress }, bm25, 2);
  t.same(noted, ['BM25: going on after 1 windows']);
  t.same(contentOf(top), results[0]);
});
