import { readFile } from 'node:fs/promises';

import fc from 'fast-check';
import { test } from 'tap';
import { z } from 'zod';

import { policyLoss } from '../../../src/objective/policy-loss.ts';
import type { TrainedSequence } from '../../../src/objective/trained-sequence.ts';

const aggregations = ['token-sum', 'token-mean', 'sequence-mean'] as const;
const numbers = z.array(z.number());

// Losses and gradients by PyTorch autograd; golden/policy_loss.py writes them.
const goldenSchema = z.object({
  sequences: z.array(
    z.object({
      logp_T: numbers,
      oldLogp_T: numbers,
      referenceLogp_T: numbers,
      mask_T: numbers,
      advantage: z.number(),
      lossWeight: z.number(),
    }),
  ),
  cases: z.array(
    z.object({
      options: z.object({
        clipLow: z.number(),
        clipHigh: z.number(),
        klCoefficient: z.number(),
        aggregation: z.enum(aggregations),
        dualClip: z.number().optional(),
        maxLogRatio: z.number().default(Infinity),
        maxDivergence: z.number().default(Infinity),
      }),
      loss: z.number(),
      gradients: z.array(numbers),
    }),
  ),
});
const golden = goldenSchema.parse(
  JSON.parse(await readFile(new URL('golden/policy-loss.json', import.meta.url), 'utf8')),
);

const options = {
  clipLow: 0.2,
  clipHigh: 0.3,
  klCoefficient: 0,
  aggregation: 'token-sum',
  maxLogRatio: Infinity,
  maxDivergence: Infinity,
} as const;

test('losses and weights are those of autograd', (t) => {
  const clipped = new Set<string>();
  for (const { options, loss, gradients } of golden.cases) {
    const ours = policyLoss(golden.sequences, options);
    const name = JSON.stringify(options);
    t.ok(Math.abs(ours.loss - loss) < 1e-6, `${name}: ${ours.loss} is ${loss}`);
    const differences = gradients.flatMap((gradient, row) =>
      gradient.map((value, i) => Math.abs(value - (ours.weights_B_T[row]?.[i] ?? NaN))),
    );
    t.ok(Math.max(...differences) < 1e-6, `${name}: off by ${Math.max(...differences)}`);
    if (ours.diagnostics.clipFractionLow > 0) clipped.add('low');
    if (ours.diagnostics.clipFractionHigh > 0) clipped.add('high');
    if (ours.diagnostics.clipFractionDual > 0) clipped.add('dual');
  }
  t.same([...clipped].sort(), ['dual', 'high', 'low'], 'all bounds are met');
  t.end();
});

/** A sequence of tokens with these ratios to the policy that sampled them. */
function withRatios(advantage: number, ...ratios: number[]): TrainedSequence {
  return {
    logp_T: ratios.map((ratio) => Math.log(ratio) - 2),
    oldLogp_T: ratios.map(() => -2),
    mask_T: ratios.map(() => 1),
    advantage,
  };
}

function rounded(values: ArrayLike<number> | undefined): number[] {
  return Array.from(values ?? [], (value) => Math.round(value * 1e9) / 1e9 + 0);
}

test('the clip, by hand', (t) => {
  const sequences = [withRatios(2, 0.5, 1, 1.3, 1.5), withRatios(-1, 0.5, 0.8, 0.7, 1.5)];
  const { loss, weights_B_T, diagnostics } = policyLoss(sequences, options);
  // A > 0: -min(r, 1.3) 2; A < 0: max(r, 0.8). Only what lies past its own bound is stopped.
  t.same(rounded(weights_B_T[0]), [-1, -2, -2.6, 0]);
  t.same(rounded(weights_B_T[1]), [0, 0.8, 0, 1.5]);
  t.same(rounded([loss]), rounded([-(1 + 2 + 2.6 + 2.6) + (0.8 + 0.8 + 0.8 + 1.5)]));
  t.match(diagnostics, { trainedTokens: 8, clipFractionLow: 2 / 8, clipFractionHigh: 1 / 8 });
  t.same(rounded([diagnostics.meanRatio]), [7.8 / 8]);
  // exp(d) - d - 1 with d = ln r: mean ratio less mean log ratio less 1.
  const logRatios = Math.log(0.5 * 1.3 * 1.5 * 0.5 * 0.8 * 0.7 * 1.5);
  t.same(rounded([diagnostics.oldKl]), rounded([(7.8 - logRatios) / 8 - 1]));
  t.equal(diagnostics.referenceKl, undefined);
  t.end();
});

test('aggregation, by hand: masked tokens and empty sequences do not count', (t) => {
  const long = { ...withRatios(1, 1, 1, 1, 1), mask_T: [0, 1, 1, 1] };
  const none = { ...withRatios(1, 1, 1), mask_T: [0, 0] };
  const sequences = [long, none, withRatios(1, 1)];
  const weights = (aggregation: (typeof aggregations)[number]): number[][] =>
    policyLoss(sequences, { ...options, aggregation }).weights_B_T.map(rounded);
  const third = Math.round(1e9 / 6) / 1e9;
  t.same(weights('token-sum'), [[0, -1, -1, -1], [0, 0], [-1]]);
  t.same(weights('token-mean'), [[0, -0.25, -0.25, -0.25], [0, 0], [-0.25]]);
  t.same(weights('sequence-mean'), [[0, -third, -third, -third], [0, 0], [-0.5]]);
  t.end();
});

test('k3 to the reference, by hand', (t) => {
  const sequence = { ...withRatios(0, 1, 1), referenceLogp_T: [-2, -2 + Math.log(3)] };
  const { loss, weights_B_T, diagnostics } = policyLoss([sequence], {
    ...options,
    klCoefficient: 0.5,
  });
  const k3 = 3 - Math.log(3) - 1;
  t.same(rounded([loss]), rounded([0.5 * k3]));
  t.same(rounded(weights_B_T[0]), [0, 0.5 * (1 - 3)]);
  t.same(rounded([diagnostics.referenceKl ?? NaN]), rounded([k3 / 2]));
  t.equal(diagnostics.oldKl, 0);
  t.end();
});

test('one token far from the reference owns the gradient, unless k3 is bounded', (t) => {
  const logp_T = Array.from({ length: 1000 }, (_, i) => (i === 0 ? -22 : -2));
  const referenceLogp_T = logp_T.map((_, i) => (i === 0 ? -2 : -2.5));
  const sequence = { ...withRatios(1), logp_T, oldLogp_T: logp_T, referenceLogp_T };
  const batch = [{ ...sequence, mask_T: logp_T.map(() => 1) }];
  const shareOfFirst = (bounds: object): number => {
    const settings = { ...options, klCoefficient: 0.01, ...bounds };
    const [row = []] = policyLoss(batch, settings).weights_B_T;
    const weights = Array.from(row, Math.abs);
    return (weights[0] ?? NaN) / weights.reduce((sum, weight) => sum + weight, 0);
  };
  t.ok(shareOfFirst({}) > 0.99, 'e^20 of 1000 tokens');
  // Its own surrogate alone is left: 1 beside 999 of 1 - .01 (1 - e^-.5).
  t.ok(Math.abs(shareOfFirst({ maxLogRatio: 20, maxDivergence: 10 }) - 0.001) < 1e-5);
  t.end();
});

test('the released bounds of k3: no slope beyond about 2.6 nats', (t) => {
  const slopes = [2.6, 2.62, -12, -21].map((gap) => {
    const far = { ...withRatios(0, 1), referenceLogp_T: [-2 + gap] };
    const released = { ...options, klCoefficient: 1, maxLogRatio: 20, maxDivergence: 10 };
    const { loss, weights_B_T } = policyLoss([far], released);
    return rounded([loss, weights_B_T[0]?.[0] ?? NaN]);
  });
  // exp(2.6) - 3.6 = 9.864; exp(2.62) - 3.62 = 10.116 > 10; exp(-12) + 11 > 10.
  t.same(slopes, [rounded([Math.exp(2.6) - 3.6, 1 - Math.exp(2.6)]), [10, 0], [10, 0], [10, 0]]);
  t.end();
});

test('the dual clip, by hand', (t) => {
  const sequences = [withRatios(-2, 0.5, 2, 4), withRatios(2, 1, 4)];
  const { loss, weights_B_T, diagnostics } = policyLoss(sequences, { ...options, dualClip: 3 });
  // A < 0: min(3, max(r, .8)) 2; A > 0 is as before: min(r, 1.3) 2.
  t.same(rounded(weights_B_T[0]), [0, 4, 0]);
  t.same(rounded(weights_B_T[1]), [-2, 0]);
  t.same(rounded([loss]), rounded([1.6 + 4 + 6 - 2 - 2.6]));
  t.match(diagnostics, { clipFractionDual: 1 / 5, clipFractionHigh: 1 / 5 });
  t.end();
});

test('a sequence counts by its weight', (t) => {
  const [light, heavy] = [withRatios(1, 1, 1), withRatios(1, 1, 1)];
  const { weights_B_T } = policyLoss([{ ...light, lossWeight: 0.4 }, heavy], options);
  t.same(weights_B_T.map(rounded), [
    [-0.4, -0.4],
    [-1, -1],
  ]);
  t.end();
});

test('on the weights that sampled, the weights are -advantage and nothing is clipped', (t) => {
  const { weights_B_T, diagnostics } = policyLoss([withRatios(0.7, 1, 1, 1)], options);
  t.same(rounded(weights_B_T[0]), [-0.7, -0.7, -0.7]);
  t.match(diagnostics, { clipFractionLow: 0, clipFractionHigh: 0, meanRatio: 1, oldKl: 0 });
  t.end();
});

test('an empty batch and a batch without trained tokens have loss 0', (t) => {
  const nothing = {
    trainedTokens: 0,
    clipFractionLow: 0,
    clipFractionHigh: 0,
    clipFractionDual: 0,
    meanRatio: 0,
    oldKl: 0,
    referenceKl: 0,
  };
  const untrained = { logp_T: [NaN], oldLogp_T: [NaN], mask_T: [0], advantage: 1 };
  for (const aggregation of aggregations) {
    const empty = policyLoss([], { ...options, aggregation });
    t.same(empty, { loss: 0, weights_B_T: [], diagnostics: nothing });
    const { loss, weights_B_T, diagnostics } = policyLoss([untrained], { ...options, aggregation });
    t.same({ loss, diagnostics }, { loss: 0, diagnostics: nothing });
    t.same(rounded(weights_B_T[0]), [0], 'a prompt has no log-prob, and needs none');
  }
  t.end();
});

test('what cannot be trained on is refused with the place', (t) => {
  const good = withRatios(1, 1, 1);
  t.throws(
    () => policyLoss([good, { ...good, mask_T: [1, 1, 1] }], options),
    new RangeError(
      'Sequence 1 has arrays of unlike length: logp_T has 2, oldLogp_T has 2, mask_T has 3.',
    ),
  );
  t.throws(
    () => policyLoss([good], { ...options, klCoefficient: 0.01 }),
    new RangeError('Sequence 0 has no referenceLogp_T, but klCoefficient is not 0.'),
  );
  t.throws(
    () => policyLoss([{ ...good, logp_T: [-2, NaN] }], options),
    /Sequence 0, token 1 has no/,
  );
  t.throws(() => policyLoss([{ ...good, oldLogp_T: [-2, -Infinity] }], options), RangeError);
  const bounded = { ...options, maxLogRatio: 20 };
  t.throws(() => policyLoss([{ ...good, oldLogp_T: [-2, -Infinity] }], bounded), RangeError);
  t.throws(() => policyLoss([{ ...good, advantage: NaN }], options), RangeError);
  t.end();
});

/** Batches whose ratios keep away from the bounds, where the loss has a kink. */
const smoothSequence = fc
  .array(
    fc.record({
      logp: fc.double({ min: -4, max: -0.5, noNaN: true }),
      ratio: fc.oneof(
        fc.double({ min: 0.3, max: 0.79, noNaN: true }),
        fc.double({ min: 0.81, max: 1.29, noNaN: true }),
        fc.double({ min: 1.31, max: 2.5, noNaN: true }),
      ),
      gap: fc.double({ min: -1, max: 1, noNaN: true }),
      mask: fc.constantFrom(0, 1),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .chain((tokens) =>
    fc.record({
      logp_T: fc.constant(tokens.map(({ logp }) => logp)),
      oldLogp_T: fc.constant(tokens.map(({ logp, ratio }) => logp - Math.log(ratio))),
      referenceLogp_T: fc.constant(tokens.map(({ logp, gap }) => logp + gap)),
      mask_T: fc.constant(tokens.map(({ mask }) => mask)),
      advantage: fc.double({ min: -2, max: 2, noNaN: true }),
    }),
  );

test('finite differences of the loss are the weights', (t) => {
  const batches = fc.array(smoothSequence, { minLength: 1, maxLength: 4 });
  const kl = fc.constantFrom(0, 0.01, 0.5);
  fc.assert(
    fc.property(
      batches,
      fc.constantFrom(...aggregations),
      kl,
      (batch, aggregation, klCoefficient) => {
        const settings = { ...options, aggregation, klCoefficient };
        const { weights_B_T } = policyLoss(batch, settings);
        const step = 1e-5;
        const lossAt = (row: number, i: number, shift: number): number => {
          const moved = batch.map((sequence, b) =>
            b === row
              ? { ...sequence, logp_T: sequence.logp_T.map((x, j) => (j === i ? x + shift : x)) }
              : sequence,
          );
          return policyLoss(moved, settings).loss;
        };
        return weights_B_T.every((weights_T, row) =>
          weights_T.every((weight, i) => {
            const slope = (lossAt(row, i, step) - lossAt(row, i, -step)) / (2 * step);
            return Math.abs(slope - weight) < 1e-6;
          }),
        );
      },
    ),
  );
  t.end();
});

test('what stands outside the mask is never read: no number there changes nothing', (t) => {
  const outside = (values: readonly number[], mask: readonly number[]): number[] =>
    values.map((value, i) => (mask[i] === 0 ? NaN : value));
  const holed = golden.sequences.map((sequence) => ({
    ...sequence,
    logp_T: outside(sequence.logp_T, sequence.mask_T),
    oldLogp_T: outside(sequence.oldLogp_T, sequence.mask_T),
    referenceLogp_T: outside(sequence.referenceLogp_T, sequence.mask_T),
  }));
  t.ok(
    holed.some(({ logp_T }) => logp_T.some(Number.isNaN)),
    'some are outside',
  );
  for (const { options } of golden.cases) {
    t.strictSame(policyLoss(holed, options), policyLoss(golden.sequences, options));
  }
  t.end();
});
