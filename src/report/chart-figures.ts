import { shortNumber } from './axis.ts';
import { chartSvg } from './chart-svg.ts';
import type { Chart } from './charts.ts';
import { countLines, lineCharts, stackChart } from './charts.ts';
import type { CurveSection, LineCurve, StackCurve } from './curves.ts';
import type { Markup } from './html.ts';
import { html } from './html.ts';
import type { ChartValues } from './page-data.ts';
import type { RunData, RunGroup } from './report-data.ts';

/** A section's figures, the values behind them, and the titles of curves that have none. */
export interface DrawnSection {
  readonly figures: readonly Markup[];
  readonly charts: readonly ChartValues[];
  readonly withoutValues: readonly string[];
}

/** `prefix` makes the figures' ids unique in the page. */
export function drawSection(
  { curves }: CurveSection,
  runs: readonly RunData[],
  groups: readonly RunGroup[],
  prefix: string,
): DrawnSection {
  const drawn = curves.map((curve) => ({ curve, charts: chartsOf(curve, runs, groups) }));
  const charts = drawn.flatMap((each) => each.charts);
  return {
    figures: charts.map((chart, i) => figure(chart, `${prefix}-${i}`)),
    charts: charts.map((chart, i) => chartValues(chart, `${prefix}-${i}`)),
    withoutValues: drawn.flatMap(({ curve, charts }) => (charts.length === 0 ? curve.title : [])),
  };
}

/** Counts are a stack for one run and lines for several. */
function chartsOf(
  curve: LineCurve | StackCurve,
  runs: readonly RunData[],
  groups: readonly RunGroup[],
): Chart[] {
  if ('lines' in curve) return lineCharts(curve, groups);
  const [run] = runs;
  if (run === undefined || runs.length > 1) return lineCharts(countLines(curve, runs), groups);
  const chart = stackChart(curve, run);
  return chart === undefined ? [] : [chart];
}

function figure(chart: Chart, id: string): Markup {
  return html`<figure class="chart" id="${id}">
    <figcaption>
      <h3>${chart.title}</h3>
      <p class="hint">${chart.hint}</p>
    </figcaption>
    ${chartSvg(chart)}
    <div class="readout">
      <span class="at">last value</span>
      <ul>
        ${chart.lines.map(
          ({ label, colour, values }) =>
            html`<li>
              <i class="swatch c${colour}"></i>${label}
              <b>${lastValue(values)}</b>
            </li>`,
        )}
      </ul>
    </div>
  </figure>`;
}

function chartValues(chart: Chart, id: string): ChartValues {
  const values = chart.lines.map((line) => line.values.map(rounded));
  return { id, steps: chart.steps, values };
}

function lastValue(values: readonly (number | null)[]): string {
  const last = values.findLast((value) => value !== null);
  return typeof last === 'number' ? shortNumber(last) : '–';
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(5));
}
