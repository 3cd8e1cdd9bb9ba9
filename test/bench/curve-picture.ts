import { chartSvg, plot } from '../../src/report/chart-svg.ts';
import type { Chart, Line } from '../../src/report/charts.ts';
import { lineOfSeeds } from '../../src/report/charts.ts';
import { html } from '../../src/report/html.ts';
import type { CurvePoint, RunCurve } from './run-curve.ts';

const columns = 2;
const legendHeight = 26;
const titleHeight = 20;
const colours = ['#0f62ac', '#c4560a', '#177c55', '#a1377f', '#8a6d00', '#5a4bb8'];

/**
 * The scores of several variants as one SVG: a panel for all questions and one for each number of
 * hops, a colour a variant, its mean in the band of its seeds.
 */
export function curvePicture(runs: readonly RunCurve[]): string {
  const scores = [...new Set(runs.flatMap(({ points }) => points.flatMap(namesOf)))].toSorted(
    (a, b) => Number(b === 'all') - Number(a === 'all') || a.localeCompare(b),
  );
  const variants = [...Map.groupBy(runs, ({ variant }) => variant)];
  const rows = Math.ceil(scores.length / columns);
  const panelHeight = plot.height + titleHeight;
  const height = legendHeight + rows * panelHeight;
  const panels = scores.map((score, i) => {
    const x = (i % columns) * plot.width;
    const y = legendHeight + Math.floor(i / columns) * panelHeight;
    return html`<g transform="translate(${x} ${y})">
      <text class="title" x="${plot.left}" y="14">${titleOf(score)}</text>
      <svg y="${titleHeight}" width="${plot.width}" height="${plot.height}">
        ${chartSvg(panel(score, variants))}
      </svg>
    </g>`;
  });
  const legend = variants.map(
    ([name], i) =>
      html`<text class="name" x="${plot.left + i * 150}" y="17" fill="${colours[i] ?? '#000'}">
        ${name}
      </text>`,
  );
  return `${
    html`<svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox="0 0 ${columns * plot.width} ${height}"
      font-family="sans-serif"
    >
      <style>
        ${style()}
      </style>
      <rect width="100%" height="100%" fill="#fff" />
      ${legend} ${panels}
    </svg>`.text
  }\n`;
}

function namesOf({ exactMatch }: CurvePoint): string[] {
  return Object.keys(exactMatch);
}

function titleOf(score: string): string {
  return score === 'all' ? 'all questions' : `${score} hop${score === '1' ? '' : 's'}`;
}

function panel(score: string, variants: readonly (readonly [string, RunCurve[]])[]): Chart {
  const runs = variants.flatMap(([, own]) => own);
  const steps = [...new Set(runs.flatMap(({ points }) => points.map(({ step }) => step)))];
  steps.sort((a, b) => a - b);
  const lines = variants.map(([label, own], colour): Line => {
    const each = own.map((run) => steps.map((step) => scoreAt(run, step, score)));
    return { label, colour, ...lineOfSeeds(each) };
  });
  return {
    ...{ title: titleOf(score), unit: 'exact match', hint: '', kind: 'lines', steps, lines },
    ...{ range: [0, 1], isSparse: true, events: [] },
  };
}

function scoreAt({ points }: RunCurve, at: number, score: string): number | null {
  return points.find(({ step }) => step === at)?.exactMatch[score] ?? null;
}

function style(): string {
  const marks = colours.map(
    (colour, i) =>
      `.line.c${i}{stroke:${colour}}.dot.c${i}{fill:${colour}}.band.c${i}{fill:${colour}}`,
  );
  return [
    '.line{fill:none;stroke-width:2.2}.band{fill-opacity:.14}.cursor{display:none}',
    '.axis line{stroke:#ddd}.axis text{font-size:10px;fill:#555}',
    '.title{font-size:13px;font-weight:bold}.name{font-size:13px;font-weight:bold}',
    ...marks,
  ].join('');
}
