import type { Markup } from './html.ts';
import { html } from './html.ts';
import type { RunData, RunGroup } from './report-data.ts';
import { scores } from './verdict.ts';

/** What several seeds of one configuration gained; nothing where no group has several. */
export function seedMeans(groups: readonly RunGroup[]): Markup | undefined {
  const several = groups.filter(({ runs }) => runs.length > 1);
  if (several.length === 0) return undefined;
  return html`<div class="wide">
    <table class="verdicts">
      <caption>
        Validation by configuration: mean and standard deviation over seeds, in points
      </caption>
      <thead>
        <tr>
          ${['Runs', 'Seeds', 'Then', 'Now', 'Gain'].map(
            (name) => html`<th scope="col">${name}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${several.map((group) => groupRow(group))}
      </tbody>
    </table>
  </div>`;
}

function groupRow({ name, runs }: RunGroup): Markup {
  const ends = runs.flatMap((run) => firstAndLast(run));
  const columns = [
    ends.map(({ first }) => first),
    ends.map(({ last }) => last),
    ends.map(({ first, last }) => last - first),
  ];
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${runs.length}</td>
    ${columns.map((values) => html`<td>${meanAndDeviation(values)}</td>`)}
  </tr>`;
}

/** In points, 0..100; nothing for a run that was never validated. */
function firstAndLast(run: RunData): { readonly first: number; readonly last: number }[] {
  const scored = scores(run);
  const [first] = scored;
  const last = scored.at(-1);
  if (first === undefined || last === undefined) return [];
  return [{ first: 100 * first.exactMatch, last: 100 * last.exactMatch }];
}

/** `40.0 ± 2.8`, the deviation of a sample; of one value the value alone. */
export function meanAndDeviation(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return mean.toFixed(1);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return `${mean.toFixed(1)} ± ${Math.sqrt(squares / (values.length - 1)).toFixed(1)}`;
}
