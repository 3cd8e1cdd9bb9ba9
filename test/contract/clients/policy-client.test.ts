import { setTimeout as sleep } from 'node:timers/promises';

import { test } from 'tap';

import { PolicyClient } from '../../../src/clients/policy/policy-client.ts';
import type { Answer } from './faulty-service.ts';
import { faultyService } from './faulty-service.ts';

const stepped = {
  ...{ grad_norm: 2, clipped: true, lr: 0.1, weights_version: 'policy@1', step: 1 },
  repeated: false,
};
const done: Answer = { status: 200, json: stepped };
const completion = {
  choices: [
    {
      ...{ index: 1, text: 'b', finish_reason: 'length', stop_reason: null, token_ids: [5] },
      logprobs: { token_logprobs: [null] },
    },
    {
      ...{ index: 0, text: 'a</x>', finish_reason: 'stop', stop_reason: '</x>', token_ids: [3, 4] },
      logprobs: { token_logprobs: [-0.5, -1] },
    },
  ],
  usage: { prompt_tokens: 2, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 1 } },
  ssp: { weights_version: 'policy@7', queue_ms: 1, sampling_ms: 2 },
};

test('a step whose reply was lost is sent again under the same key', async (t) => {
  const service = await faultyService(t, ['break', done]);
  const client = new PolicyClient({ url: service.url });
  const result = await client.step({ lr: 0.1, maxGradNorm: 1 });
  t.same(result, { gradNorm: 2, isClipped: true, weightsVersion: 'policy@1', step: 1 });
  const [first, second] = service.arrived.map(({ body }) => body);
  t.equal(service.arrived.length, 2);
  t.match(first, { lr: 0.1, max_grad_norm: 1 });
  t.type(first?.['idempotency_key'], 'string');
  t.same(first, second);
  await client.step({ lr: 0.1 });
  t.not(service.arrived[2]?.body['idempotency_key'], first?.['idempotency_key'], 'another step');
  await client.close();
});

test('a checkpoint and a snapshot are not asked for twice', async (t) => {
  for (const call of ['save', 'snapshot', 'dropSnapshot'] as const) {
    const service = await faultyService(t, ['break', done]);
    const client = new PolicyClient({ url: service.url });
    await t.rejects(
      async () => {
        await client[call]('name');
      },
      { code: 'SSP_POLICY_UNREACHABLE' },
      call,
    );
    t.equal(service.arrived.length, 1);
    await client.close();
  }
});

test('a checkpoint is loaded by its name, or only if it is the one that is meant', async (t) => {
  const loaded = { name: 'a', weights_version: 'policy@1.2', manifest_sha256: 'abc' };
  const service = await faultyService(t, [
    { status: 200, json: { name: 'a', weights_version: 'policy@1.2' } },
    { status: 200, json: loaded },
    { status: 409, json: { code: 'SSP_POLICY_CHECKPOINT_DIFFERS', message: 'Another one.' } },
    'silence',
  ]);
  const client = new PolicyClient({ url: service.url });
  const earlier = { weightsVersion: 'policy@1.2', manifestHash: undefined };
  t.same(await client.load('a'), earlier, 'a service of an earlier version');
  t.match(await client.load('a', { hash: 'abc' }), { manifestHash: 'abc' });
  const refused = { code: 'SSP_POLICY_REFUSED', message: /SSP_POLICY_CHECKPOINT_DIFFERS/ };
  await t.rejects(client.load('a', { hash: 'def' }), refused);
  t.same(
    service.arrived.map(({ body }) => body),
    [{ name: 'a' }, { name: 'a', manifest_sha256: 'abc' }, { name: 'a', manifest_sha256: 'def' }],
  );
  const stop = new AbortController();
  const calls = [client.load('a', stop.signal), client.load('a', { signal: stop.signal })];
  while (service.arrived.length < 5) await sleep(5);
  stop.abort(new Error('enough'));
  await Promise.all(calls.map((call) => t.rejects(call, { message: 'enough' })));
  await client.close();
});

test('a full queue is waited for as long as it asks', async (t) => {
  const full = { error: { code: 'SSP_POLICY_QUEUE_FULL', message: 'Full.' } };
  const service = await faultyService(t, [
    { status: 429, json: full, headers: { 'retry-after': '1' } },
    { status: 200, json: completion },
  ]);
  const client = new PolicyClient({ url: service.url });
  const started = performance.now();
  const reply = await client.complete({ prompt: [1, 2], maxTokens: 2, n: 2, stop: ['</x>'] });
  t.ok(performance.now() - started >= 1000);
  t.same(reply, {
    choices: [
      {
        ...{ tokenIds: [3, 4], logProbs: [-0.5, -1], text: 'a</x>' },
        ...{ finishReason: 'stop', stopReason: '</x>' },
      },
      {
        ...{ tokenIds: [5], logProbs: [Number.NaN], text: 'b' },
        ...{ finishReason: 'length', stopReason: undefined },
      },
    ],
    ...{ promptTokens: 2, cachedTokens: 1, completionTokens: 3 },
    ...{ weightsVersion: 'policy@7', queueMs: 1, samplingMs: 2 },
  });
  t.same(service.arrived[1]?.body, {
    ...{ model: 'policy', prompt: [1, 2], n: 2, temperature: 1, stop: ['</x>'], max_tokens: 2 },
    ...{ include_stop_str_in_output: true, logprobs: 0, return_token_ids: true },
  });
  await client.close();
});

test("a refusal carries the service's own words and is not repeated", async (t) => {
  const error = { code: 'SSP_POLICY_NO_GRADIENT', message: 'No gradient.', remedy: 'Send one.' };
  for (const json of [error, { error }]) {
    const service = await faultyService(t, [{ status: 409, json }]);
    const client = new PolicyClient({ url: service.url });
    await t.rejects(client.step({ lr: 1 }), {
      code: 'SSP_POLICY_REFUSED',
      message: /409 SSP_POLICY_NO_GRADIENT: No gradient\. Send one\./,
    });
    t.equal(service.arrived.length, 1);
    await client.close();
  }
});

test('a reply of another program is named as what it is', async (t) => {
  const service = await faultyService(t, [{ status: 200, json: { hello: 1 } }]);
  const client = new PolicyClient({ url: service.url });
  const refused = { code: 'SSP_POLICY_REPLY_INVALID', message: /v1\/models data/ };
  await t.rejects(client.models(), refused);
  await client.close();
});

test('a deadline ends a call that is not answered', async (t) => {
  const service = await faultyService(t, ['silence']);
  const client = new PolicyClient({ url: service.url, trainTimeoutMs: 200 });
  await t.rejects(client.save('name'), { code: 'SSP_POLICY_TIMEOUT' });
  await client.close();
});

test('an abort ends the call and the connection, and what waits is not sent', async (t) => {
  const service = await faultyService(t, ['silence']);
  const client = new PolicyClient({ url: service.url, maxInFlight: 1 });
  const stop = new AbortController();
  const prompt = { prompt: [1], maxTokens: 1 };
  const calls = [client.complete(prompt, stop.signal), client.complete(prompt, stop.signal)];
  while (service.arrived.length === 0) await sleep(5);
  await sleep(50);
  t.equal(service.arrived.length, 1, 'one in flight at a time');
  stop.abort(new Error('enough'));
  await Promise.all(calls.map((call) => t.rejects(call, { message: 'enough' })));
  while (service.broken() === 0) await sleep(5);
  t.equal(service.arrived.length, 1);
  await client.close();
});

test('what has no number travels as null and comes back as NaN', async (t) => {
  const results = [{ logprobs: [null, -1.5], entropy: [null, 0.5] }];
  const gap = { mean: 0.1, max: 0.2, tokens: 1 };
  const json = { results, weights_version: 'policy@0', sampler_gap: gap };
  const service = await faultyService(t, [{ status: 200, json }]);
  const client = new PolicyClient({ url: service.url });
  const sampled = [[Number.NaN, -1.4]];
  const masks = [[false, true]];
  const scores = await client.logProbs({ sequences: [[1, 2]], sampled, masks, entropy: true });
  t.same(scores, {
    ...{ logProbs: [[Number.NaN, -1.5]], entropies: [[Number.NaN, 0.5]] },
    ...{ weightsVersion: 'policy@0', samplerGap: gap },
  });
  t.same(service.arrived[0]?.body, {
    sequences: [{ tokens: [1, 2], sampled_logprobs: [null, -1.4], mask: [false, true] }],
    entropy: true,
  });
  await client.close();
});

test('a service of an earlier version is waited for under its own path', async (t) => {
  const unknown = { error: { code: 'SSP_POLICY_ROUTE_UNKNOWN', message: 'No /healthz.' } };
  const service = await faultyService(t, [
    { status: 404, json: unknown },
    { status: 200, json: { ready: false, state: 'loading', progress: 0.5, what: 'weights' } },
    { status: 404, json: unknown },
    { status: 200, json: { ready: true, state: 'ready' } },
  ]);
  const client = new PolicyClient({ url: service.url });
  const seen: unknown[] = [];
  await client.ready((loading) => seen.push(loading));
  t.same(seen, [{ state: 'loading', progress: 0.5 }]);
  t.same(
    service.arrived.map(({ path }) => path),
    ['/healthz', '/health', '/healthz', '/health'],
  );
  await client.close();
});

test('nobody at the address', async (t) => {
  const client = new PolicyClient({ url: 'http://127.0.0.1:9' });
  await t.rejects(client.save('x'), { code: 'SSP_POLICY_UNREACHABLE', message: /127\.0\.0\.1:9/ });
  await client.close();
});
