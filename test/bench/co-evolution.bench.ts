// Does a proposer that learns make the solver better than one that does not? docs/co-evolution.md.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { pairedDifference } from '../../src/evaluation/paired-difference.ts';
import type { Figure } from './record.ts';
import { recordFigures } from './record.ts';
import type { RunCurve } from './run-curve.ts';
import { runCurve } from './run-curve.ts';
import { runProgram, ssp, workshopPath } from './workshop.ts';

const arms = ['full', 'solver-only', 'solver-only-skilled', 'proposer-only', 'shuffled-rewards'];
const seeds = process.env['SSP_BENCH_SEEDS'] ?? '11,12,13';
const atEnd = 10;

const rowsSchema = z.array(
  z.object({
    variant: z.string(),
    seed: z.int(),
    run: z.string(),
    after: z.number(),
    afterByHops: z.record(z.string(), z.number()),
    outcomes: z.record(z.string(), z.string()),
    depth: z.object({ first: z.number().nullable(), last: z.number().nullable() }),
  }),
);
type Row = z.output<typeof rowsSchema>[number];

const out = await workshopPath('co-evolution');
const config = join(out, 'config.yaml');
if (!existsSync(config)) {
  await runProgram('npm', ['run', '-s', 'tiny-policy', '--', '--habit', 'one-hop', '--out', out]);
}
const files = ['--config', config, '--variants-file', join(out, 'arms.yaml')];
const which = ['--variants', arms.join(','), '--seeds', seeds];
await ssp('ablate', ...files, ...which, '--out', join(out, 'arms'));
const text = await readFile(join(out, 'arms', 'ablations.json'), 'utf8');
const rows = rowsSchema.parse(JSON.parse(text));
const curves = await Promise.all(
  rows.map(({ run, variant, seed }) => runCurve(run, variant, seed)),
);

await recordFigures(
  import.meta.url,
  [
    ...arms.slice(1).map(lead),
    ...arms.flatMap((arm): Figure[] => {
      const own = rows.filter(({ variant }) => variant === arm);
      const ends = curves.filter(({ variant }) => variant === arm).map(truthAtEnd);
      return [
        { measure: `${arm}: exact match, 1 / 2 / 3 hops, by seed`, value: each(own, byHops) },
        {
          measure: `${arm}: depth of valid questions, first and last five steps`,
          value: each(own, depths),
        },
        {
          measure: `${arm}: true among the accepted, last ${atEnd} steps`,
          value: ends.map(fixed).join(', '),
        },
      ];
    }),
  ],
  { curves },
);

/** How far `full` is above another arm, on the questions of two and three hops. */
function lead(arm: string): Figure {
  const pairs = rows
    .filter(({ variant }) => variant === arm)
    .flatMap((other) =>
      rows
        .filter(({ variant, seed }) => variant === 'full' && seed === other.seed)
        .map((own) => ({ own: own.outcomes, other: other.outcomes })),
    );
  const measure = `full less ${arm}: points on questions of 2 and 3 hops`;
  const found = pairedDifference(pairs, { leastHops: 2 });
  if (found === undefined) return { measure, value: 'not measured' };
  const [mean, low, high] = [found.mean, found.low, found.high].map((share) =>
    (100 * share).toFixed(1),
  );
  return { measure, value: `${mean ?? ''} (${low ?? ''} to ${high ?? ''})` };
}

function truthAtEnd({ truth }: RunCurve): number | null {
  const known = truth.slice(-atEnd).flatMap((value) => value ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function each(own: readonly Row[], shown: (row: Row) => string): string {
  return own.map(shown).join(', ');
}

function byHops({ afterByHops }: Row): string {
  return ['1', '2', '3'].map((hops) => fixed(afterByHops[hops])).join(' / ');
}

function depths({ depth }: Row): string {
  return `${fixed(depth.first)} to ${fixed(depth.last)}`;
}

function fixed(value: number | null | undefined): string {
  return typeof value === 'number' ? value.toFixed(2) : '-';
}
