import type { OutcomePair, Outcomes, PairedDifference } from '../evaluation/paired-difference.ts';
import { pairedDifference } from '../evaluation/paired-difference.ts';

/** One run as it came out; scores are exact match on the validation set. */
export interface AblationRow {
  readonly variant: string;
  readonly seed: number;
  readonly run: string;
  readonly steps: number;
  readonly before: number | null;
  readonly after: number | null;
  readonly best: number | null;
  /** Of the last validation, question by question. */
  readonly outcomes: Outcomes;
  readonly afterByHops: Readonly<Record<string, number>>;
  /** Mean searches of the valid questions of the first and of the last five steps. */
  readonly depth: { readonly first: number | null; readonly last: number | null };
  /** Over all steps. */
  readonly truth: number | null;
  /** Of the last ten steps. */
  readonly validRate: number | null;
  /** Why the run ended early; absent where it did not. */
  readonly stopped?: string;
}

/**
 * Markdown: a line a variant, means over its seeds with the lowest and the highest; then the first
 * variant against each other one in pairs; below it what was stopped.
 */
export function ablationTable(rows: readonly AblationRow[]): string {
  const hops = [...new Set(rows.flatMap(({ afterByHops }) => Object.keys(afterByHops)))].toSorted();
  const heads = [
    ...['variant', 'seeds', 'before', 'after', 'gain in points'],
    ...hops.map((hop) => `${hop} hop`),
    ...['best', 'depth, first steps', 'depth, last steps', 'true among accepted'],
    'valid, last steps',
  ];
  const lines = [...Map.groupBy(rows, ({ variant }) => variant)].map(([variant, own]) => [
    variant,
    String(own.length),
    range(own.map(({ before }) => before)),
    range(own.map(({ after }) => after)),
    range(own.map(gainOf), 1),
    ...hops.map((hop) => range(own.map(({ afterByHops }) => afterByHops[hop] ?? null))),
    range(own.map(({ best }) => best)),
    range(own.map(({ depth }) => depth.first)),
    range(own.map(({ depth }) => depth.last)),
    range(own.map(({ truth }) => truth)),
    range(own.map((row) => row.validRate)),
  ]);
  const stops = rows.flatMap(({ variant, seed, stopped }) =>
    stopped === undefined ? [] : `- ${variant}, seed ${seed}: ${stopped}`,
  );
  const parts = [markdown(heads, lines), ...pairedTable(rows), stops.join('\n')];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Two runs of the same seed and the same questions, `own` of the first variant. */
interface RunPair {
  readonly own: AblationRow;
  readonly other: AblationRow;
}

/** Nothing for one variant, and where no two runs can be compared. */
function pairedTable(rows: readonly AblationRow[]): string[] {
  const [first] = rows;
  const variants = [...new Set(rows.map(({ variant }) => variant))].slice(1);
  const lines = variants.flatMap((variant) => {
    const pairs = pairsOf(rows, first?.variant ?? '', variant);
    const [all, deep] = [0, 2].map((leastHops) =>
      pairedDifference(pairs.map(outcomesOf), { leastHops }),
    );
    return all === undefined ? [] : [[variant, String(all.runs), points(all), points(deep)]];
  });
  if (lines.length === 0) return [];
  const heads = [`${first?.variant ?? ''} less`, 'seeds', 'all questions', 'of 2 hops and more'];
  const note =
    'Points of exact match after the last step, in pairs by question, with 95 % intervals.';
  return [note, markdown(heads, lines)];
}

function pairsOf(rows: readonly AblationRow[], name: string, variant: string): RunPair[] {
  const others = rows.filter((row) => row.variant === variant);
  return others.flatMap((other) =>
    rows
      .filter((row) => row.variant === name && row.seed === other.seed)
      .map((own) => ({ own, other })),
  );
}

function outcomesOf({ own, other }: RunPair): OutcomePair {
  return { own: own.outcomes, other: other.outcomes };
}

/** `12.3 (4.0 to 20.1)`, a dash for none. */
function points(difference: PairedDifference | undefined): string {
  if (difference === undefined) return '-';
  const { mean, low, high } = difference;
  const [middle, from, to] = [mean, low, high].map((share) => (100 * share).toFixed(1));
  return `${middle ?? ''} (${from ?? ''} to ${to ?? ''})`;
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function gainOf({ before, after }: AblationRow): number | null {
  return before === null || after === null ? null : 100 * (after - before);
}

/** `.71 (.68 to .75)`; the mean alone for one value, a dash for none. */
function range(values: readonly (number | null)[], digits = 3): string {
  const known = values.flatMap((value) => value ?? []);
  if (known.length === 0) return '-';
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  if (known.length === 1) return mean.toFixed(digits);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return `${mean.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
