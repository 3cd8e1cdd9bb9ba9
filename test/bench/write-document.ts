import { writeFile } from 'node:fs/promises';

import { benchmarkPictures, benchmarksDocument } from './document.ts';

// Part of `npm run docs`: docs/benchmarks.md and its pictures from the kept results.
await writeFile(new URL('../../docs/benchmarks.md', import.meta.url), benchmarksDocument());
for (const [name, svg] of benchmarkPictures()) {
  await writeFile(new URL(`../../docs/${name}`, import.meta.url), svg);
}
