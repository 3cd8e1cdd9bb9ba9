import type { Scale } from './axis.ts';
import { linearScale, roundTicks, shortNumber } from './axis.ts';
import type { Chart, Line } from './charts.ts';
import type { Markup } from './html.ts';
import { html } from './html.ts';

/** Places in a chart's picture, in its own units; the page scales it. */
export const plot = {
  width: 420,
  height: 200,
  left: 46,
  right: 406,
  top: 22,
  bottom: 176,
} as const;

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
  readonly yTicks: readonly number[];
}

/** The picture of a chart. Its words stand around it, in HTML. */
export function chartSvg(chart: Chart): Markup {
  const scales = scalesOf(chart);
  const marks =
    chart.kind === 'stack'
      ? stackPaths(chart, scales)
      : [
          ...chart.lines.map((line) => bandPaths(chart, line, scales)),
          ...chart.lines.map((line) => linePath(chart, line, scales)),
        ];
  return html`<svg
    viewBox="0 0 ${plot.width} ${plot.height}"
    role="img"
    tabindex="0"
    aria-label="${summary(chart)}"
  >
    ${axes(chart, scales)} ${marks} ${eventMarks(chart, scales)}
    <line class="cursor" x1="0" x2="0" y1="${plot.top}" y2="${plot.bottom}" />
  </svg>`;
}

function scalesOf(chart: Chart): Scales {
  const { steps, range } = chart;
  const values = valuesDrawn(chart);
  const from = Math.min(...range, ...values);
  const to = Math.max(...range, ...values);
  const yTicks = roundTicks(from, to, 4);
  const yRange = [yTicks[0] ?? from, yTicks.at(-1) ?? to] as const;
  const xRange = [(steps[0] ?? 0) - 0.5, (steps.at(-1) ?? 0) + 0.5] as const;
  return {
    x: linearScale(xRange, [plot.left, plot.right]),
    y: linearScale(yRange, [plot.bottom, plot.top]),
    yTicks,
  };
}

/** What the axis must reach: values of lines, heights of stacks. */
function valuesDrawn({ kind, steps, lines }: Chart): number[] {
  if (kind === 'lines') {
    return lines.flatMap(({ values, band = [] }) => [
      ...values.filter((value) => value !== null),
      ...band.flatMap((value) => value ?? []),
    ]);
  }
  return steps.map((_, i) => lines.reduce((sum, { values }) => sum + (values[i] ?? 0), 0));
}

function axes({ steps, unit }: Chart, { x, y, yTicks }: Scales): Markup {
  const first = steps[0] ?? 0;
  const last = steps.at(-1) ?? 0;
  const xTicks = roundTicks(first, last, 6, 1).filter((step) => step >= first && step <= last);
  return html`<g class="axis">
    ${yTicks.map((value) => {
      const height = fixed(y.place(value));
      return html`<line x1="${plot.left}" x2="${plot.right}" y1="${height}" y2="${height}" />
        <text x="${plot.left - 5}" y="${height}" dy="3.5" text-anchor="end">
          ${shortNumber(value)}
        </text>`;
    })}
    ${xTicks.map(
      (step) =>
        html`<text x="${fixed(x.place(step))}" y="${plot.bottom + 18}" text-anchor="middle">
          ${step}
        </text>`,
    )}
    <text class="unit" x="4" y="10">${unit}</text>
  </g>`;
}

/** An area between two lines; what lies alone between gaps is a stroke. */
function bandPaths(
  { steps, isSparse }: Chart,
  { colour, band = [] }: Line,
  { x, y }: Scales,
): Markup {
  const points = band.map((value, i) =>
    value === null
      ? null
      : ([x.place(steps[i] ?? 0), y.place(value[0]), y.place(value[1])] as const),
  );
  const path = unbroken(isSparse ? points.filter((point) => point !== null) : points).map(
    (part) => {
      const above = part.map(([at, , high]) => coordinates([at, high]));
      const below = part.map(([at, low]) => coordinates([at, low])).reverse();
      return `M${[...above, ...below].join('L')}Z`;
    },
  );
  return html`${path.length === 0 ? undefined : html`<path class="band c${colour}" d="${path.join('')}" />`}`;
}

/** The runs of values between gaps. */
function unbroken<Value>(values: readonly (Value | null)[]): Value[][] {
  const parts: Value[][] = [];
  let before: Value | null = null;
  for (const value of values) {
    if (value !== null) {
      if (before === null) parts.push([]);
      parts.at(-1)?.push(value);
    }
    before = value;
  }
  return parts;
}

function linePath({ steps, isSparse }: Chart, line: Line, { x, y }: Scales): Markup {
  const points = line.values.map((value, i) =>
    value === null ? null : ([x.place(steps[i] ?? 0), y.place(value)] as const),
  );
  const drawn = isSparse ? points.filter((point) => point !== null) : points;
  const path = drawn.map((point, i) => point && `${drawn[i - 1] ? 'L' : 'M'}${coordinates(point)}`);
  const dots = drawn.filter((_, i) => isSparse || !(drawn[i - 1] || drawn[i + 1]));
  return html`<path class="line c${line.colour}" d="${path.join('')}" />${dots.map((point) =>
      point === null
        ? undefined
        : html`<circle
            class="dot c${line.colour}"
            cx="${fixed(point[0])}"
            cy="${fixed(point[1])}"
            r="2.2"
          />`,
    )}`;
}

/** A box a step and a layer; a step without counts is a gap. */
function stackPaths({ steps, lines }: Chart, { x, y }: Scales): Markup[] {
  const heights = steps.map(() => 0);
  return lines.map(({ colour, values }) => {
    const boxes = values.map((value, i) => {
      const step = steps[i] ?? 0;
      const below = heights[i] ?? 0;
      const above = below + (value ?? 0);
      heights[i] = above;
      if (above === below) return '';
      const [left, right] = [fixed(x.place(step - 0.5)), fixed(x.place(step + 0.5))];
      return `M${left} ${fixed(y.place(below))}H${right}V${fixed(y.place(above))}H${left}Z`;
    });
    return html`<path class="layer c${colour}" d="${boxes.join('')}" />`;
  });
}

/** Steps that a rollback took back may lie beyond the axis still. */
function eventMarks({ events }: Chart, { x }: Scales): Markup[] {
  const onAxis = events.filter(({ step }) => step >= x.from && step <= x.to);
  return onAxis.map(({ step, text }) => {
    const place = fixed(x.place(step));
    return html`<g class="event">
      <title>${text}</title>
      <line x1="${place}" x2="${place}" y1="${plot.top}" y2="${plot.bottom}" />
      <path d="M${place} ${plot.bottom}l-4 7h8z" />
    </g>`;
  });
}

/** What a reader hears in place of the picture: where each line starts and ends. */
function summary({ title, unit, steps, lines }: Chart): string {
  const parts = lines.flatMap(({ label, values }) => {
    const first = values.findIndex((value) => value !== null);
    const last = values.findLastIndex((value) => value !== null);
    if (first < 0) return [];
    const at = (i: number): string => `${shortNumber(values[i] ?? 0)} at step ${steps[i] ?? 0}`;
    return [first === last ? `${label}: ${at(first)}` : `${label}: ${at(first)}, ${at(last)}`];
  });
  return `${title}, ${unit}. ${parts.join('; ')}. Arrow keys read it step by step.`;
}

function coordinates([x, y]: readonly [number, number]): string {
  return `${fixed(x)} ${fixed(y)}`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}
