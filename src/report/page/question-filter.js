import { find } from './elements.js';
import { successText, verdictText } from './question-view.js';

/** @import { PageData } from '../page-data.ts' */
/** @import { EpisodeView, QuestionView } from '../question-view.ts' */

/**
 * A question of a run, with what the filters look at.
 *
 * @typedef {object} Entry
 * @property {PageData['runs'][number]} run
 * @property {QuestionView} question
 * @property {Readonly<Record<string, string>>} values by the name of the filter
 * @property {string} text in lower case
 */

/**
 * All questions of all runs, in order.
 *
 * @param {PageData['runs']} runs
 * @returns {Entry[]}
 */
export function entriesOf(runs) {
  return runs.flatMap((run) =>
    run.questions.map((question) => ({
      run,
      question,
      values: {
        run: run.name,
        step: String(question.step),
        verdict: verdictText(question),
        place: question.place,
        success: successKind(question),
      },
      text: textOf(question).toLowerCase(),
    })),
  );
}

/**
 * Fills the form's choices with what occurs and calls `onChange` with the matches, once now and after
 * each change.
 *
 * @param {HTMLFormElement} form
 * @param {readonly Entry[]} entries
 * @param {(matches: Entry[]) => void} onChange
 */
export function filterEntries(form, entries, onChange) {
  const selects = [...form.querySelectorAll('select')];
  for (const select of selects) {
    const values = new Set(entries.map((entry) => entry.values[select.name] ?? ''));
    select.append(choice('', 'all'), ...[...values].map((value) => choice(value, value)));
  }
  const search = find(form, 'input', HTMLInputElement);
  const update = () => {
    const wanted = search.value.trim().toLowerCase();
    onChange(
      entries.filter(
        ({ values, text }) =>
          text.includes(wanted) &&
          selects.every(({ name, value }) => value === '' || values[name] === value),
      ),
    );
  };
  form.addEventListener('input', update);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
  });
  update();
}

/**
 * @param {string} value
 * @param {string} text
 */
function choice(value, text) {
  const option = document.createElement('option');
  option.value = value;
  option.textContent = text;
  return option;
}

/** @param {QuestionView} question */
function successKind(question) {
  const [right, all] = successText(question).split('/').map(Number);
  if (all === undefined) return 'not played';
  if (right === 0) return 'none right';
  return right === all ? 'all right' : 'some right';
}

/** @param {QuestionView} question */
function textOf({ question, answers, proposal, verification, attempts }) {
  const parts = [proposal, verification, ...attempts];
  const sampled = parts.flatMap((part) => (part?.episode ? sampledTexts(part.episode) : []));
  return [question ?? '', ...answers, ...sampled].join('\n');
}

/** @param {EpisodeView} episode */
function sampledTexts({ steps }) {
  return steps.flatMap((step) => (step.kind === 'sampled' ? [step.text] : []));
}
