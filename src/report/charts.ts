import type { CurveText, LineCurve, StackCurve } from './curves.ts';
import type { RunData, RunGroup, StepRow } from './report-data.ts';
import { eventText } from './verdict.ts';

/** Colours there are; more lines repeat them. */
export const colours = 8;

/** One line, or one layer of a stack. */
export interface Line {
  readonly label: string;
  /** From 0, below {@link colours}. */
  readonly colour: number;
  /** A value for each of the chart's steps. */
  readonly values: readonly (number | null)[];
  /** Of several seeds: between which values they lie at each step. */
  readonly band?: readonly (ValueBand | null)[];
}

/** The lowest and the highest value of several runs. */
type ValueBand = readonly [low: number, high: number];

/** Something that happened at a step, marked on the axis. */
interface ChartEvent {
  readonly step: number;
  readonly text: string;
}

/** What one picture shows. It has at least one value. */
export interface Chart extends CurveText {
  readonly kind: 'lines' | 'stack';
  /** Rising, each once. */
  readonly steps: readonly number[];
  readonly lines: readonly Line[];
  readonly range: readonly [number, number];
  readonly isSparse: boolean;
  /** Of one run; none where several are compared. */
  readonly events: readonly ChartEvent[];
}

/**
 * The pictures of a curve, none where it has no value. One group is drawn into one picture, a colour
 * a line of the curve. Several groups have a picture a line of the curve, a colour a group. A group of
 * several seeds is its mean, at steps where each seed has a value, in the band between its lowest and its
 * highest.
 */
export function lineCharts(curve: LineCurve, groups: readonly RunGroup[]): Chart[] {
  const runs = groups.flatMap((group) => group.runs);
  const steps = stepsOf(runs);
  const labels = Object.keys(curve.lines).filter((label) =>
    runs.some(({ rows }) => rows.some((row) => isNumber(curve.lines[label]?.(row)))),
  );
  const chart = (title: string, lines: readonly Line[]): Chart => ({
    ...{ title, unit: curve.unit, hint: curve.hint, kind: 'lines', steps, lines },
    ...{ range: curve.range ?? [0, 0], isSparse: curve.isSparse === true },
    events: runs.length === 1 ? runs.flatMap(eventsOf) : [],
  });
  const lineOf = (group: RunGroup, name: string, label: string, colour: number): Line => ({
    ...groupLine(group, steps, curve.lines[label] ?? (() => null)),
    label: name,
    colour: colour % colours,
  });
  const [only] = groups;
  if (only !== undefined && groups.length === 1) {
    const lines = labels.map((label, i) => lineOf(only, label, label, i));
    return lines.length === 0 ? [] : [chart(curve.title, lines)];
  }
  return labels.map((label) =>
    chart(
      labels.length === 1 ? curve.title : `${curve.title}: ${label}`,
      groups.map((group, i) => lineOf(group, group.name, label, i)),
    ),
  );
}

/** One run's counts; undefined where nothing was ever counted. */
export function stackChart(curve: StackCurve, run: RunData): Chart | undefined {
  const counts = run.rows.map((row) => curve.counts(row) ?? null);
  const layers = layersOf(counts);
  if (layers.length === 0) return undefined;
  return {
    ...{ title: curve.title, unit: curve.unit, hint: curve.hint, kind: 'stack' },
    steps: run.rows.map(({ step }) => step),
    lines: layers.map(({ label, countIn }, i) => ({
      ...{ label, colour: i },
      values: counts.map((each) => each && countIn(each)),
    })),
    ...{ range: [0, 0], isSparse: false, events: eventsOf(run) },
  };
}

/** The counts as lines, by which runs can be compared. */
export function countLines(curve: StackCurve, runs: readonly RunData[]): LineCurve {
  const rows = runs.flatMap((run) => run.rows);
  const layers = layersOf(rows.map((row) => curve.counts(row) ?? null));
  const lines = layers.map(({ label, countIn }) => {
    const value = (row: StepRow): number | null => {
      const counts = curve.counts(row) ?? null;
      return counts && countIn(counts);
    };
    return [label, value] as const;
  });
  const { title, unit, hint } = curve;
  return { title, unit, hint, lines: Object.fromEntries(lines) };
}

type Counts = Readonly<Record<string, number>>;

/** What was counted at all, in order. The rarest of more than {@link colours} are one layer. */
function layersOf(
  counts: readonly (Counts | null)[],
): { readonly label: string; readonly countIn: (counts: Counts) => number }[] {
  const totals = new Map<string, number>();
  for (const [key, count] of counts.flatMap((each) => Object.entries(each ?? {}))) {
    totals.set(key, (totals.get(key) ?? 0) + count);
  }
  const keys = [...totals.keys()].filter((key) => totals.get(key) !== 0);
  const ranked = keys.toSorted((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0));
  const own = new Set(keys.length > colours ? ranked.slice(0, colours - 1) : keys);
  const rest = keys.filter((key) => !own.has(key));
  const layer = (
    label: string,
    members: readonly string[],
  ): ReturnType<typeof layersOf>[number] => ({
    label,
    countIn: (each) => members.reduce((sum, key) => sum + (each[key] ?? 0), 0),
  });
  const layers = keys.filter((key) => own.has(key)).map((key) => layer(key, [key]));
  return rest.length === 0 ? layers : [...layers, layer(`${rest.length} others`, rest)];
}

function groupLine(
  { runs }: RunGroup,
  steps: readonly number[],
  value: (row: StepRow) => number | null | undefined,
): Pick<Line, 'values' | 'band'> {
  const each = runs.map(({ rows }) => {
    const byStep = new Map(rows.map((row) => [row.step, value(row) ?? null]));
    return steps.map((step) => byStep.get(step) ?? null);
  });
  return lineOfSeeds(each);
}

/** The line of several seeds, each with a value for each step; of one it is the seed's own. */
export function lineOfSeeds(
  seeds: readonly (readonly (number | null)[])[],
): Pick<Line, 'values' | 'band'> {
  const [first = []] = seeds;
  if (seeds.length === 1) return { values: first };
  const atSteps = first.map((_, i) => seeds.map((values) => values[i] ?? null));
  return { values: atSteps.map(meanOf), band: atSteps.map(bandOf) };
}

/** Also where only some have a value: a seed that goes on alone is to be seen. */
function bandOf(values: readonly (number | null)[]): ValueBand | null {
  const known = values.filter(isNumber);
  return known.length === 0 ? null : [Math.min(...known), Math.max(...known)];
}

/** The mean of one or more; null where one is missing: a mean over other runs would jump. */
function meanOf(values: readonly (number | null)[]): number | null {
  if (!values.every(isNumber)) return null;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function stepsOf(runs: readonly RunData[]): number[] {
  const steps = new Set(runs.flatMap(({ rows }) => rows.map(({ step }) => step)));
  return [...steps].sort((a, b) => a - b);
}

function eventsOf({ events }: RunData): ChartEvent[] {
  return events.map((event) => ({
    step: event.step,
    text: `step ${event.step}: ${eventText(event)}: ${event.action}`,
  }));
}

function isNumber(value: number | null | undefined): value is number {
  return typeof value === 'number';
}
