import { access } from 'node:fs/promises';
import { dirname } from 'node:path';

import { openCorpus } from '../../corpus/corpus.ts';
import type { SeedsConfig } from '../config/seeds.ts';
import { SspError } from '../errors/error.ts';
import { createRandom } from '../random/random.ts';
import { writeFileAtomic, writeJsonAtomic } from '../storage/atomic-file.ts';
import { createFolder } from '../storage/create-folder.ts';
import { hashOf } from '../storage/hash.ts';
import type { Seed } from '../types/seed.ts';
import { toolVersion } from '../version.ts';
import type { Candidate } from './candidate.ts';
import { chooseAnswers, countInShares, topicShares } from './choose-answers.ts';
import { collectCandidates } from './collect-candidates.ts';
import type { Job } from './corpus-streams.ts';
import type { EvaluationSet } from './evaluation-answers.ts';
import { EvaluationAnswers } from './evaluation-answers.ts';
import { seedLine } from './seed-line.ts';
import type { CandidateCounts, SeedSummary } from './seed-summary.ts';
import { countSources, describeSeeds } from './seed-summary.ts';

export interface SeedsRequest extends Job {
  /** A finished corpus folder. */
  readonly corpus: string;
  /** The file to write; the summary stands beside it. */
  readonly out: string;
  /** Replace a file that is there. */
  readonly force: boolean;
  readonly config: SeedsConfig;
  /** Their golden answers become no seeds. */
  readonly exclude: readonly EvaluationSet[];
}

/**
 * Makes seeds of what a corpus holds and writes them, whole or not at all, the summary last. The same
 * corpus and settings give the same bytes. Throws SSP_OUTPUT_EXISTS, SSP_FILE_NOT_FOUND where there
 * is no corpus, SSP_INPUT_EMPTY where it holds nothing to ask for, and the signal's reason.
 */
export async function makeSeeds(request: SeedsRequest): Promise<SeedSummary> {
  const { corpus: folder, out, force, config, exclude } = request;
  if (!force && (await exists(out))) {
    throw new SspError('SSP_OUTPUT_EXISTS', { path: out, what: 'seeds' });
  }
  const corpus = await openCorpus(folder);
  await createFolder(dirname(out));
  const found = await collectCandidates(corpus, config, request);
  const evaluated = new EvaluationAnswers(exclude);
  const { good, excluded, counts } = sift(found, config, evaluated);
  const shares = topicShares(config);
  const chosen = chooseAnswers(good, config.count, shares);
  if (chosen.length === 0) throw new SspError('SSP_INPUT_EMPTY', { path: folder, what: 'answers' });
  const seeds = inRandomOrder(chosen, config);
  const lines = seeds.map(seedLine).join('');
  const summary: SeedSummary = {
    formatVersion: 1,
    toolVersion,
    corpusHash: corpus.manifest.corpusHash,
    options: config,
    candidates: { ...counts, left: good.length - chosen.length },
    excludedBySet: evaluated.countOverlap(excluded.map(answersOf)).bySet,
    countInShares: countInShares(good, shares),
    hash: hashOf(lines),
    ...describeSeeds(seeds, shares),
    sources: countSources(chosen),
    corpusAnchors: corpus.manifest.anchorFile?.records ?? null,
  };
  request.signal.throwIfAborted();
  await writeFileAtomic(out, lines);
  await writeJsonAtomic(summaryPath(out), summary);
  return summary;
}

/** `seeds.summary.json` beside `seeds.jsonl`. */
function summaryPath(out: string): string {
  return `${out.replace(/\.jsonl$/, '')}.summary.json`;
}

interface Sifted {
  readonly good: readonly Candidate[];
  readonly excluded: readonly Candidate[];
  readonly counts: Omit<CandidateCounts, 'left'>;
}

/** Each candidate falls to the first reason that applies. */
function sift(
  candidates: readonly Candidate[],
  { minMentions }: SeedsConfig,
  evaluated: EvaluationAnswers,
): Sifted {
  const clear = candidates.filter(({ isAmbiguous }) => !isAmbiguous);
  const mentioned = clear.filter(({ mentions }) => mentions >= minMentions);
  const [good, excluded] = [false, true].map((isEvaluated) =>
    mentioned.filter(
      (candidate) => evaluated.setsWith(answersOf(candidate).answers).length > 0 === isEvaluated,
    ),
  ) as [Candidate[], Candidate[]];
  return {
    good,
    excluded,
    counts: {
      found: candidates.length,
      ambiguous: candidates.length - clear.length,
      unmentioned: clear.length - mentioned.length,
      excluded: excluded.length,
    },
  };
}

function inRandomOrder(
  chosen: readonly Candidate[],
  { seed, minHops, maxHops }: SeedsConfig,
): Seed[] {
  const random = createRandom(seed, 'seeds');
  return random.shuffled(chosen).map((candidate) => ({
    ...answersOf(candidate),
    hops: minHops + random.below(maxHops - minHops + 1),
    topic: candidate.topic ?? 'other',
  }));
}

function answersOf({ forms }: Candidate): Pick<Seed, 'answers'> {
  return { answers: Array.from(forms.values(), ({ text }) => text) };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
