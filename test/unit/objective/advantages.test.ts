import fc from 'fast-check';
import { test } from 'tap';

import { drGrpoAdvantages } from '../../../src/objective/dr-grpo.ts';
import { grpoAdvantages } from '../../../src/objective/grpo.ts';
import { reinforceAdvantages } from '../../../src/objective/reinforce.ts';
import { reinforcePlusPlusAdvantages } from '../../../src/objective/reinforce-plus-plus.ts';
import { rlooAdvantages } from '../../../src/objective/rloo.ts';
import { mean, standardDeviation } from '../../../src/objective/statistics.ts';

const ofGroups = {
  grpo: grpoAdvantages,
  'dr-grpo': drGrpoAdvantages,
  rloo: rlooAdvantages,
  'reinforce batch-mean': (rewards: readonly number[]) =>
    reinforceAdvantages(rewards, 'batch-mean'),
  'reinforce batch-mean-std': (rewards: readonly number[]) =>
    reinforceAdvantages(rewards, 'batch-mean-std'),
  'reinforce++': (rewards: readonly number[]) => reinforcePlusPlusAdvantages([rewards])[0] ?? [],
};

function isNear(ours: readonly number[], expected: readonly number[], tolerance = 2e-6): boolean {
  return (
    ours.length === expected.length &&
    ours.every((value, i) => Math.abs(value - (expected[i] ?? NaN)) < tolerance)
  );
}

test('groups worked out by hand', (t) => {
  // Rewards 1 0 0 1 0: mean 2/5, squared differences 6/5, variance (n - 1) 3/10.
  const rewards = [1, 0, 0, 1, 0];
  const scale = Math.sqrt(0.3);
  const centered = [0.6, -0.4, -0.4, 0.6, -0.4];
  const standardized = centered.map((value) => value / scale);
  t.ok(isNear(grpoAdvantages(rewards), standardized));
  t.ok(isNear(drGrpoAdvantages(rewards), centered, 1e-12));
  // Leave one out: 1 less 1/4 of the others, 0 less 2/4.
  t.ok(isNear(rlooAdvantages(rewards), [0.75, -0.5, -0.5, 0.75, -0.5], 1e-12));
  t.same(reinforceAdvantages(rewards, 'none'), rewards);
  t.ok(isNear(reinforceAdvantages(rewards, 'batch-mean'), centered, 1e-12));
  t.ok(isNear(reinforceAdvantages(rewards, 'batch-mean-std'), standardized));
  t.end();
});

test('REINFORCE++ by hand: centred in the group, scaled by the batch', (t) => {
  // Centred: 1/2 -1/2 | 3 -3 | 0; squares 1/2 + 18 over 4.
  const [first, second, third, fourth] = reinforcePlusPlusAdvantages([[1, 0], [6, 0], [5], []]);
  const scale = Math.sqrt(18.5 / 4);
  t.ok(isNear(first ?? [], [0.5 / scale, -0.5 / scale]));
  t.ok(isNear(second ?? [], [3 / scale, -3 / scale]));
  t.ok(isNear(third ?? [], [0], 1e-12), 'a group of one trains nothing');
  t.same(fourth, []);
  t.same(reinforcePlusPlusAdvantages([]), []);
  t.same(reinforcePlusPlusAdvantages([[2], [3]]), [[0], [0]]);
  t.end();
});

test('a group of one, equal rewards and an empty group', (t) => {
  for (const [name, advantages] of Object.entries(ofGroups)) {
    t.same(advantages([1]), [0], `${name}: nothing to compare one with`);
    // The mean of three times 0.1 is not 0.1; the advantages are 0 all the same.
    t.same(advantages([0.1, 0.1, 0.1]), [0, 0, 0], `${name}: zero variance`);
    t.same(advantages([0, 0]), [0, 0], `${name}: all wrong`);
    t.same(advantages([]), [], `${name}: no rollout left`);
  }
  t.same(reinforceAdvantages([0.4], 'none'), [0.4], 'without baseline the reward itself');
  t.same(reinforceAdvantages([], 'none'), []);
  t.equal(mean([]), 0);
  t.equal(standardDeviation([3]), 0);
  t.end();
});

const rewards = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), {
  minLength: 2,
  maxLength: 9,
});
const spread = rewards.filter((values) => standardDeviation(values) > 0.05);

test('advantages sum to zero and keep the order of the rewards', (t) => {
  for (const advantages of Object.values(ofGroups)) {
    fc.assert(
      fc.property(spread, (values) => {
        const ours = advantages(values);
        const isOrdered = values.every((a, i) =>
          values.every((b, j) => a <= b || (ours[i] ?? NaN) >= (ours[j] ?? NaN)),
        );
        return isOrdered && Math.abs(ours.reduce((sum, value) => sum + value, 0)) < 1e-9;
      }),
    );
  }
  t.end();
});

test('a shift of all rewards changes nothing, and neither does a scale where a deviation divides', (t) => {
  const shift = fc.double({ min: -3, max: 3, noNaN: true });
  const scale = fc.double({ min: 0.5, max: 4, noNaN: true });
  for (const [name, advantages] of Object.entries(ofGroups)) {
    const keepsScale = !['grpo', 'reinforce batch-mean-std', 'reinforce++'].includes(name);
    fc.assert(
      fc.property(spread, shift, scale, (values, by, times) => {
        const ours = advantages(values.map((value) => value * times + by));
        const factor = keepsScale ? times : 1;
        return isNear(
          ours,
          advantages(values).map((value) => value * factor),
          1e-3,
        );
      }),
    );
  }
  t.end();
});
