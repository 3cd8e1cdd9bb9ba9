import { readFile } from 'node:fs/promises';

import { test } from 'tap';

import { benchmarkPictures, benchmarksDocument } from '../../bench/document.ts';

test('docs/benchmarks.md shows the kept results', async (t) => {
  const document = await readFile(new URL('../../../docs/benchmarks.md', import.meta.url), 'utf8');
  t.equal(document, benchmarksDocument(), 'run `npm run docs`');
  for (const [name, svg] of benchmarkPictures()) {
    t.equal(await readFile(new URL(`../../../docs/${name}`, import.meta.url), 'utf8'), svg, name);
  }
});
