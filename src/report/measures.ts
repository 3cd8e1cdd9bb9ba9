import type { DepthFacts, StepMetrics, UpdateFacts, Validation } from '../types/step-metrics.ts';
import type { StepRow } from './report-data.ts';

/** The value of one line at a step; null or undefined where the step has none. */
export type Value = (row: StepRow) => number | null | undefined;

/** How often each thing was counted in a step; null or undefined where nothing was. */
export type Counts = (row: StepRow) => Readonly<Record<string, number>> | null | undefined;

export function validation(value: (validation: Validation) => number | null | undefined): Value {
  return ({ metrics }) => metrics.validation && value(metrics.validation);
}

export function byHops(hops: string): Value {
  return validation(({ exactMatchByHops }) => exactMatchByHops[hops]);
}

/** A line for each number of searches of a proposal; `all` is the number of proposals of the step. */
export function byDepth(
  value: (facts: DepthFacts, all: number) => number | null,
): Readonly<Record<string, Value>> {
  const of =
    (searches: number): Value =>
    ({ metrics }) => {
      const depths = metrics.proposer?.byDepth ?? {};
      const all = Object.values(depths).reduce((sum, { proposals }) => sum + proposals, 0);
      const own = depths[String(searches)];
      return own && value(own, all);
    };
  return {
    'no search': of(0),
    '1 search': of(1),
    '2 searches': of(2),
    '3 searches': of(3),
    '4 searches': of(4),
  };
}

type RoleFacts = NonNullable<StepMetrics['proposer']> | StepMetrics['solver'];

export function roles(value: (facts: RoleFacts) => number | null): Readonly<Record<string, Value>> {
  return {
    proposer: ({ metrics }) => metrics.proposer && value(metrics.proposer),
    solver: ({ metrics }) => value(metrics.solver),
  };
}

export function updates(
  value: (facts: UpdateFacts) => number | null,
): Readonly<Record<string, Value>> {
  const of = (role: 'proposer' | 'solver' | 'combined'): Value => {
    return ({ metrics }) => {
      const facts = metrics.updates[role];
      return facts && value(facts);
    };
  };
  return { proposer: of('proposer'), solver: of('solver'), 'both roles': of('combined') };
}

/** Step 0 is the state before training: its counts are no zeros but missing. */
export function trained(counts: (metrics: StepMetrics) => ReturnType<Counts>): Counts {
  return ({ step, metrics }) => (step === 0 ? null : counts(metrics));
}

export function failures({
  step,
  metrics: { proposer, verifier, solver },
}: StepRow): ReturnType<Counts> {
  if (step === 0) return null;
  const sums: Record<string, number> = {};
  for (const facts of [proposer, verifier, solver]) {
    for (const [service, count] of Object.entries(facts?.failures ?? {})) {
      sums[service] = (sums[service] ?? 0) + count;
    }
  }
  return sums;
}

export function phases({ timings }: StepRow): ReturnType<Counts> {
  if (timings === undefined) return null;
  const { total, ...phases } = timings.seconds;
  const named = Object.values(phases).reduce((sum, seconds) => sum + seconds, 0);
  return { ...phases, other: Math.max(0, total - named) };
}

type SearchFacts = NonNullable<StepRow['timings']>['search'];

export function whereSearched(value: (facts: SearchFacts) => number | null): Value {
  return ({ timings }) => (timings && timings.search.queries > 0 ? value(timings.search) : null);
}

export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
