import { test } from 'tap';

import { microBatchNote, policyAsBegun } from '../../../src/app/train/policy-as-begun.ts';
import { policyConfig } from '../../../src/config/policy.ts';

const open = policyConfig.parse({});

test('a run goes on with the micro-batches that its service chose', (t) => {
  t.equal(policyAsBegun(open, { model: { micro_batch_tokens: 4096 } }).microBatchTokens, 4096);
  t.end();
});

test('what the configuration says, and what was not said, stay', (t) => {
  const told = policyConfig.parse({ microBatchTokens: 1024 });
  t.equal(policyAsBegun(told, { model: { micro_batch_tokens: 4096 } }).microBatchTokens, 1024);
  t.equal(policyAsBegun(open, { model: {} }).microBatchTokens, undefined);
  t.end();
});

test('a service elsewhere with other micro-batches is told of', (t) => {
  const of = (tokens: number) => ({ micro_batch_tokens: tokens });
  t.match(microBatchNote(of(4096), of(16_384)), /of 16384 tokens, the run began with 4096/);
  t.equal(microBatchNote(of(4096), of(4096)), undefined);
  t.equal(microBatchNote({}, of(4096)), undefined);
  t.equal(microBatchNote(of(4096), {}), undefined);
  t.end();
});
