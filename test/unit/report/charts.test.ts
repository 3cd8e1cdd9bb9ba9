import { test } from 'tap';

import { chartSvg } from '../../../src/report/chart-svg.ts';
import type { Chart } from '../../../src/report/charts.ts';
import { colours, countLines, lineCharts, stackChart } from '../../../src/report/charts.ts';
import type { LineCurve, StackCurve } from '../../../src/report/curves.ts';
import { runGroups } from '../../../src/report/report-data.ts';
import { runOf } from './rows.ts';

const text = { title: 'Title', unit: 'unit', hint: 'hint' };

/** The step itself, but nothing at step 3. */
const curve: LineCurve = {
  ...text,
  lines: { itself: ({ step }) => (step === 3 ? null : step), never: () => undefined },
};

test('one run: a line for what has values, a gap where there is none', (t) => {
  const chart = onlyOne(lineCharts(curve, runGroups([runOf('a', [1, 2, 3, 4])])));
  t.strictSame(chart.steps, [1, 2, 3, 4]);
  t.strictSame(chart.lines, [{ label: 'itself', colour: 0, values: [1, 2, null, 4] }]);
  const svg = chartSvg(chart).text;
  t.match(svg, /class="line c0" d="M[^LM]+L[^LM]+M[^LM]+"/, 'steps 1 and 2 are joined');
  t.equal(svg.match(/<circle/g)?.length, 1, 'step 4, alone, is a dot');
  t.equal(lineCharts({ ...text, lines: {} }, runGroups([runOf('a', [1])])).length, 0);
  t.end();
});

test('what is measured now and then is joined over the steps between', (t) => {
  const sparse: LineCurve = { ...curve, isSparse: true };
  const chart = onlyOne(lineCharts(sparse, runGroups([runOf('a', [1, 2, 3, 4])])));
  const svg = chartSvg(chart).text;
  t.match(svg, /d="M[^LM"]+L[^LM"]+L[^LM"]+"/);
  t.equal(svg.match(/<circle/g)?.length, 3);
  t.end();
});

test('places in the picture, by hand', (t) => {
  const five: LineCurve = { ...text, range: [0, 10], lines: { five: () => 5 } };
  const chart = onlyOne(lineCharts(five, runGroups([runOf('a', [1, 2])])));
  // The step axis goes from 0.5 to 2.5 over 46..406, the other from 0 to 10 over 176..22.
  t.match(chartSvg(chart).text, 'd="M136 99L316 99"');
  t.end();
});

test('a band goes from the lowest seed to the highest and back, and stops at gaps', (t) => {
  const ends: LineCurve = {
    ...{ ...text, range: [0, 10] },
    lines: { it: (row) => (row.step === 3 ? null : five.rows.includes(row) ? 5 : 10) },
  };
  const five = runOf('a-seed1', [1, 2, 3, 4]);
  const chart = onlyOne(lineCharts(ends, runGroups([five, runOf('a-seed2', [1, 2, 3, 4])])));
  // The step axis goes from 0.5 to 4.5 over 46..406, the other from 0 to 10 over 176..22.
  t.match(
    chartSvg(chart).text,
    '<path class="band c0" d="M91 22L181 22L181 99L91 99ZM361 22L361 99Z"',
  );
  const alone = onlyOne(lineCharts(ends, runGroups([five])));
  t.notMatch(chartSvg(alone).text, 'class="band', 'one seed has none');
  t.end();
});

test('several runs: a picture a line, a colour a group, the mean over its seeds', (t) => {
  const seeds = [runOf('a-seed1', [1, 2]), runOf('a-seed2', [1, 2, 4]), runOf('b', [2])];
  const ofRun: LineCurve = {
    ...text,
    lines: { one: (row) => (seeds[1]?.rows.includes(row) ? 3 : 1), two: ({ step }) => step },
  };
  const [one, two, ...others] = lineCharts(ofRun, runGroups(seeds));
  t.strictSame([one?.title, two?.title, others.length], ['Title: one', 'Title: two', 0]);
  t.strictSame(one?.steps, [1, 2, 4]);
  const band = [
    [1, 3],
    [1, 3],
    [3, 3],
  ];
  t.strictSame(one?.lines, [
    { label: 'a', colour: 0, values: [2, 2, null], band },
    { label: 'b', colour: 1, values: [null, 1, null] },
  ]);
  t.end();
});

test('runs that differ in the seed alone are a group', (t) => {
  const names = ['a-seed1', 'b-seed1', 'a-seed2', 'seed3', 'c'].map((name) => runOf(name, []));
  t.strictSame(
    runGroups(names).map(({ name, runs }) => [name, runs.length]),
    [
      ['a', 2],
      ['b-seed1', 1],
      ['seed3', 1],
      ['c', 1],
    ],
  );
  t.end();
});

const counted: StackCurve = {
  ...text,
  counts: ({ step }) => (step === 2 ? null : { zero: 0, some: step, more: 2 * step }),
};

test('counts stand on top of each other; a step without any is a gap', (t) => {
  const chart = onlyOne([stackChart(counted, runOf('a', [1, 2, 3]))]);
  t.strictSame(
    chart.lines.map(({ label, values }) => [label, values]),
    [
      ['some', [1, null, 3]],
      ['more', [2, null, 6]],
    ],
  );
  const paths = [...chartSvg(chart).text.matchAll(/class="layer[^"]*" d="([^"]*)"/g)];
  // 0.5..3.5 over 46..406: a step is 120 wide. 0..10 over 176..22: one is 15.4 high.
  t.strictSame(
    paths.map(([, path]) => path),
    [
      'M46 176H166V160.6H46ZM286 176H406V129.8H286Z',
      'M46 160.6H166V129.8H46ZM286 129.8H406V37.4H286Z',
    ],
  );
  t.equal(stackChart({ ...text, counts: () => ({ none: 0 }) }, runOf('a', [1])), undefined);
  t.end();
});

test('the rarest of many counts are one layer', (t) => {
  const names = Array.from({ length: colours + 2 }, (_, i) => `n${i}`);
  const counts = Object.fromEntries(names.map((name, i) => [name, i === 1 ? 100 : i + 1]));
  const chart = stackChart({ ...text, counts: () => counts }, runOf('a', [1]));
  t.strictSame(
    chart?.lines.map(({ label, values: [value] }) => [label, value]),
    [['n1', 100], ...names.slice(4).map((name, i) => [name, i + 5]), ['3 others', 1 + 3 + 4]],
  );
  t.end();
});

test('runs are compared by lines of their counts', (t) => {
  const { lines } = countLines(counted, [runOf('a', [1]), runOf('b', [1])]);
  t.strictSame(Object.keys(lines), ['some', 'more']);
  const values = runOf('a', [1, 2, 3]).rows.map((row) => lines['more']?.(row));
  t.strictSame(values, [2, null, 6]);
  t.end();
});

test('what the watch did is marked at its step', (t) => {
  const event = { measure: 'entropy<b>', value: 0.004, limit: 0.005, action: 'stop' } as const;
  const run = runOf('a', [1, 2], (metrics) => ({ ...metrics, watch: [event] }));
  const chart = onlyOne(lineCharts(curve, runGroups([run])));
  t.equal(chart.events.length, 2);
  t.match(chartSvg(chart).text, '<title>step 1: entropy&lt;b&gt; 0.004, limit 0.005: stop</title>');
  t.end();
});

function onlyOne(charts: readonly (Chart | undefined)[]): Chart {
  const [chart] = charts;
  if (chart === undefined || charts.length > 1) throw new Error(`There are ${charts.length}.`);
  return chart;
}
