import type { SearchFacts } from '../rollout/http-searcher.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { StepTimings } from '../types/step-metrics.ts';
import { samplesOf } from './samples.ts';
import type { StepTimer } from './step-timer.ts';

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
  const trained = samplesOf(records, { klCoefficient: 1 });
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
