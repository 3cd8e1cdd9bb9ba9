import type { Markup } from './html.ts';
import { html } from './html.ts';
import type { RunData } from './report-data.ts';

/** Where the page's script lists and shows questions; says how many are not there. */
export function episodeSection(runs: readonly RunData[]): Markup {
  const count = runs.reduce((sum, { sampled }) => sum + sampled.questions.length, 0);
  const lines = runs.map((run) => html`<li>${sampleText(run, runs.length > 1)}</li>`);
  return html`<section id="episodes">
    <h2>Episodes</h2>
    <ul class="note">
      ${lines}
    </ul>
    ${count === 0 ? undefined : browser(runs.length > 1)}
  </section>`;
}

/** `312 of 10,240 questions, from 20 of 40 steps, 4.9 MB`. */
export function sampleText({ name, sampled }: RunData, isNamed: boolean): string {
  const { questions, totalQuestions, totalSteps, readSteps, bytes } = sampled;
  const run = isNamed ? `${name}: ` : '';
  if (totalSteps === 0) return `${run}no episodes are stored.`;
  const megabytes = Number((bytes / 1e6).toPrecision(2));
  const shown = `${questions.length.toLocaleString('en')} of ${totalQuestions.toLocaleString('en')}`;
  return `${run}${shown} questions are in this page (${megabytes} MB), from ${readSteps} of ${totalSteps} steps.`;
}

function browser(hasRuns: boolean): Markup {
  return html`<div class="browser">
    <form class="filters" aria-label="Which questions">
      ${hasRuns ? select('run', 'Run') : undefined} ${select('step', 'Step')}
      ${select('verdict', 'Verdict')} ${select('place', 'Place in the batch')}
      ${select('success', 'Solver')}
      <label
        >Text
        <input type="search" name="text" placeholder="question, answer, any text" />
      </label>
    </form>
    <div class="panes">
      <nav aria-label="Questions">
        <p class="count" aria-live="polite"></p>
        <ol class="questions"></ol>
      </nav>
      <div class="pane">
        <p class="steer">
          <button type="button" name="previous">← Previous</button>
          <button type="button" name="next">Next →</button>
          <span>or the arrow keys ← and →</span>
        </p>
        <article></article>
      </div>
    </div>
    <noscript>The browser of episodes needs JavaScript.</noscript>
  </div>`;
}

function select(name: string, label: string): Markup {
  return html`<label
    >${label}
    <select name="${name}"></select
  ></label>`;
}
