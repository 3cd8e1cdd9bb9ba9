import type { DepthFacts } from '../types/step-metrics.ts';
import type { Markup } from './html.ts';
import { html } from './html.ts';
import type { RunData } from './report-data.ts';

/** Steps of a training that are counted together, from the last. */
const recentSteps = 10;

/** The proposals of a run by the searches behind them, and which of them are meant. */
interface RunDepths {
  readonly name: string;
  readonly span: string;
  readonly byDepth: Readonly<Record<string, DepthFacts>>;
}

/** What depth pays, a table a run; nothing where no run has a proposer. */
export function depthSection(runs: readonly RunData[]): Markup | undefined {
  const measured = runs.flatMap((run) => runDepths(run) ?? []);
  if (measured.length === 0) return undefined;
  return html`<section id="depth">
    <h2>What depth pays</h2>
    <p class="note">
      Proposals by the searches behind them. Where the reward does not rise with the searches, the
      proposer has no reason to ask deeper questions.
    </p>
    ${measured.map((depths) => depthTable(depths, runs.length > 1))}
  </section>`;
}

/** Whether {@link depthSection} has anything to show. */
export function hasDepths(runs: readonly RunData[]): boolean {
  return runs.some((run) => runDepths(run) !== undefined);
}

function runDepths({ name, rows, probe }: RunData): RunDepths | undefined {
  if (probe !== undefined) return { name, span: 'as probed', byDepth: probe.byDepth };
  const known = rows.map(({ metrics }) => metrics.proposer?.byDepth);
  const steps = known.filter((byDepth) => byDepth !== undefined).slice(-recentSteps);
  if (steps.length === 0) return undefined;
  const span = steps.length === 1 ? 'the last step' : `the last ${steps.length} steps`;
  return { name, span, byDepth: merged(steps) };
}

function merged(steps: readonly RunDepths['byDepth'][]): RunDepths['byDepth'] {
  const byDepth = Map.groupBy(
    steps.flatMap((step) => Object.entries(step)),
    ([depth]) => depth,
  );
  return Object.fromEntries(
    [...byDepth].map(([depth, own]) => [depth, sumOf(own.map(([, facts]) => facts))]),
  );
}

/** Means are weighted by what they are over: success by valid questions, reward by proposals. */
function sumOf(facts: readonly DepthFacts[]): DepthFacts {
  const total = (count: (each: DepthFacts) => number): number =>
    facts.reduce((sum, each) => sum + count(each), 0);
  const mean = (
    value: (each: DepthFacts) => number | null,
    weight: (each: DepthFacts) => number,
  ): number | null => {
    const known = facts.filter((each) => value(each) !== null);
    const weights = known.reduce((sum, each) => sum + weight(each), 0);
    if (weights === 0) return null;
    return known.reduce((sum, each) => sum + (value(each) ?? 0) * weight(each), 0) / weights;
  };
  return {
    proposals: total(({ proposals }) => proposals),
    valid: total(({ valid }) => valid),
    ...(facts.some((each) => each.true !== undefined) && { true: total((each) => each.true ?? 0) }),
    success: mean(
      ({ success }) => success,
      ({ valid }) => valid,
    ),
    reward: mean(
      ({ reward }) => reward,
      ({ proposals }) => proposals,
    ),
  };
}

const heads = ['Searches', 'Proposals', 'Share', 'Valid', 'True', 'Success', 'Reward'];

function depthTable({ name, span, byDepth }: RunDepths, isNamed: boolean): Markup {
  const rows = Object.entries(byDepth).sort(([a], [b]) => Number(a) - Number(b));
  const all = rows.reduce((sum, [, { proposals }]) => sum + proposals, 0);
  return html`<div class="wide">
    <table class="verdicts">
      <caption>
        ${isNamed ? `${name}: ` : ''}${all.toLocaleString('en')} proposals, ${span}
      </caption>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(([depth, facts]) => depthRow(depth, facts, all))}
      </tbody>
    </table>
  </div>`;
}

function depthRow(depth: string, facts: DepthFacts, all: number): Markup {
  const { proposals, valid, success, reward } = facts;
  const cells = [
    proposals.toLocaleString('en'),
    share(proposals, all),
    share(valid, proposals),
    facts.true === undefined ? '–' : share(facts.true, valid),
    success === null ? '–' : success.toFixed(2),
    reward === null ? '–' : reward.toFixed(3),
  ];
  return html`<tr>
    <th scope="row">${depth}</th>
    ${cells.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(0)}\u00a0%`;
}
