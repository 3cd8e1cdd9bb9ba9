import { writeFile } from 'node:fs/promises';

import { tortureDocument } from './document.ts';

// Part of `npm run docs`: docs/torture.md from the kept counts.
await writeFile(new URL('../../docs/torture.md', import.meta.url), tortureDocument());
