import type {
  EvaluationOverlap,
  OverlapCounts,
  OverlapExample,
  SetOverlap,
} from '../types/evaluation.ts';
import type { Markup } from './html.ts';
import { html } from './html.ts';
import type { RunData } from './report-data.ts';

/** Of one run. */
export interface NamedOverlap {
  readonly name: string;
  readonly overlap: EvaluationOverlap;
}

/** How far each run's questions overlap with evaluation sets; nothing where that was not asked. */
export function overlapSection(runs: readonly RunData[]): Markup | undefined {
  const measured = runs.flatMap(({ name, overlap }) => (overlap ? { name, overlap } : []));
  if (measured.length === 0) return undefined;
  return html`<section id="overlap">
    <h2>Overlap with evaluation sets</h2>
    <p class="note">
      Of the accepted questions: those with eight words in a row, or all words, of an evaluation
      question; and those whose answer is a golden answer.
    </p>
    ${measured.map((run) => overlapTable(run, runs.length > 1))}
  </section>`;
}

function overlapTable({ name, overlap }: NamedOverlap, isNamed: boolean): Markup {
  const { accepted, sets, any } = overlap;
  const row = (set: string, { questions, answers }: OverlapCounts): Markup =>
    html`<tr>
      <th scope="row">${set}</th>
      <td>${counted(questions, accepted)}</td>
      <td>${counted(answers, accepted)}</td>
    </tr>`;
  return html`<div class="wide">
      <table class="verdicts">
        <caption>
          ${isNamed ? `${name}: ` : ''}${accepted.toLocaleString('en')} accepted questions
        </caption>
        <thead>
          <tr>
            ${['Set', 'Questions', 'Answers'].map((head) => html`<th scope="col">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${sets.map((set) => row(set.set, set))} ${row('any', any)}
        </tbody>
      </table>
    </div>
    ${examples(sets)}`;
}

function examples(sets: readonly SetOverlap[]): Markup | undefined {
  const shown = sets.flatMap(({ set, examples }) => examples.map((each) => exampleText(set, each)));
  if (shown.length === 0) return undefined;
  return html`<details>
    <summary>The first questions that overlap</summary>
    <ul class="events">
      ${shown.map((text) => html`<li>${text}</li>`)}
    </ul>
  </details>`;
}

/** Lines for a terminal. */
export function overlapLines({ name, overlap }: NamedOverlap, isNamed: boolean): string[] {
  const { accepted, sets, any } = overlap;
  const head = `${isNamed ? `${name}: ` : ''}overlap of ${accepted.toLocaleString('en')} accepted questions`;
  const line = (set: string, { questions, answers }: OverlapCounts): string =>
    `  ${set}: ${counted(questions, accepted)} questions, ${counted(answers, accepted)} answers`;
  return [
    head,
    ...sets.flatMap((set) => [
      line(set.set, set),
      ...set.examples.map((example) => `    ${exampleText(set.set, example)}`),
    ]),
    line('any', any),
  ];
}

/** `12 (1.5 %)`, the share of all. */
function counted(count: number, all: number): string {
  const share = all === 0 ? '' : ` (${((100 * count) / all).toFixed(1)}\u00a0%)`;
  return `${count.toLocaleString('en')}${share}`;
}

function exampleText(set: string, { step, index, question, evaluated }: OverlapExample): string {
  return `step ${step}, question ${index}: “${question}” – ${set}, ${evaluated.id}: “${evaluated.question}”`;
}
