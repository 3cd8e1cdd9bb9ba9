import { test } from 'tap';

import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import { trainingConfig } from '../../../src/config/training.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { Sample } from '../../../src/training/samples.ts';
import { StepTimer } from '../../../src/training/step-timer.ts';
import { updatePolicy } from '../../../src/training/update.ts';
import { faultyService } from '../clients/faulty-service.ts';

/** Two tokens of a prompt, two that were sampled, one of a result, one that was sampled. */
const mask_T = [0, 0, 1, 1, 0, 1] as const;
const sample = (index: number): Sample => ({
  ...{ role: 'solver', index, tokens_T: [4, 5, 6, 7, 8, 9], mask_T: [...mask_T] },
  sampledLogp_T: mask_T.map((sampled) => (sampled === 1 ? -1.25 : NaN)),
  advantage: index === 0 ? 1 : -1,
});

/** A reply with a value at each sampled token and null elsewhere, as the service gives it. */
function scored(logProb: number, entropy?: number) {
  const row = (value: number) => mask_T.map((sampled) => (sampled === 1 ? value : null));
  const result = {
    logprobs: row(logProb),
    ...(entropy !== undefined && { entropy: row(entropy) }),
  };
  return { status: 200, json: { results: [result], weights_version: 'policy@0' } };
}

test('only sampled tokens are asked for, and the nulls beside them reach no figure', async (t) => {
  const backward = {
    ...{ tokens: 6, trained_tokens: 3, sum: 0, repeated: false, pending_sequences: 1 },
    weights_version: 'policy@0',
  };
  const step = { grad_norm: 1, clipped: false, lr: 0.1, weights_version: 'policy@1', step: 1 };
  const [policy, reference, again] = [scored(-1, 2), scored(-1.5), scored(-0.8)];
  const { url, arrived } = await faultyService(t, [
    ...([policy, reference, policy, reference] as const),
    ...[backward, step].map((json) => ({ status: 200, json })),
    again,
    ...[backward, { ...step, weights_version: 'policy@2' }].map((json) => ({ status: 200, json })),
  ]);
  const client = new PolicyClient({ url });
  t.teardown(() => client.close());
  // A second mini-batch, which is scored again by the weights that the first has made.
  const long = (one: Sample): Sample => ({ ...one, role: one.index === 0 ? 'proposer' : 'solver' });
  const { facts } = await updatePolicy(
    [{ samples: [sample(0), sample(1)].map(long), learningRate: 0.1 }],
    'policy@0',
    {
      ...{ client, temperatures: { proposer: 1, solver: 1 }, timer: new StepTimer(), step: 1 },
      ...{ progress: silentProgress, signal: new AbortController().signal },
      training: trainingConfig.parse({
        ...{ klCoefficient: 0.1, batchQuestions: 2, miniBatchQuestions: 1 },
      }),
    },
  );
  const scoring = arrived.filter(({ path }) => path.endsWith('/logprobs'));
  t.equal(scoring.length, 5);
  const mask = mask_T.map((sampled) => sampled === 1);
  for (const { body } of scoring) t.match(body, { sequences: [{ mask }] });
  const weights = arrived.filter(({ path }) => path.endsWith('/backward'));
  for (const { body } of weights) {
    const [{ weights: row = [] } = {}] = body['sequences'] as { weights?: number[] }[];
    t.same(
      row.map((weight) => weight !== 0),
      mask,
      'a weight for each sampled token and for no other',
    );
  }
  const [first] = facts;
  t.match(first, { sequences: 2, trainedTokens: 6, optimizerSteps: 2, entropy: 2 });
  t.ok(Math.abs((first?.samplerGapMean ?? NaN) - 0.25) < 1e-12);
  for (const value of Object.values(first ?? {})) t.ok(Number.isFinite(value));
});
