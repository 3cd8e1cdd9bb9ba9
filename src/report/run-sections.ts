import type { Markup } from './html.ts';
import { html } from './html.ts';
import type { RunData } from './report-data.ts';
import { eventText, verdictTiles } from './verdict.ts';

/** Events that are listed; a run with more has other troubles. */
const listedEvents = 100;

/** Tiles for one run, a table with a row a run for several. */
export function verdict(runs: readonly RunData[]): Markup {
  const rows = runs.map((run) => ({ name: run.name, tiles: verdictTiles(run) }));
  const [first] = rows;
  if (first !== undefined && rows.length === 1) {
    return html`<dl class="tiles">
      ${first.tiles.map(
        ({ label, value, detail, tone }) =>
          html`<div class="tile ${tone}">
            <dt>${label}</dt>
            <dd><strong>${value}</strong><span>${detail}</span></dd>
          </div>`,
      )}
    </dl>`;
  }
  return html`<div class="wide">
    <table class="verdicts">
      <thead>
        <tr>
          <th scope="col">Run</th>
          ${first?.tiles.map(({ label }) => html`<th scope="col">${label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ name, tiles }) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${tiles.map(
                ({ value, detail, tone }) =>
                  html`<td class="${tone}"><strong>${value}</strong><span>${detail}</span></td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What of the runs is damaged or missing, before anything is read from the rest; else nothing. */
export function damageNote(runs: readonly RunData[]): Markup | undefined {
  const sentences = runs.flatMap(({ damage }) => damage);
  if (sentences.length === 0) return undefined;
  return html`<div class="damage" role="alert">
    <strong>Not everything of the run could be read; the page shows the rest.</strong>
    <ul>
      ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  </div>`;
}

/** What the collapse watch said, the newest first; nothing where it was quiet. */
export function watchEvents(runs: readonly RunData[]): Markup | undefined {
  const events = runs.flatMap(({ name, events }) => events.map((event) => ({ name, ...event })));
  if (events.length === 0) return undefined;
  const newest = events.toReversed().slice(0, listedEvents);
  return html`<details>
    <summary>Events of the collapse watch: ${events.length}</summary>
    <ol class="events">
      ${newest.map(
        (event) =>
          html`<li>
            ${runs.length > 1 ? `${event.name}, ` : ''}step ${event.step}: ${eventText(event)} –
            ${event.action}
          </li>`,
      )}
    </ol>
  </details>`;
}

/** What the run was made with, for whoever wants to make it again. */
export function runFacts({ name, manifest, config }: RunData): Markup {
  const { model, index, commit } = manifest;
  const facts = [
    ['Started', manifest.startedAt],
    ['Machine', manifest.machine],
    ['ssp', `${manifest.toolVersion}, commit ${commit ?? 'not known'}`],
    ...questionFacts(manifest),
    ...(index === null ? [['Index', 'not known']] : namedFacts('Index', index)),
    ...namedFacts('Model', model),
  ];
  return html`<details class="run" open>
    <summary>${name}</summary>
    <dl class="facts">
      ${facts.map(
        ([key, value]) =>
          html`<div>
            <dt>${key}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
    <details>
      <summary>Configuration</summary>
      <pre>${config ?? 'The run directory holds none.'}</pre>
    </details>
  </details>`;
}

/** Where the questions came from. */
function questionFacts({ seeds, questions }: RunData['manifest']): string[][] {
  return [
    ...(seeds ? [['Seeds', `${seeds.count} answers of ${seeds.path}, hash ${seeds.hash}`]] : []),
    ...(questions
      ? [
          [
            'Questions',
            `${questions.count} of ${questions.paths.join(', ')}, hash ${questions.hash}`,
          ],
        ]
      : []),
  ];
}

/** What a service says of itself, whatever its keys are. */
function namedFacts(of: string, facts: Readonly<Record<string, unknown>>): string[][] {
  return Object.entries(facts).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [`${of}: ${key}`, text];
  });
}
