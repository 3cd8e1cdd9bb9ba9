import { loadConfig } from '../config/load.ts';
import { SspError } from '../errors/error.ts';
import { readQuestionSet } from '../evaluation/question-set.ts';
import { readEpisodes, readRunManifest } from '../run/read-run.ts';
import { episodeSteps } from '../run/run-contents.ts';
import { runFolder } from '../run/run-folder.ts';
import { readSeeds } from '../seeds/read-seeds.ts';
import type { QuestionRecord } from '../types/question-record.ts';

/** Which question of which file or run is meant; `index` counts from 0. */
export interface QuestionPlace {
  readonly run: string | undefined;
  /** Of the run; undefined for its last one. */
  readonly step: number | undefined;
  readonly index: number;
}

/** What a person plays for. */
export interface PlayedTask {
  readonly answers: readonly string[];
  readonly text: string;
}

/**
 * A question of a run as it was played. Throws SSP_USAGE for a place that there is not,
 * SSP_INPUT_EMPTY for a run without episodes, and what reading a run throws.
 */
export async function recordedQuestion({
  run,
  step,
  index,
}: QuestionPlace): Promise<QuestionRecord> {
  if (run === undefined) throw usage('Give --run, or --role with a file to play from.');
  const folder = runFolder(run);
  await readRunManifest(folder);
  const steps = await episodeSteps(folder);
  const last = steps.at(-1);
  if (last === undefined) throw new SspError('SSP_INPUT_EMPTY', { path: run, what: 'episodes' });
  const wanted = step ?? last;
  if (!steps.includes(wanted)) {
    const there = `they are there from ${steps[0] ?? 0} to ${last}.`;
    throw usage(`Step ${wanted} has no episodes; ${there}`);
  }
  return chosen(await readEpisodes(folder, wanted), 'questions in this step', index);
}

/** A question to answer by hand: of a question set, else of a run. Throws as above. */
export async function solverTask(
  questionSet: string | undefined,
  place: QuestionPlace,
): Promise<PlayedTask> {
  if (questionSet !== undefined) {
    const { questions } = await readQuestionSet(questionSet);
    const { question, goldAnswers } = chosen(questions, 'questions', place.index);
    return { text: question, answers: goldAnswers };
  }
  const { question, answers, step, index } = await recordedQuestion(place);
  if (question !== undefined) return { text: question, answers };
  throw usage(`Question ${index} of step ${step} was never asked: its proposer gave none.`);
}

/** An answer to ask for by hand: of a file of seeds, else of a run. Throws as above. */
export async function proposerTask(
  seedFile: string | undefined,
  place: QuestionPlace,
): Promise<PlayedTask> {
  const { answers, hops } = await seedOf(seedFile, place);
  const text = `Ask a question that this answers and that needs ${hops} searches: ${answers.join(' = ')}`;
  return { text, answers };
}

async function seedOf(seedFile: string | undefined, place: QuestionPlace) {
  if (seedFile !== undefined) {
    const { seeds: range } = await loadConfig(undefined);
    const { seeds } = await readSeeds(seedFile, range);
    return chosen(seeds, 'seeds', place.index);
  }
  const { seed, step, index } = await recordedQuestion(place);
  if (seed !== undefined) return seed;
  throw usage(
    `Question ${index} of step ${step} has no seed: it is a reused one, or a given one. Name another.`,
  );
}

function chosen<Item>(items: readonly Item[], what: string, index: number): Item {
  const item = items[index];
  if (item !== undefined) return item;
  throw usage(`There are ${items.length} ${what}; --question counts from 0.`);
}

function usage(problem: string): SspError {
  return new SspError('SSP_USAGE', { problem });
}
