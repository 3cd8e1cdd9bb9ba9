import { indexConfig } from '../../src/config/index-build.ts';
import { minMax, reciprocalRankFusion, scoreFusion, sumToOne } from '../../src/retrieval/fusion.ts';
import type { RowScore } from '../../src/retrieval/ranker.ts';
import type { Fusion } from '../../src/types/index-manifest.ts';
import type { IndexRankings } from './index-rankings.ts';
import { rankAll } from './index-rankings.ts';
import { exportedMiniLm } from './minilm.ts';
import type { GoldFigures, RankedIds } from './ranking-metrics.ts';
import { printTable } from './record.ts';
import { sharedFile } from './shared-data.ts';
import type { Question } from './wiki84k.ts';
import { goldByDataset, wiki84kFiles } from './wiki84k.ts';
import { builtIndex, importedCorpus } from './workshop.ts';

/** Hits of each ranking, as many as the default fusion takes. */
const depth = indexConfig.parse({}).fusionDepth;
const topK = 10;

type Lists = readonly (readonly RowScore[])[];

/** A way of searching with its figures by set of questions, and over `all`. */
export type SystemTables = ReadonlyMap<string, Record<string, GoldFigures>>;

/** Ranks the questions by the index of wiki84k that all-MiniLM-L6-v2 gives in `dtype`. */
export async function rankWiki84k(
  questions: readonly Question[],
  dtype: 'fp32' | 'q8',
): Promise<IndexRankings> {
  const threads = Number(process.env['SSP_BENCH_THREADS'] ?? 1);
  const corpus = await importedCorpus('wiki84k', sharedFile(wiki84kFiles[0]));
  const folder = await builtIndex(
    `wiki84k-minilm-${dtype}`,
    corpus,
    ...['--encoder-model', await exportedMiniLm(), '--encoder-dtype', dtype],
    ...['--encoder-threads', String(threads), '--encoder-batch-tokens', '1024'],
  );
  const texts = questions.map(({ question }) => question);
  return rankAll(folder, texts, { depth, topK }, threads);
}

/** The passage ids of `lists`, cut to the best ten. */
export function idsOf({ ids }: IndexRankings, lists: Lists): RankedIds[] {
  return lists.map((rows) => rows.slice(0, topK).map(({ row }) => ids.get(row) ?? ''));
}

/** BM25 and `dense` fused by the index's own rule, changed as `changes` says. */
export function fused(
  rankings: IndexRankings,
  dense: Lists,
  changes: Partial<Fusion> = {},
): RankedIds[] {
  const fusion = { ...rankings.manifest.fusion, ...changes };
  const { method, rankConstant = 60, bm25Weight = 1, denseWeight = 1 } = fusion;
  const lists = rankings.bm25.map((rows, i) => {
    const pair = [
      { rows, weight: bm25Weight / (bm25Weight + denseWeight) },
      { rows: dense[i] ?? [], weight: denseWeight / (bm25Weight + denseWeight) },
    ];
    const scores =
      method === 'reciprocal-rank'
        ? reciprocalRankFusion(pair, rankConstant)
        : scoreFusion(pair, method === 'min-max-score' ? minMax : sumToOne);
    return scores.sort((a, b) => b.score - a.score || a.row - b.row);
  });
  return idsOf(rankings, lists);
}

/** The figures of each system. */
export function tablesOf(
  questions: readonly Question[],
  systems: Readonly<Record<string, readonly RankedIds[]>>,
): SystemTables {
  return new Map(
    Object.entries(systems).map(([name, runs]) => [name, goldByDataset(questions, runs)]),
  );
}

/** A system's figures over all questions. */
export function meansOf(tables: SystemTables, system: string): GoldFigures {
  const means = tables.get(system)?.['all'];
  if (means === undefined) throw new Error(`no system ${system}`);
  return means;
}

/** The most that `system` falls behind `reference` in one of the three measures. */
export function lostBy(tables: SystemTables, system: string, reference: string): number {
  const [better, worse] = [meansOf(tables, reference), meansOf(tables, system)];
  return Math.max(
    better.anyGoldAt5 - worse.anyGoldAt5,
    better.allGoldAt5 - worse.allGoldAt5,
    better.mrrAt10 - worse.mrrAt10,
  );
}

/** Prints any-gold@5 of `shown` by set of questions, then the three means of every system. */
export function printSystems(tables: SystemTables, shown: readonly string[]): void {
  const sets = Object.entries(tables.get(shown[0] ?? '') ?? {});
  printTable(
    sets.map(([dataset, { questions }]) => ({
      'any-gold@5': dataset,
      questions,
      ...Object.fromEntries(
        shown.map((name) => [name, tables.get(name)?.[dataset]?.anyGoldAt5 ?? 0]),
      ),
    })),
  );
  printTable(
    [...tables.keys()].map((system) => {
      const { anyGoldAt5, allGoldAt5, mrrAt10 } = meansOf(tables, system);
      return { system, 'any-gold@5': anyGoldAt5, 'all-gold@5': allGoldAt5, 'MRR@10': mrrAt10 };
    }),
  );
}
