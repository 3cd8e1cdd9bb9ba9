import { mkdir } from 'node:fs/promises';

import { episodesFile, runFolder } from '../../src/run/run-folder.ts';
import { writeJsonLines } from '../../src/storage/json-files.ts';
import type { EpisodeRecord, RetrievedPassage, Role } from '../../src/types/episode.ts';
import type { QuestionRecord } from '../../src/types/question-record.ts';
import { writeMadeUpRun } from '../material/report/made-up-run.ts';
import { randomNumbers } from '../material/retrieval/small-corpus.ts';

/** The shape of a step at the paper's scale. */
export interface LongRun {
  readonly steps: number;
  /** Proposals of a step, and places in the solver's batch. */
  readonly questions: number;
  readonly attempts: number;
}

/** An episode: 3 searches of 3 passages, and tokens that add up to 3,000. */
const searches = 3;
const tokens = { prompt: 300, turn: 150, result: 700 };
const passageWords = 100;
const vocabulary = 150_000;

/** Writes a run whose texts, token ids and log-probs are drawn by a seed; gives its folder. */
export async function writeLongRun(path: string, run: LongRun): Promise<string> {
  await writeMadeUpRun(path, { steps: run.steps, questionsPerStep: 0 });
  const folder = runFolder(path);
  await mkdir(folder.episodes, { recursive: true });
  for (let step = 1; step <= run.steps; step += 1) {
    await writeJsonLines(episodesFile(folder, step), questionsOf(step, run));
  }
  return path;
}

/** Every second proposal is rejected by the verification; earlier questions take their places. */
function* questionsOf(step: number, { questions, attempts }: LongRun): Generator<QuestionRecord> {
  const draw = new Draw(step);
  for (let index = 0; index < questions * 1.5; index += 1) {
    const isReused = index >= questions;
    const isPlayed = isReused || index % 2 === 0;
    const common = { step, index, question: draw.words(15), answers: [draw.words(2)] };
    const played = Array.from({ length: isPlayed ? attempts : 0 }, (_, i) => ({
      episode: draw.episode('solver'),
      reward: { kind: 'reward' as const, reward: i % 2 },
      advantage: i - 2,
    }));
    if (isReused) {
      yield { ...common, place: 'reused', attempts: played };
      continue;
    }
    const passages = draw.passages(searches * 3 + 4);
    yield {
      ...common,
      seed: { answers: common.answers, hops: 3 },
      proposal: {
        episode: draw.episode('proposer'),
        verdict: isPlayed
          ? { kind: 'valid' }
          : { kind: 'rejected', by: 'verification', reason: 'wrong-answer' },
        reward: { kind: 'reward', reward: 0 },
      },
      verification: {
        ...{ reader: 'policy', passages, noisePassages: 4 },
        episode: draw.episode('verifier'),
      },
      place: isPlayed ? 'fresh' : 'none',
      attempts: played,
    };
  }
}

class Draw {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.#below(20_000).toString(36)).join(' ');
  }

  passages(count: number): RetrievedPassage[] {
    return Array.from({ length: count }, () => ({
      id: `${this.#below(1_000_000)}-1`,
      title: this.words(3),
      text: this.words(passageWords),
    }));
  }

  episode(role: Role): EpisodeRecord {
    const steps: EpisodeRecord['steps'][number][] = [];
    for (let i = 0; i < searches; i += 1) {
      const query = this.words(5);
      steps.push(this.#sampled({ kind: 'search', query }));
      const passages = this.passages(3);
      steps.push({ kind: 'result', query, passages, tokens: this.#tokens(tokens.result) });
    }
    const text = this.words(2);
    steps.push(this.#sampled({ kind: role === 'proposer' ? 'question' : 'answer', text }));
    const prompt = this.#tokens(tokens.prompt);
    return { role, prompt, steps, outcome: { kind: 'answered', text } };
  }

  #sampled(
    action: Extract<EpisodeRecord['steps'][number], { kind: 'sampled' }>['action'],
  ): EpisodeRecord['steps'][number] {
    const drawn = this.#tokens(tokens.turn);
    const logProbs = drawn.map(() => -2 * this.#random());
    return { kind: 'sampled', tokens: drawn, logProbs, text: this.words(100), action };
  }

  #tokens(count: number): number[] {
    return Array.from({ length: count }, () => this.#below(vocabulary));
  }

  #below(limit: number): number {
    return Math.floor(limit * this.#random());
  }
}
