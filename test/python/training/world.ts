import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { generateEncyclopedia } from '../../../corpus/fictional/generate.ts';
import { buildIndex } from '../../../indexer/build-index.ts';
import { writeHeldOut } from '../../../src/app/quickstart/stages.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { readQuestionSet } from '../../../src/evaluation/question-set.ts';
import { tinyPolicyFolder } from '../../../src/models/shipped.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { makeSeeds } from '../../../src/seeds/make-seeds.ts';

/** A small fictional world, ready to be played in. */
export interface TestWorld {
  readonly index: string;
  readonly seeds: string;
  /** All questions of the world, those held out among them. */
  readonly questions: string;
  readonly heldOut: string;
  readonly facts: string;
}

const quickstartPreset = fileURLToPath(
  new URL('../../../src/config/presets/quickstart.yaml', import.meta.url),
);

/** The quickstart's own configuration. */
export const quickstart = await loadConfig(quickstartPreset);

/** Of each role in a run of {@link writeRunConfig}. */
export const temperatures = { proposer: 0.7, solver: 1 };

/**
 * Makes the quickstart's world in `folder`, with BM25 alone and by default with few entities and
 * questions of two searches or more: so a few steps see outcomes of all kinds.
 */
export async function makeWorld(
  folder: string,
  { entities = 300, questions = 150, heldOutPerHop = 4, minHops = 2 } = {},
): Promise<TestWorld> {
  const config = await loadConfig(quickstartPreset, {
    ...{ generate: { entities, questions }, seeds: { minHops } },
    index: { modes: ['bm25'] },
  });
  const job = { force: true, progress: silentProgress, signal: new AbortController().signal };
  const [world, corpus, index] = ['world', 'corpus', 'index'].map((name) => join(folder, name));
  if (world === undefined || corpus === undefined || index === undefined) throw new Error('folder');
  const [seeds, heldOut] = [join(folder, 'seeds.jsonl'), join(folder, 'held-out.jsonl')];
  await generateEncyclopedia({ ...config.generate, ...job, out: world });
  const paths = [join(world, 'dump.xml')];
  await buildCorpus({ ...job, paths, out: corpus, config: config.corpus, restart: true });
  await buildIndex({ ...job, corpusFolder: corpus, out: index, config: config.index });
  await writeHeldOut(join(world, 'questions.jsonl'), heldOutPerHop, heldOut);
  const held = await readQuestionSet(heldOut);
  const exclude = [{ name: 'held-out', questions: held.questions }];
  await makeSeeds({ ...job, corpus, out: seeds, config: config.seeds, exclude });
  const [asked, facts] = [join(world, 'questions.jsonl'), join(world, 'facts.jsonl')];
  return { index, seeds, questions: asked, heldOut, facts };
}

/** Writes a configuration for a few small steps in the world; gives its path. */
export async function writeRunConfig(
  folder: string,
  world: TestWorld,
  sections: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<string> {
  const training = {
    ...quickstart.training,
    ...{ steps: 3, batchQuestions: 6, miniBatchQuestions: 3, validationSteps: 2 },
    ...{ validationQuestions: 6, seeds: world.seeds, index: world.index, facts: world.facts },
    ...{ validationSet: world.heldOut, warmupSteps: 0 },
  };
  const config = {
    ...quickstart,
    game: {
      ...quickstart.game,
      ...{ attempts: 3, temperature: temperatures.solver },
      ...{ proposerTemperature: temperatures.proposer, ...sections['game'] },
    },
    policy: { ...quickstart.policy, model: tinyPolicyFolder, threads: 1, ...sections['policy'] },
    judge: { ...quickstart.judge, ...sections['judge'] },
    watch: { ...quickstart.watch, ...sections['watch'] },
    training: { ...training, ...sections['training'] },
  };
  const path = join(folder, 'config.json');
  await writeFile(path, JSON.stringify(config));
  return path;
}
