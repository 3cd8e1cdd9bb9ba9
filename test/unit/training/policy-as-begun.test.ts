import { test } from 'tap';

import { policyAsBegun } from '../../../src/app/train/policy-as-begun.ts';
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
