import { join } from 'node:path';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { generateEncyclopedia } from '../../../corpus/fictional/generate.ts';
import { buildIndex } from '../../../indexer/build-index.ts';
import type { Config } from '../../config/schema.ts';
import { readQuestionSet } from '../../evaluation/question-set.ts';
import { openEncoder } from '../../retrieval/encoder.ts';
import { makeSeeds } from '../../seeds/make-seeds.ts';
import { tinyPolicyFolder } from '../../tiny-policy/folder.ts';
import type { CommandContext } from '../context.ts';
import { writeHeldOut } from './held-out.ts';

/** Where the quickstart puts what it makes, all below one folder. */
export interface QuickstartFolders {
  readonly world: string;
  readonly corpus: string;
  readonly index: string;
  readonly seeds: string;
  /** Questions that are never trained on. */
  readonly heldOut: string;
  /** The run directory. */
  readonly run: string;
  readonly summary: string;
  readonly report: string;
}

/** The folders below `out`. */
export function quickstartFolders(out: string): QuickstartFolders {
  return {
    world: join(out, 'world'),
    corpus: join(out, 'corpus'),
    index: join(out, 'index'),
    seeds: join(out, 'seeds.jsonl'),
    heldOut: join(out, 'held-out.jsonl'),
    run: join(out, 'run'),
    summary: join(out, 'summary.json'),
    report: join(out, 'report.html'),
  };
}

/** Makes the encyclopedia, its corpus and its index anew; an earlier quickstart's are replaced. */
export async function makeIndex(
  folders: QuickstartFolders,
  config: Config,
  { progress, signal }: CommandContext,
): Promise<void> {
  const anew = { force: true, progress, signal };
  await generateEncyclopedia({ ...config.generate, ...anew, out: folders.world });
  await buildCorpus({
    ...{ ...anew, paths: [join(folders.world, 'dump.xml')], out: folders.corpus },
    ...{ config: config.corpus, restart: true },
  });
  const encoder = await openEncoder(config.encoder, { progress, signal });
  try {
    const { model, dtype } = config.encoder;
    await buildIndex({
      ...{ ...anew, corpusFolder: folders.corpus, out: folders.index },
      ...{ config: config.index, encoder: { encoder, source: { model, dtype } } },
    });
  } finally {
    await encoder.close();
  }
}

/** Takes the held-out questions from the world's, and makes seeds that ask for none of them. */
export async function makeQuestions(
  folders: QuickstartFolders,
  config: Config,
  { progress, signal }: CommandContext,
): Promise<void> {
  const { training, seeds } = config;
  const perHop = Math.floor(training.validationQuestions / 3);
  await writeHeldOut(join(folders.world, 'questions.jsonl'), perHop, folders.heldOut);
  const { questions } = await readQuestionSet(folders.heldOut);
  await makeSeeds({
    ...{ corpus: folders.corpus, out: folders.seeds, force: true, config: seeds },
    ...{ exclude: [{ name: 'held-out', questions }], progress, signal },
  });
}

/** The configuration with the paths of the folders, as a run needs it. */
export function trainingConfigOf(folders: QuickstartFolders, config: Config): Config {
  return {
    ...config,
    policy: { ...config.policy, model: config.policy.model ?? tinyPolicyFolder },
    training: {
      ...config.training,
      ...{ seeds: folders.seeds, index: folders.index, validationSet: folders.heldOut },
      facts: join(folders.world, 'facts.jsonl'),
    },
  };
}
