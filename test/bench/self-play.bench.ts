// Does the tiny policy learn by self-play in the quickstart, and how long does that take?
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { Figure } from './record.ts';
import { recordFigures } from './record.ts';
import type { RunCurve } from './run-curve.ts';
import { runCurve } from './run-curve.ts';

const entry = fileURLToPath(new URL('../../src/cli/ssp.mjs', import.meta.url));
const out = fileURLToPath(new URL('../../runs/bench/self-play', import.meta.url));
const seeds = [1, 2, 3];

const share = z.number();
const summarySchema = z.looseObject({
  minutes: z.looseObject({ total: z.number(), training: z.number() }),
  before: z.looseObject({ all: share }).catchall(share),
  after: z.looseObject({ all: share }).catchall(share),
  truth: share,
  steps: z.int(),
});

const runs: (z.output<typeof summarySchema> & { seed: number; curve: RunCurve })[] = [];
for (const seed of seeds) {
  const folder = join(out, `seed${seed}`);
  const args = ['quickstart', '--out', folder, '--training-seed', String(seed)];
  const { status } = spawnSync(process.execPath, [entry, ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`The quickstart ended with ${String(status)}.`);
  const text = await readFile(join(folder, 'summary.json'), 'utf8');
  const summary = summarySchema.parse(JSON.parse(text));
  runs.push({ seed, ...summary, curve: await runCurve(join(folder, 'run'), 'full', seed) });
}

const figures = runs.flatMap(({ seed, before, after, truth, minutes }): Figure[] => [
  { measure: `seed ${seed}: exact match before, all`, value: before.all },
  { measure: `seed ${seed}: exact match after, all`, value: after.all },
  { measure: `seed ${seed}: after, 1 / 2 / 3 hops`, value: byHops(after) },
  { measure: `seed ${seed}: gain in points`, value: 100 * (after.all - before.all), bar: 30 },
  { measure: `seed ${seed}: true among the accepted questions`, value: truth, bar: 0.75 },
  { measure: `seed ${seed}: minutes of training`, value: minutes.training, bar: 12, atMost: true },
  { measure: `seed ${seed}: minutes in all`, value: minutes.total, bar: 20, atMost: true },
]);
const curves = runs.map(({ minutes, curve }) => ({ minutes, ...curve }));
await recordFigures(import.meta.url, figures, { curves });

function byHops(score: Readonly<Record<string, number>>): string {
  return ['1', '2', '3'].map((hops) => (score[hops] ?? 0).toFixed(2)).join(' / ');
}
