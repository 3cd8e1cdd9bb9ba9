import { find, shortNumber } from './elements.js';

/** @import { ChartValues, PageData } from '../page-data.ts' */

/**
 * Shows the values of a step under every chart at once: of the step below the pointer, or with the
 * arrow keys where a chart has the focus. Without either the last values stand there.
 *
 * @param {PageData} data
 */
export function addReadouts({ plot, charts }) {
  const readouts = charts.map((chart) => ({ chart, show: readout(chart, plot) }));
  /** @type {number | undefined} */
  let shown;
  /** @param {number | undefined} step */
  const showStep = (step) => {
    if (step === shown) return;
    shown = step;
    for (const { show } of readouts) show(step);
  };
  for (const { chart } of readouts) {
    const picture = find(document, `#${chart.id} svg`, SVGSVGElement);
    picture.addEventListener('pointermove', (event) => {
      const box = picture.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * plot.width;
      showStep(nearestStep(chart.steps, stepAt(x, chart.steps, plot)));
    });
    picture.addEventListener('pointerleave', () => {
      showStep(undefined);
    });
    picture.addEventListener('blur', () => {
      showStep(undefined);
    });
    picture.addEventListener('keydown', (event) => {
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (way === undefined) return;
      event.preventDefault();
      const at = shown === undefined ? chart.steps.length : chart.steps.indexOf(shown);
      showStep(chart.steps[Math.min(Math.max(at + way, 0), chart.steps.length - 1)]);
    });
  }
}

/**
 * @param {ChartValues} chart
 * @param {PageData['plot']} plot
 * @returns {(step: number | undefined) => void} shows a step, or without one the last values again
 */
function readout({ id, steps, values }, plot) {
  const figure = find(document, `#${id}`, HTMLElement);
  const at = find(figure, '.at', HTMLElement);
  const cursor = find(figure, '.cursor', SVGLineElement);
  const places = [...figure.querySelectorAll('.readout b')];
  const lastValues = places.map(({ textContent }) => textContent);
  return (step) => {
    const i = step === undefined ? -1 : steps.indexOf(step);
    figure.classList.toggle('reading', i >= 0);
    at.textContent = step === undefined ? 'last value' : `step ${step}`;
    for (const [line, place] of places.entries()) {
      const value = values[line]?.[i] ?? null;
      if (step === undefined) place.textContent = lastValues[line] ?? '';
      else place.textContent = value === null ? '–' : shortNumber(value);
    }
    if (step === undefined || i < 0) return;
    const x = String(placeOf(step, steps, plot));
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
  };
}

/**
 * The axis reaches half a step beyond the first and the last.
 *
 * @param {number} step
 * @param {readonly number[]} steps
 * @param {PageData['plot']} plot
 */
function placeOf(step, steps, { left, right }) {
  const first = (steps[0] ?? 0) - 0.5;
  const last = (steps.at(-1) ?? 0) + 0.5;
  return left + ((step - first) / (last - first)) * (right - left);
}

/**
 * @param {number} x
 * @param {readonly number[]} steps
 * @param {PageData['plot']} plot
 */
function stepAt(x, steps, { left, right }) {
  const first = (steps[0] ?? 0) - 0.5;
  const last = (steps.at(-1) ?? 0) + 0.5;
  return first + ((x - left) / (right - left)) * (last - first);
}

/**
 * @param {readonly number[]} steps
 * @param {number} wanted
 */
function nearestStep(steps, wanted) {
  /** @param {number} step */
  const distance = (step) => Math.abs(step - wanted);
  return steps.toSorted((a, b) => distance(a) - distance(b))[0];
}
