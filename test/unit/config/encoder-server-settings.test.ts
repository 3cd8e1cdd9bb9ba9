import { readFile } from 'node:fs/promises';

import { test } from 'tap';

import { encoderServerConfig } from '../../../src/config/encoder-server.ts';

const source = new URL('../../../services/encoder/ssp_encoder/settings.py', import.meta.url);

test('the server knows the settings of the configuration, and those of the folder', async (t) => {
  const text = await readFile(source, 'utf8');
  const [body = ''] = text.split('class Settings:')[1]?.split(/^\S/m) ?? [];
  const names = [...body.matchAll(/^ {4}(\w+): /gm)].map(([, name = '']) =>
    name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  const described = ['maxTokens', 'normalize', 'pooling'];
  t.strictSame(names.sort(), [...Object.keys(encoderServerConfig.shape), ...described].sort());
});
