import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { checkSpace, firstWeightsText } from '../../../src/app/policy-service.ts';
import { checkpointPrefix } from '../../../src/app/train/run-start.ts';
import { runFolder } from '../../../src/run/run-folder.ts';

test('checkpoints that will not fit are refused before the first step', (t) => {
  const model = { checkpoint_bytes: 107e9, checkpoint_free_bytes: 500e9 };
  const keep =
    (keepCheckpoints: number, existing = 0) =>
    () => {
      checkSpace({ keepCheckpoints }, model, existing);
    };
  t.doesNotThrow(keep(2), 'two, the best, and one being written: 428 GB');
  t.throws(keep(3), {
    code: 'SSP_TRAINING_DISK',
    message: /The 5 checkpoints of 107\.0 GB .* 535\.0 GB, of which 500\.0 GB are free/,
  });
  t.doesNotThrow(keep(3, 1), 'one is there already');
  t.throws(
    () => {
      checkSpace({ keepCheckpoints: 1 }, { ...model, checkpoint_free_bytes: 106e9 }, 9);
    },
    { code: 'SSP_TRAINING_DISK' },
  );
  t.doesNotThrow(() => {
    checkSpace({ keepCheckpoints: 9 }, { ...model, checkpoint_free_bytes: 0 }, 0);
  }, 'a disk that nobody knows');
  t.doesNotThrow(() => {
    checkSpace({ keepCheckpoints: 9 }, {}, 0);
  }, 'a service of an earlier version');
  t.end();
});

test('a start says which weights it begins with', (t) => {
  t.match(
    firstWeightsText({ weights_version: 'policy@4', trained_steps: 4 }),
    /policy@4.*TRAINED.* 4/,
  );
  t.match(
    firstWeightsText({ weights_version: 'policy@0', trained_steps: 0 }),
    /policy@0.*its model/,
  );
  t.end();
});

test('the names of checkpoints are the same for a run, others for its copy and its successor', async (t) => {
  const folder = t.testdir();
  const [one, two] = [join(folder, 'one'), join(folder, 'two')];
  for (const path of [one, two]) await mkdir(path);
  const manifest = { startedAt: '2026-11-29T10:00:00.000Z' };
  const prefix = await checkpointPrefix(runFolder(one), manifest);
  t.match(prefix, /^[0-9a-f]{8}-$/);
  t.equal(await checkpointPrefix(runFolder(join(one, '.')), manifest), prefix);
  t.not(await checkpointPrefix(runFolder(two), manifest), prefix);
  const later = { startedAt: '2026-11-29T10:00:01.000Z' };
  t.not(await checkpointPrefix(runFolder(one), later), prefix);
});
