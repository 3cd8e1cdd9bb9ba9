import { readFile } from 'node:fs/promises';

import { test } from 'tap';

import { tortureDocument } from '../../torture/document.ts';

test('docs/torture.md shows the kept counts', async (t) => {
  const document = await readFile(new URL('../../../docs/torture.md', import.meta.url), 'utf8');
  t.equal(document, tortureDocument(), 'run `npm run docs`');
});
