import { readFile } from 'node:fs/promises';

import t, { test } from 'tap';

import { compileKernel } from '../../../src/bm25/kernel/make.ts';

t.setTimeout(120_000); // the compiler is itself compiled first

test('the kernel that ships is what its source compiles to', async (t) => {
  const shipped = await readFile(new URL('../../../src/bm25/kernel/kernel.wasm', import.meta.url));
  const compiled = Buffer.from(await compileKernel());
  t.ok(compiled.equals(shipped), '`npm run kernel` makes it anew');
});
