import { pairedInterval } from './intervals.ts';

/** The outcomes of one validation by number of hops, as `metrics.jsonl` has them. */
export type Outcomes = Readonly<Record<string, string>>;

/** How much one configuration is above another on the same questions: shares, -1..1. */
export interface PairedDifference {
  readonly mean: number;
  /** A 95 % interval over runs and questions. */
  readonly low: number;
  readonly high: number;
  readonly questions: number;
  readonly runs: number;
}

/** Two validations of the same questions, with the same run seed. */
export interface OutcomePair {
  readonly own: Outcomes;
  readonly other: Outcomes;
}

/**
 * The exact match of `own` less that of `other`, question by question. With `leastHops` (0) only the
 * questions of so many hops and more count. Pairs over other questions, or of another length than the
 * first, are left out; undefined where none is left.
 */
export function pairedDifference(
  pairs: readonly OutcomePair[],
  { leastHops = 0, seed = 0 }: { readonly leastHops?: number; readonly seed?: number } = {},
): PairedDifference | undefined {
  const all = pairs.map((pair) => differences(pair, leastHops));
  const [first] = all.filter(({ length }) => length > 0);
  if (first === undefined) return undefined;
  const runs = all.filter(({ length }) => length === first.length);
  const interval = pairedInterval(runs, seed);
  return interval && { ...interval, questions: first.length, runs: runs.length };
}

/** A number a question that both have; none where they have not the same questions. */
function differences({ own, other }: OutcomePair, leastHops: number): (number | null)[] {
  const counted = Object.keys(own)
    .filter((hops) => Number(hops) >= leastHops)
    .toSorted();
  if (counted.some((hops) => own[hops]?.length !== other[hops]?.length)) return [];
  return counted.flatMap((hops) => {
    const outcomes = own[hops] ?? '';
    return Array.from({ length: outcomes.length }, (_, i) =>
      difference(outcomes.charAt(i), other[hops]?.charAt(i) ?? '-'),
    );
  });
}

function difference(own: string, other: string): number | null {
  return own === '-' || other === '-' ? null : Number(own) - Number(other);
}
