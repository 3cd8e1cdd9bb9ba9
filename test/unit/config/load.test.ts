import { join } from 'node:path';

import { test } from 'tap';

import { nearest } from '../../../src/config/issues.ts';
import { loadConfig } from '../../../src/config/load.ts';

test('no file and no flags give the defaults', async (t) => {
  const config = await loadConfig(undefined);
  t.equal(config.corpus.words, 100);
  t.equal(config.service.host, '127.0.0.1');
  t.equal(config.service.port, 8000);
});

test('a flag wins over the file, the file over the default', async (t) => {
  const folder = t.testdir({ 'ssp.yaml': 'corpus:\n  words: 80\n  overlap: 10\n' });
  const config = await loadConfig(join(folder, 'ssp.yaml'), { corpus: { words: 60 } });
  t.equal(config.corpus.words, 60);
  t.equal(config.corpus.overlap, 10);
  t.equal(config.corpus.minWords, 1);
});

test('an unknown key is refused with the nearest known one', async (t) => {
  const folder = t.testdir({ 'ssp.yaml': 'corpus:\n  wrods: 80\n' });
  await t.rejects(loadConfig(join(folder, 'ssp.yaml')), {
    code: 'SSP_CONFIG_INVALID',
    message: /corpus: unknown key "wrods" \(did you mean "words"\?\)/,
  });
});

test('values out of range, broken YAML, a list and a missing file are coded errors', async (t) => {
  const folder = t.testdir({
    'range.yaml': 'corpus: { words: 5 }',
    'broken.yaml': 'corpus: [',
    'list.yaml': '- 1',
    'section.yaml': 'corpus: 3',
    'empty.yaml': '',
  });
  const load = (name: string): Promise<unknown> => loadConfig(join(folder, name));
  await t.rejects(load('range.yaml'), { code: 'SSP_CONFIG_INVALID', message: /corpus.words/ });
  await t.rejects(load('broken.yaml'), { code: 'SSP_CONFIG_INVALID' });
  await t.rejects(load('list.yaml'), { code: 'SSP_CONFIG_INVALID' });
  await t.rejects(load('section.yaml'), { code: 'SSP_CONFIG_INVALID' });
  await t.rejects(load('none.yaml'), { code: 'SSP_FILE_NOT_FOUND' });
  await t.resolves(load('empty.yaml'));
});

test('a nearest word is a slip, not any word', (t) => {
  t.equal(nearest('overlpa', ['words', 'overlap']), 'overlap');
  t.equal(nearest('zzzzzz', ['words', 'overlap']), undefined);
  t.equal(nearest('x', []), undefined);
  t.end();
});
