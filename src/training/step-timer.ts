import type { QuestionRecord } from '../types/question-record.ts';
import type { SearchFacts } from '../types/search-service.ts';
import type { StepTimings } from '../types/step-metrics.ts';
import { samplesOf } from './samples.ts';

type Phase = keyof StepTimings['seconds'];
type TimedPhase = Exclude<Phase, 'total'>;

/** How long the phases of one step take; the clock starts when it is made. */
export class StepTimer {
  readonly #startMs = performance.now();
  readonly #ms: Record<TimedPhase, number> = {
    propose: 0,
    verify: 0,
    solve: 0,
    score: 0,
    update: 0,
    validate: 0,
    checkpoint: 0,
  };

  /** Runs the work and adds its time to the phase, whether it succeeds or not. */
  async run<Result>(phase: TimedPhase, work: () => Promise<Result>): Promise<Result> {
    const startMs = performance.now();
    try {
      return await work();
    } finally {
      this.#ms[phase] += performance.now() - startMs;
    }
  }

  /** Seconds so far, to the millisecond. */
  seconds(): Record<Phase, number> {
    const all = { ...this.#ms, total: performance.now() - this.#startMs };
    return Object.fromEntries(
      Object.entries(all).map(([phase, ms]) => [phase, Math.round(ms) / 1000]),
    ) as Record<Phase, number>;
  }
}

/** How long a step took, and how much went through it. */
export function stepTimings(
  step: number,
  records: readonly QuestionRecord[],
  timer: StepTimer,
  search: SearchFacts,
): StepTimings {
  const seconds = timer.seconds();
  const samplingSeconds = seconds.propose + seconds.verify + seconds.solve;
  const learningSeconds = seconds.score + seconds.update;
  const trained = samplesOf(records, { klCoefficient: 1, overlongFilter: false });
  const trainedTokens = trained.reduce((sum, { tokens_T }) => sum + tokens_T.length, 0);
  return {
    step,
    seconds,
    sampledTokensPerSecond: rate(sampledTokens(records), samplingSeconds),
    trainedTokensPerSecond: rate(trainedTokens, learningSeconds),
    search,
  };
}

function sampledTokens(records: readonly QuestionRecord[]): number {
  const episodes = records.flatMap(({ proposal, verification, attempts }) => [
    ...(proposal === undefined ? [] : [proposal.episode]),
    ...(verification?.episode === undefined ? [] : [verification.episode]),
    ...attempts.map(({ episode }) => episode),
  ]);
  return episodes
    .flatMap(({ steps }) => steps)
    .reduce((sum, { kind, tokens }) => sum + (kind === 'sampled' ? tokens.length : 0), 0);
}

function rate(count: number, seconds: number): number | null {
  return seconds === 0 ? null : count / seconds;
}
