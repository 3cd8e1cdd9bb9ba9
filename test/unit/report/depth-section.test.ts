import { test } from 'tap';

import { depthSection } from '../../../src/report/depth-section.ts';
import type { DepthFacts } from '../../../src/types/step-metrics.ts';
import { runOf } from './rows.ts';

/** A run whose steps have these facts, from step 1. */
function runWith(steps: readonly Record<string, DepthFacts>[]) {
  const numbers = steps.map((_, i) => i + 1);
  return runOf('it', numbers, (metrics) => ({
    ...metrics,
    proposer: metrics.proposer && { ...metrics.proposer, byDepth: steps[metrics.step - 1] ?? {} },
  }));
}

const text = (runs: Parameters<typeof depthSection>[0]): string =>
  (depthSection(runs)?.text ?? '').replaceAll(/\s+/g, ' ');

test('the last ten steps are counted together, means by what they are over', (t) => {
  const old = { '9': { proposals: 5, valid: 5, success: 1, reward: 1 } };
  const steps = [
    { '1': { proposals: 30, valid: 10, true: 9, success: 0.5, reward: 0.1 } },
    { '1': { proposals: 10, valid: 30, true: 30, success: 0.9, reward: 0.5 } },
    {
      '1': { proposals: 0, valid: 0, success: null, reward: null },
      '2': { proposals: 10, valid: 5, success: 0.2, reward: null },
    },
  ];
  const empty = Array.from({ length: 7 }, () => ({}));
  const page = text([runWith([old, ...empty, ...steps])]);
  t.match(page, '50 proposals, the last 10 steps');
  t.notMatch(page, '<th scope="row">9</th>', 'that of the eleventh before the last');
  const cells = '40</td><td>80 %</td><td>100 %</td><td>98 %</td><td>0.80</td><td>0.200</td>';
  t.match(page.replaceAll(/> </g, '><'), `<th scope="row">1</th><td>${cells}`);
  const second = '10</td><td>20 %</td><td>50 %</td><td>–</td><td>0.20</td><td>–</td>';
  t.match(page.replaceAll(/> </g, '><'), `<th scope="row">2</th><td>${second}`);
  t.end();
});

test('a probe is shown as it came out; runs without proposals have no section', (t) => {
  const byDepth = { '2': { proposals: 4, valid: 3, success: 0.5, reward: 0.25, rewardError: 0.1 } };
  const probed = { ...runOf('probe', []), probe: { proposals: 4, byDepth, deeperPays: null } };
  t.match(text([probed]), '4 proposals, as probed');
  t.match(text([probed, runWith([{}])]), 'probe: 4 proposals');
  t.equal(depthSection([runOf('empty', [])]), undefined);
  t.end();
});
