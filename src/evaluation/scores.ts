import { hasWords } from '../game/answer-score.ts';
import type {
  EvaluationRecord,
  EvaluationScores,
  Measure,
  SetScores,
} from '../types/evaluation.ts';
import { bootstrapInterval, wilsonInterval } from './intervals.ts';
import { isUnanswerable } from './question-set.ts';
import type { ScoredRecord } from './validation.ts';
import { byHops, mean, scoredRecords, searchesOf } from './validation.ts';

/** The records of one set, with its name. */
export interface SetRecords {
  readonly name: string;
  readonly records: readonly EvaluationRecord[];
}

/**
 * The scores of one set: shares with Wilson's interval, F1 with a bootstrap's. What failed is counted
 * and left out.
 */
export function setScores({ name, records }: SetRecords, seed: number): SetScores {
  const scored = scoredRecords(records);
  const outcomes = Map.groupBy(records, ({ episode }) => episode.outcome.kind);
  return {
    name,
    questions: records.length,
    failed: records.length - scored.length,
    judgeFailed: records.filter(({ verdict }) => verdict === 'failed').length,
    answersWithoutWords: scored.filter(isWithoutWords).length,
    unanswerable: records.filter(isUnanswerable).length,
    exactMatch: share(values.exactMatch(scored)),
    f1: average([values.f1(scored)], seed),
    ...(isJudged(records) && { judge: share(values.judge(scored)) }),
    exactMatchByHops: Object.fromEntries(
      [...byHops(scored)].map(([hops, some]) => [String(hops), share(values.exactMatch(some))]),
    ),
    outcomes: Object.fromEntries([...outcomes].map(([kind, some]) => [kind, some.length])),
    searches: mean(scored.map(searchesOf)),
    turns: mean(scored.map(turnsOf)),
  };
}

/** The average over sets with bootstrap intervals; null where a set has nothing that counts. */
export function averageScores(
  sets: readonly SetRecords[],
  seed: number,
): EvaluationScores['average'] {
  const scored = sets.map(({ records }) => scoredRecords(records));
  return {
    exactMatch: average(scored.map(values.exactMatch), seed),
    f1: average(scored.map(values.f1), seed),
    ...(sets.some(({ records }) => isJudged(records)) && {
      judge: average(scored.map(values.judge), seed),
    }),
  };
}

/** A number a question that counts, by measure. */
const values = {
  exactMatch: (records: readonly ScoredRecord[]) =>
    records.map(({ score }) => Number(score.exactMatch)),
  f1: (records: readonly ScoredRecord[]) => records.map(({ score }) => score.f1),
  judge: (records: readonly ScoredRecord[]) =>
    records
      .filter(({ verdict }) => verdict !== 'failed')
      .map(({ verdict }) => Number(verdict === 'correct')),
};

function isWithoutWords({ episode: { outcome } }: EvaluationRecord): boolean {
  return outcome.kind === 'answered' && !hasWords(outcome.text);
}

function isJudged(records: readonly EvaluationRecord[]): boolean {
  return records.some(({ verdict }) => verdict !== undefined);
}

function turnsOf({ episode }: EvaluationRecord): number {
  return episode.steps.filter(({ kind }) => kind === 'sampled').length;
}

/** Of zeros and ones. */
function share(ones: readonly number[]): Measure {
  const value = mean(ones);
  if (value === null) return null;
  const right = ones.filter((one) => one === 1).length;
  return { value, ...wilsonInterval(right, ones.length), questions: ones.length };
}

function average(groups: readonly (readonly number[])[], seed: number): Measure {
  const means = groups.map((group) => mean(group)).filter((value) => value !== null);
  const value = means.length < groups.length ? null : mean(means);
  if (value === null) return null;
  return { value, ...bootstrapInterval(groups, seed), questions: groups.flat().length };
}
