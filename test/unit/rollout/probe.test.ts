import { test } from 'tap';

import { probeResult, probeText } from '../../../src/app/rollout/probe.ts';
import type { ProposalFacts } from '../../../src/training/depth-metrics.ts';

const proposal = (searches: number, reward: number, more: Partial<ProposalFacts> = {}) => ({
  ...{ searches, reward, isValid: true, truth: undefined, success: 1 - reward, ...more },
});

test('proposals by their searches, and whether deeper ones pay', (t) => {
  const invalid = { isValid: false, success: undefined };
  const result = probeResult([
    ...[proposal(1, 0.25), proposal(1, 0.75, { truth: 'true' }), proposal(1, 0, invalid)],
    ...[proposal(2, 1, { truth: 'true' }), proposal(2, 0.5, { truth: 'false' })],
    proposal(10, 0, invalid),
  ]);
  // The mean and its standard error of 1/4, 3/4 and 0, by hand: sqrt(7/48 / 3).
  const one = { proposals: 3, valid: 2, true: 1, success: 0.5, reward: 1 / 3 };
  t.match(result, { proposals: 6, deeperPays: true, byDepth: { 1: one } });
  t.equal(result.byDepth['1']?.rewardError?.toFixed(6), Math.sqrt(7 / 48 / 3).toFixed(6));
  t.match(result.byDepth['2'], { proposals: 2, valid: 2, true: 1, success: 0.25, reward: 0.75 });
  t.match(result.byDepth['10'], { valid: 0, success: null, reward: 0, rewardError: null });
  const [head, ...rows] = probeText(result).split('\n');
  t.match(head, /searches +proposals +share +valid +true +success +reward/);
  t.match(rows[0], / 1 +3 +0\.50 +0\.67 +0\.50 +0\.500 +0\.333 ± 0\.220/);
  t.match(rows[2], /10 +1 +0\.17 +0\.00 +- +- +0\.000$/);
  t.match(rows.at(-1), /Two searches pay more/);
  t.end();
});

test('it says where deeper questions do not pay, or nothing can be compared', (t) => {
  const equal = probeResult([proposal(1, 0.5), proposal(2, 0.5)]);
  t.equal(equal.deeperPays, false);
  t.match(probeText(equal), /no reason to ask deeper/);
  for (const proposals of [[], [proposal(1, 1)], [proposal(2, 1)]]) {
    const result = probeResult(proposals);
    t.equal(result.deeperPays, null);
    t.match(probeText(result), /too few/);
  }
  t.end();
});
