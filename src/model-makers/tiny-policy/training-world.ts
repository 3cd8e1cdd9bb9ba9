import { join } from 'node:path';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import type { Fact } from '../../../corpus/fictional/facts.ts';
import { facts } from '../../../corpus/fictional/facts.ts';
import { generateEncyclopedia } from '../../../corpus/fictional/generate.ts';
import type { Question } from '../../../corpus/fictional/questions.ts';
import { makeQuestions } from '../../../corpus/fictional/questions.ts';
import type { World } from '../../../corpus/fictional/world.ts';
import { createWorld } from '../../../corpus/fictional/world.ts';
import { buildIndex } from '../../../indexer/build-index.ts';
import { configSchema } from '../../config/schema.ts';
import type { Progress } from '../../progress/progress.ts';
import { openIndex } from '../../retrieval/open-index.ts';
import type { Searcher } from '../../rollout/searcher.ts';
import type { RetrievedPassage } from '../../types/episode.ts';
import type { Random } from '../../types/random.ts';

const entities = 2000;
const topPassages = 3;

/** How the tiny policy's encyclopedias are read and indexed: one passage a page, BM25 alone. */
const config = configSchema.parse({
  corpus: { infoboxes: false, lists: false, disambiguation: false },
  index: { modes: ['bm25'] },
});

/** A generated encyclopedia with its search, and what is true in it. */
export interface TrainingWorld {
  readonly world: World;
  /** Forward questions of 1, 2 and 3 hops in equal parts. */
  readonly questions: readonly Question[];
  /** By page title, in the order of the kind's relations. */
  readonly factsOf: ReadonlyMap<string, readonly Fact[]>;
  /** The facts of each page that states one. */
  readonly pagesWithFacts: readonly (readonly Fact[])[];
  readonly passageOf: ReadonlyMap<string, RetrievedPassage>;
  /** The title of entity n at place n. */
  readonly titles: readonly string[];
  /** The first three passages, as the search service gives them. */
  readonly searcher: Searcher;
  close(): Promise<void>;
}

interface MakeOptions {
  /** Where its files are written, in a folder of its own. */
  readonly folder: string;
  readonly seed: number;
  /** Questions at most. */
  readonly questions: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Generates, reads and indexes a world of 2,000 entities: seconds. */
export async function makeTrainingWorld(options: MakeOptions): Promise<TrainingWorld> {
  const { folder, seed, progress, signal } = options;
  const anew = { force: true, progress, signal };
  const [encyclopedia, corpus] = [join(folder, 'world'), join(folder, 'corpus')];
  const out = join(folder, 'index');
  await generateEncyclopedia({ ...anew, out: encyclopedia, seed, entities, questions: 0 });
  await buildCorpus({
    ...{ ...anew, out: corpus, config: config.corpus },
    ...{ paths: [join(encyclopedia, 'dump.xml')], restart: true },
  });
  await buildIndex({ ...anew, corpusFolder: corpus, out, config: config.index });
  return openTrainingWorld(out, options);
}

async function openTrainingWorld(
  indexFolder: string,
  { seed, questions }: MakeOptions,
): Promise<TrainingWorld> {
  const world = createWorld({ seed, entities });
  const index = await openIndex(indexFolder);
  const passages = await index.sample(index.manifest.passages);
  const passageOf = new Map(
    passages.map(({ id, title, text }) => [title, { id, title, text }] as const),
  );
  const factsOf = Map.groupBy(facts(world), ({ page }) => page);
  return {
    world,
    questions: await makeQuestions(world, questions, { inverse: false }),
    factsOf,
    pagesWithFacts: [...factsOf.values()],
    passageOf,
    titles: Array.from({ length: entities }, (_, entity) => world.titleOf(entity)),
    searcher: searcherOf(index),
    close: () => index.close(),
  };
}

/** Searches in this process; a query is asked once. */
function searcherOf(index: Awaited<ReturnType<typeof openIndex>>): Searcher {
  const retriever = index.retriever('bm25');
  const found = new Map<string, readonly RetrievedPassage[]>();
  return {
    async search(query) {
      const known = found.get(query);
      if (known !== undefined) return known;
      const [result] = await retriever.search([query], { topK: topPassages });
      const hits = result?.hits ?? [];
      const passages = hits.map(({ id, title, text }) => ({ id, title, text }));
      found.set(query, passages);
      return passages;
    },
  };
}

/** A question of 1, 2 or 3 hops, each equally often. */
export function drawQuestion({ questions }: TrainingWorld, random: Random): Question {
  const hops = 1 + random.below(3);
  const third = Math.floor(questions.length / 3);
  const question = questions[(hops - 1) * third + random.below(third)];
  if (question === undefined) throw new RangeError('The world has no questions.');
  return question;
}
