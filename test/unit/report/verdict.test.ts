import { test } from 'tap';

import type { RunData } from '../../../src/report/report-data.ts';
import { runGroups } from '../../../src/report/report-data.ts';
import { meanAndDeviation, seedMeans } from '../../../src/report/seed-means.ts';
import { verdictTiles } from '../../../src/report/verdict.ts';
import { withProposer } from '../../material/training/with-proposer.ts';
import { runOf } from './rows.ts';

function tilesOf(run: RunData): Record<string, string> {
  return Object.fromEntries(
    verdictTiles(run).map(({ label, value, detail, tone }) => [
      label,
      `${value} | ${detail} | ${tone}`,
    ]),
  );
}

test('the verdict of a run that learned', (t) => {
  const tiles = tilesOf(runOf('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  // The made-up run: exact match .5 + .4 of the way, valid questions round(4 of the way) of 7.
  t.strictSame(tiles['Step reached'], '10 | no timings | plain');
  t.match(
    tiles['Validation, then and now'],
    /^50\.0 → 90\.0.% \| \+40\.0 points on 300 questions \| good$/,
  );
  t.match(tiles['Best validation'], /^step 10 \| 90\.0.%, 1.hop.95\.0.%, 2.hops.85\.0.%, 3.hops/);
  t.match(tiles['Valid questions'], /^57\.9.% \| 13\.0.% in the first step \| good$/);
  // True: 0 1 1 2 2 2 3 3 4 4, false: 1 a step.
  t.match(
    tiles['Truth of valid questions'],
    /^68\.8.% \| 32 questions of the last 10 steps \| watch$/,
  );
  t.equal(tiles['Failed episodes'], '0 | every service answered | good');
  t.equal(tiles['Collapse watch'], 'warn at step 7 | entropy 0.004, limit 0.005; 1 in all | watch');
  t.end();
});

test('the verdict of a run in trouble', (t) => {
  const event = { measure: 'validRate', value: 0.01, limit: 0.02, action: 'stop' as const };
  const run = runOf('a', [0, 5], (metrics) => ({
    ...withProposer(metrics, { validRate: 0.01, failures: { search: 2, policy: 0 } }),
    solver: { ...metrics.solver, failures: { search: 1, policy: 3 } },
    validation: metrics.validation && {
      ...metrics.validation,
      exactMatch: metrics.step === 0 ? 0.5 : 0.25,
    },
    truth: null,
    watch: metrics.step === 5 ? [event] : [],
  }));
  const tiles = tilesOf(run);
  t.match(tiles['Validation, then and now'], /→ 25\.0.% \| −25\.0 points on 300 questions \| bad$/);
  t.match(tiles['Best validation'], /^step 0 /);
  t.match(tiles['Valid questions'], / bad$/);
  t.equal(tiles['Truth of valid questions'], '– | facts not known | plain');
  t.equal(tiles['Failed episodes'], '6 | search 3, policy 3; left out of the rewards | watch');
  t.match(tiles['Collapse watch'], /^stop at step 5 \| .* bad$/);
  t.end();
});

test('the verdict of a run that has not begun', (t) => {
  const tiles = verdictTiles({ ...runOf('a', []), plannedSteps: 40 });
  t.equal(tiles[0]?.value, '0 of 40');
  t.ok(tiles.slice(1, 6).every(({ value, tone }) => value === '–' && tone === 'plain'));
  t.end();
});

test('gains over seeds have their mean and deviation', (t) => {
  // Sample deviation of 2, 4, 9 by hand: squares 9 + 1 + 16 = 26, over 2, root 3.606.
  t.equal(meanAndDeviation([2, 4, 9]), '5.0 ± 3.6');
  t.equal(meanAndDeviation([40]), '40.0');
  t.equal(meanAndDeviation([]), '–');
  const seeds = ['a-seed1', 'a-seed2', 'b'].map((name) => runOf(name, [0, 5, 10]));
  t.match(seedMeans(runGroups(seeds))?.text.replaceAll(/\s+/g, ' '), '<td>40.0 ± 0.0</td> </tr>');
  t.equal(seedMeans(runGroups(seeds.slice(1))), undefined);
  t.end();
});
