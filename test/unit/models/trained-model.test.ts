import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from 'tap';

import { choiceNote, findModel } from '../../../src/models/trained-model.ts';

// New ones each: a fixture may hold no object twice.
const config = () => ({ 'config.json': '{}' });
const whole = () => ({ 'manifest.json': '{}', model: config() });

test('the model of a folder, a checkpoint and a run', async (t) => {
  const root = t.testdir({
    plain: config(),
    run: {
      checkpoints: {
        'step-000009': whole(),
        'step-000010': whole(),
        'step-000100': { model: config() },
        'step-000200': whole(),
        '.step-000300.partial': whole(),
        opponent: whole(),
      },
      states: { 'step-000009.json': '', 'step-000010.json': '', 'step-000100.json': '' },
    },
    warm: { checkpoints: { 'warm-000002': whole() } },
    begun: { checkpoints: {} },
    other: {},
  });
  const at = (...path: string[]): string => join(root, ...path);
  const newest = at('run', 'checkpoints', 'step-000010');
  const found = await findModel(at('run'));
  t.same(found, { model: join(newest, 'model'), checkpoint: newest });
  t.match(choiceNote(found), 'the model of the checkpoint step-000010:');
  t.same(await findModel(newest), { model: join(newest, 'model') });
  t.match(await findModel(at('run', 'checkpoints')), { checkpoint: /step-000200$/ }, 'no run');
  t.match(await findModel(at('warm')), { model: /warm-000002.model$/ });
  for (const path of ['plain', 'begun', 'other', 'nowhere']) {
    t.same(await findModel(at(path)), { model: at(path) });
    t.equal(choiceNote(await findModel(at(path))), undefined);
  }
  t.same(await findModel('Qwen/Qwen3-0.6B'), { model: 'Qwen/Qwen3-0.6B' });
});

test('an adapter is put on the base model that it names', async (t) => {
  const root = t.testdir({
    base: config(),
    step: { adapter: {}, 'manifest.json': '{}' },
    merged: {},
  });
  const [base, adapter] = [join(root, 'base'), join(root, 'step', 'adapter')];
  const name = (path: string | null): void => {
    const table = JSON.stringify({ base_model_name_or_path: path });
    writeFileSync(join(adapter, 'adapter_config.json'), table);
  };
  name(base);
  t.same(await findModel(join(root, 'step')), { model: base, adapter });
  t.same(await findModel(adapter), { model: base, adapter });
  t.match(choiceNote({ model: base, adapter }), `the adapter ${adapter} on ${base}`);
  name('Qwen/Qwen3-0.6B');
  t.same(await findModel(adapter), { model: 'Qwen/Qwen3-0.6B', adapter });
  for (const gone of [join(root, 'gone'), null]) {
    name(gone);
    const missing = { code: 'SSP_FILE_NOT_FOUND', message: /name it: --model <base> --adapter/ };
    await t.rejects(findModel(join(root, 'step')), missing);
  }
});
