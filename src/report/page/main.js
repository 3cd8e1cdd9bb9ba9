import { addReadouts } from './chart-readout.js';
import { element, find } from './elements.js';
import { entriesOf, filterEntries } from './question-filter.js';
import { questionElement, successText, verdictText } from './question-view.js';

/** @import { PageData } from '../page-data.ts' */
/** @import { Entry } from './question-filter.js' */

const json = find(document, '#report-data', HTMLScriptElement).textContent;
const data = /** @type {PageData} */ (JSON.parse(json));
addReadouts(data);
const browser = document.querySelector('.browser');
if (browser !== null) browse(browser, data.runs);

/**
 * Lists the questions that match, and shows the chosen one.
 *
 * @param {Element} browser
 * @param {PageData['runs']} runs
 */
function browse(browser, runs) {
  const list = find(browser, '.questions', HTMLOListElement);
  const count = find(browser, '.count', HTMLElement);
  const article = find(browser, 'article', HTMLElement);
  /** @type {Entry[]} */
  let matches = [];
  let chosen = 0;
  /** @param {number} i */
  const choose = (i) => {
    chosen = Math.min(Math.max(i, 0), matches.length - 1);
    for (const current of list.querySelectorAll('[aria-current]')) {
      current.removeAttribute('aria-current');
    }
    const entry = matches[chosen];
    article.replaceChildren(
      entry === undefined ? '' : questionElement(entry.question, entry.run.passages),
    );
    const button = list.children[chosen]?.firstElementChild;
    button?.setAttribute('aria-current', 'true');
    if (button instanceof HTMLElement) showInList(list, button);
  };
  list.addEventListener('click', ({ target }) => {
    const item = target instanceof Element ? target.closest('li') : null;
    if (item !== null) choose([...list.children].indexOf(item));
  });
  find(browser, '[name=previous]', HTMLButtonElement).addEventListener('click', () => {
    choose(chosen - 1);
  });
  find(browser, '[name=next]', HTMLButtonElement).addEventListener('click', () => {
    choose(chosen + 1);
  });
  document.addEventListener('keydown', (event) => {
    const way = arrowOutsideOfControls(event);
    if (way === undefined) return;
    event.preventDefault();
    choose(chosen + way);
  });
  filterEntries(find(browser, 'form', HTMLFormElement), entriesOf(runs), (found) => {
    matches = found;
    count.textContent = `${found.length} ${found.length === 1 ? 'question' : 'questions'}`;
    list.replaceChildren(...found.map((entry) => listItem(entry, runs.length > 1)));
    choose(0);
  });
}

/**
 * -1 for the left arrow, 1 for the right one; undefined where a chart or a field uses it itself.
 *
 * @param {KeyboardEvent} event
 */
function arrowOutsideOfControls({ key, target, altKey, ctrlKey, metaKey, shiftKey }) {
  if (altKey || ctrlKey || metaKey || shiftKey) return undefined;
  if (target instanceof Element && target.closest('input, select, svg') !== null) return undefined;
  return { ArrowLeft: -1, ArrowRight: 1 }[key];
}

/**
 * Scrolls the list alone, never the page.
 *
 * @param {HTMLElement} list
 * @param {HTMLElement} button
 */
function showInList(list, button) {
  const above = button.offsetTop - list.offsetTop;
  if (above < list.scrollTop) list.scrollTop = above;
  const below = above + button.offsetHeight - list.clientHeight;
  if (below > list.scrollTop) list.scrollTop = below;
}

/**
 * @param {Entry} entry
 * @param {boolean} hasRuns
 */
function listItem({ run, question }, hasRuns) {
  const where = `${hasRuns ? `${run.name} · ` : ''}${question.step} · ${question.index}`;
  const verdict = verdictText(question);
  const state = [verdict, successText(question)].filter((text) => text !== '').join(' · ');
  const button = element(
    'button',
    '',
    element('span', 'where', where),
    element('span', `badge ${verdict.split(':')[0] ?? ''}`, state),
    element('span', 'text', question.question ?? `(no question for ${question.answers[0] ?? ''})`),
  );
  button.setAttribute('type', 'button');
  return element('li', '', button);
}
