import { readFile } from 'node:fs/promises';

import { test } from 'tap';

import { policyConfig } from '../../../src/config/policy.ts';

const source = new URL('../../../services/policy/ssp_policy/settings.py', import.meta.url);

test('the service knows the same settings as the configuration', async (t) => {
  const text = await readFile(source, 'utf8');
  const [body = ''] = text.split('class Settings:')[1]?.split(/^\S/m) ?? [];
  const names = [...body.matchAll(/^ {4}(\w+): /gm)].map(([, name = '']) =>
    name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  t.strictSame(names.sort(), Object.keys(policyConfig.shape).sort());
});
