import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';
import { parse } from 'yaml';
import { z } from 'zod';

import type { BenchmarkRecord } from '../../bench/record.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const benchmarks = fileURLToPath(new URL('../../bench/', import.meta.url));

const expectationsSchema = z.array(
  z.strictObject({
    benchmark: z.string(),
    measure: z.string(),
    expected: z.number(),
    tolerance: z.number().positive(),
  }),
);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
  test(`the kept results agree with ${file}`, async (t) => {
    const expectations = expectationsSchema.parse(parse(await readFile(folder + file, 'utf8')));
    for (const { benchmark, measure, expected, tolerance } of expectations) {
      t.ok(existsSync(`${benchmarks}${benchmark}.bench.ts`), `there is a benchmark ${benchmark}`);
      const text = await readFile(`${benchmarks}results/${benchmark}.json`, 'utf8');
      const { figures } = JSON.parse(text) as BenchmarkRecord;
      const value = figures.find((figure) => figure.measure === measure)?.value;
      const agrees = typeof value === 'number' && Math.abs(value - expected) <= tolerance;
      t.ok(
        agrees,
        `${benchmark}, ${measure}: ${String(value)}, expected ${expected} +- ${tolerance}`,
      );
    }
  });
}
