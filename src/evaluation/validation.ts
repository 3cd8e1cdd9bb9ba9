import type { EvaluationRecord } from '../types/evaluation.ts';
import type { Validation } from '../types/step-metrics.ts';

/** Records whose episode did not fail. */
export type ScoredRecord = EvaluationRecord & {
  readonly score: NonNullable<EvaluationRecord['score']>;
};

/** The records that count; the others failed. */
export function scoredRecords(records: readonly EvaluationRecord[]): ScoredRecord[] {
  return records.filter((record): record is ScoredRecord => record.score !== undefined);
}

/** The scores in short: means over the questions that did not fail, null for none. */
export function validationOf(records: readonly EvaluationRecord[]): Validation {
  const scored = scoredRecords(records);
  return {
    questions: records.length,
    exactMatch: mean(scored.map(({ score }) => Number(score.exactMatch))),
    f1: mean(scored.map(({ score }) => score.f1)),
    exactMatchByHops: Object.fromEntries(
      [...byHops(scored)].map(([hops, some]) => [
        String(hops),
        some.filter(({ score }) => score.exactMatch).length / some.length,
      ]),
    ),
    outcomes: outcomesOf(records),
    searches: mean(scored.map(searchesOf)),
    failed: records.length - scored.length,
    ...judgeFacts(scored),
  };
}

/** A character a question, by number of hops. */
function outcomesOf(records: readonly EvaluationRecord[]): Record<string, string> {
  const outcomes: Record<string, string> = {};
  for (const { hops, score } of records) {
    const key = String(hops ?? '');
    const outcome = score === undefined ? '-' : String(Number(score.exactMatch));
    outcomes[key] = (outcomes[key] ?? '') + outcome;
  }
  return outcomes;
}

/** The judge's share and its failures; nothing where no answer was judged. */
function judgeFacts(scored: readonly ScoredRecord[]): Pick<Validation, 'judge' | 'judgeFailed'> {
  const verdicts = scored.flatMap(({ verdict }) => verdict ?? []);
  if (verdicts.length === 0) return {};
  const given = verdicts.filter((verdict) => verdict !== 'failed');
  return {
    judge: mean(given.map((verdict) => Number(verdict === 'correct'))),
    judgeFailed: verdicts.length - given.length,
  };
}

/** Searches that were carried out. */
export function searchesOf({ episode }: EvaluationRecord): number {
  return episode.steps.filter(({ kind }) => kind === 'result').length;
}

/** The records by their number of hops, fewest first; those that do not say theirs are left out. */
export function byHops<Some extends EvaluationRecord>(
  records: readonly Some[],
): Map<number, Some[]> {
  const known = records.filter(({ hops }) => hops !== undefined);
  const groups = Map.groupBy(known, ({ hops = 0 }) => hops);
  return new Map([...groups].toSorted(([a], [b]) => a - b));
}

/** Null for none. */
export function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
