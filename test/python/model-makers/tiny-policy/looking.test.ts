import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import t, { test } from 'tap';
import { z } from 'zod';

import { installedPythonEnvironment } from '../../../../src/python/environment.ts';
import { pythonVariables } from '../../../../src/python/process.ts';
import { skip } from '../../../material/policy/served-policy.ts';

t.setTimeout(600_000); // PyTorch is imported, on whatever machine this is

const losses = z.record(z.string(), z.number());
const schema = z.object({
  ...{ ours: losses, theirs: losses },
  ...{ back: z.number(), bounds: z.tuple([z.number(), z.number()]) },
});

test('the looking loss is that of transformers’ own attention weights', { skip }, async (t) => {
  const environment = await installedPythonEnvironment();
  const script = fileURLToPath(new URL('looking.py', import.meta.url));
  const { stdout } = await promisify(execFile)(environment?.python ?? '', [script], {
    env: pythonVariables(),
  });
  const { ours, theirs, back, bounds } = schema.parse(JSON.parse(stdout));
  t.same(Object.keys(ours), ['subjects', 'starts', 'relations', 'copies', 'links']);
  for (const [name, loss] of Object.entries(ours)) {
    t.ok(Math.abs(loss - (theirs[name] ?? Number.NaN)) < 1e-3 * Math.max(1, loss), name);
  }
  t.ok(bounds[0] - 1e-4 <= back && back <= bounds[1] + 1e-4, 'back');
});
