// What do the parts of the game give in the quickstart's world: both learners, verification, noise?
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import type { Figure } from './record.ts';
import { recordFigures } from './record.ts';
import { runCurve } from './run-curve.ts';

const entry = fileURLToPath(new URL('../../src/cli/ssp.mjs', import.meta.url));
const folder = fileURLToPath(new URL('../../runs/bench/', import.meta.url));
const seeds = process.env['SSP_BENCH_SEEDS'] ?? '1,2,3';
const variants = process.env['SSP_BENCH_VARIANTS'] ?? '';

const rowsSchema = z.array(
  z.object({
    variant: z.string(),
    seed: z.int(),
    before: z.number(),
    after: z.number(),
    truth: z.number().nullable(),
    run: z.string(),
    stopped: z.string().optional(),
  }),
);

/** The configuration of a quickstart that has run, which names its world, seeds and index. */
const config = join(folder, 'self-play', 'seed1', 'run', 'config.yaml');
const out = join(folder, 'ablations');
const named = variants === '' ? [] : ['--variants', variants];
const args = ['ablate', '--config', config, '--out', out, '--seeds', seeds, ...named];
const { status } = spawnSync(process.execPath, [entry, ...args], { stdio: 'inherit' });
if (status !== 0) throw new Error(`ssp ablate ended with ${String(status)}.`);
const text = await readFile(join(out, 'ablations.json'), 'utf8');
const rows = rowsSchema.parse(JSON.parse(text));

const figures = [...Map.groupBy(rows, ({ variant }) => variant)].flatMap(
  ([variant, own]): Figure[] => [
    { measure: `${variant}: gain in points, by seed`, value: own.map(gain).join(' / ') },
    { measure: `${variant}: true among the accepted, by seed`, value: own.map(truth).join(' / ') },
  ],
);
const curves = await Promise.all(
  rows.map(async ({ run, variant, seed, stopped }) => ({
    ...(await runCurve(run, variant, seed)),
    ...(stopped !== undefined && { stopped }),
  })),
);
await recordFigures(import.meta.url, figures, { curves });

function gain({ before, after }: (typeof rows)[number]): string {
  return (100 * (after - before)).toFixed(1);
}

function truth(row: (typeof rows)[number]): string {
  return row.truth === null ? '-' : row.truth.toFixed(2);
}
