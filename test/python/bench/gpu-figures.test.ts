import { join } from 'node:path';

import t, { test } from 'tap';

import { readJsonFile } from '../../../src/storage/json-files.ts';
import { gpuFigures, gpuResultSchema } from '../../bench/gpu-figures.ts';
import { runPolicyProgram } from '../../bench/policy-python.ts';
import { skip } from '../../material/policy/served-policy.ts';

t.setTimeout(600_000); // it starts PyTorch, on whatever machine this is

test('the measurements of a GPU run to their end on a CPU, in small', { skip }, async (t) => {
  const out = join(t.testdir(), 'result.json');
  const sizes = ['--requests', '1', '3', '--prompt-tokens', '40', '--new-tokens', '8'];
  const lengths = ['--lengths', '32', '--tokens', '64', '--calls', '1'];
  const tiny = ['--shapes', 'tiny', '--device', 'cpu', '--out', out];
  await runPolicyProgram('gpu', ...tiny, ...sizes, ...lengths);
  const result = await readJsonFile(out, 'result', gpuResultSchema);
  t.strictSame(
    [...result.sampling, ...result.training, ...result.profiles].filter((row) => 'error' in row),
    [],
  );
  t.equal(result.sampling.length, 2);
  t.strictSame(
    result.training.map(({ trained }) => trained),
    ['full', 'lora'],
  );
  for (const { measure, value } of gpuFigures(result)) {
    t.ok(typeof value === 'string' || value > 0, measure);
  }
});

test('the goals stand beside the largest model only, and a failure is told', (t) => {
  const training = { trained: 'full', length: 8192, optimizer: 'cpu', tokens: 32_768 };
  const measured = { tokensPerSecond: 9000, mfu: 0.3, backwardSeconds: 3.6, stepSeconds: 8 };
  const rest = { scoringTokensPerSecond: 30_000, peakBytes: 8e10 };
  const figures = gpuFigures(
    gpuResultSchema.parse({
      ...{ date: '2026-01-02T03:04:05+00:00', command: '', device: 'GPU', torch: '2.11.0' },
      ...{ transformers: '5.17.0', bandwidth: 4.8e12, peakFlops: 989e12 },
      sampling: [{ shape: '7B', requests: 256, error: 'OutOfMemoryError: 1 GB' }],
      training: ['7B', '0.5B'].map((shape) => ({ shape, ...training, ...measured, ...rest })),
      profiles: [],
    }),
  );
  t.strictSame(
    figures.filter(({ bar }) => bar !== undefined).map(({ measure, value }) => [measure, value]),
    [['7B, all parameters, sequences of 8192: backward, MFU', 0.3]],
  );
  t.match(figures, [{}, {}, {}, { measure: '7B, 256 at once: failed', value: /1 GB/ }]);
  t.end();
});
