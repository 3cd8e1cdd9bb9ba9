import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { SspError } from '../errors/error.ts';
import { eachEpisode } from '../run/read-run.ts';
import { episodeSteps } from '../run/run-contents.ts';
import { runFolder } from '../run/run-folder.ts';
import { eachJsonLine } from '../storage/json-files.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import { evaluationRecordSchema } from '../types/evaluation.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { Task } from './demonstration.ts';

/** An episode that came out well, and what it was asked. */
export interface RecordedEpisode {
  readonly task: Task;
  readonly episode: EpisodeRecord;
  /** What it is about: episodes of one question are held out together. */
  readonly question: string;
}

/**
 * The good episodes of a run (valid questions, what verified them, attempts with the full reward) or
 * of an evaluation (exact matches). Throws SSP_INPUT_EMPTY for a folder that holds neither, and what
 * `eachJsonLine` throws.
 */
export async function* recordedEpisodes(path: string): AsyncGenerator<RecordedEpisode> {
  const run = runFolder(path);
  const steps = await episodeSteps(run);
  if (steps.length > 0) {
    for (const step of steps) {
      for await (const record of eachEpisode(run, step)) yield* goodOnes(record);
    }
    return;
  }
  const episodes = join(path, 'episodes');
  const sets = (await readdir(episodes).catch(() => [])).filter((name) =>
    /\.jsonl\.gz$/.test(name),
  );
  if (sets.length === 0) throw new SspError('SSP_INPUT_EMPTY', { path, what: 'episodes' });
  for (const set of sets.sort()) {
    const records = eachJsonLine(join(episodes, set), 'evaluation', evaluationRecordSchema);
    for await (const { question, episode, score } of records) {
      if (score?.exactMatch === true)
        yield { task: { role: 'solver', question }, episode, question };
    }
  }
}

function* goodOnes(record: QuestionRecord): Generator<RecordedEpisode> {
  const { seed, proposal, verification, question, attempts } = record;
  if (question === undefined) return;
  if (seed !== undefined && proposal?.verdict.kind === 'valid') {
    const [answer = ''] = seed.answers;
    const { episode } = proposal;
    yield { task: { role: 'proposer', answer, hops: seed.hops }, episode, question };
    if (verification?.episode !== undefined) {
      const material = verification.passages;
      const task = { role: 'verifier', question, material } as const;
      yield { task, episode: verification.episode, question };
    }
  }
  for (const { episode, reward } of attempts) {
    const isFull = reward.kind === 'reward' && reward.reward === 1;
    if (isFull) yield { task: { role: 'solver', question }, episode, question };
  }
}
