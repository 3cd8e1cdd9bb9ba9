import type { Table } from '@lancedb/lancedb';

import type { Stage } from '../src/progress/progress.ts';
import type { VectorIndex, VectorIndexPlan } from '../src/types/index-manifest.ts';
import type { HeldOut, SearchFigures } from './recall.ts';
import { measureSearch } from './recall.ts';

/** An index that is built for an approximate search. */
type Approximate = Exclude<VectorIndexPlan, { type: 'exact' }>;

/** Parameters of a search, and how it does with them. */
export interface TunedSearch extends SearchFigures {
  readonly vectorIndex: VectorIndex;
}

/** Candidates for each hit that are compared again with the stored vectors, most first. */
const refineFactors = [40, 20, 10, 5] as const;
/** The least share of the partitions that is tried. */
const leastShare = 1 / 32;
/** Candidates that hnsw-sq looks at: from the least to the most. */
const [leastEf, mostEf] = [50, 1600] as const;

/**
 * Finds with which parameters an index reaches the recall@10 `target` in the least time, by searching
 * for held-out queries. For each refinement it measures the least effort that reaches the target: probes,
 * doubled up to all partitions, or for hnsw-sq the candidates of its walk. With fewer candidates to
 * compare again no less effort is enough. Where nothing reaches it, gives what finds most.
 */
export async function tuneSearch(
  table: Table,
  planned: Approximate,
  target: number,
  heldOut: HeldOut,
  stage: Stage,
  signal: AbortSignal,
): Promise<TunedSearch> {
  const efforts = effortsOf(planned);
  const reached: TunedSearch[] = [];
  let best: TunedSearch | undefined;
  let first = 0;
  for (const refineFactor of refineFactors) {
    let enough: TunedSearch | undefined;
    for (; enough === undefined && first < efforts.length; first += 1) {
      const vectorIndex = searchedWith(planned, efforts[first] ?? 1, refineFactor);
      const tuned = { vectorIndex, ...(await measureSearch(table, vectorIndex, heldOut, signal)) };
      stage.add(1);
      if (best === undefined || tuned.recall.at10 > best.recall.at10) best = tuned;
      if (tuned.recall.at10 >= target) enough = tuned;
    }
    if (enough === undefined) break;
    reached.push(enough);
    first -= 1;
  }
  const [fastest = best] = reached.sort((a, b) => a.milliseconds - b.milliseconds);
  if (fastest === undefined) throw new Error('nothing was measured');
  return fastest;
}

/** Doubled from the least to the most: partitions that are read, or candidates of a graph. */
function effortsOf({ type, partitions }: Approximate): number[] {
  const [least, most] =
    type === 'hnsw-sq' ? [leastEf, mostEf] : [Math.ceil(partitions * leastShare), partitions];
  const efforts: number[] = [];
  for (let effort = least; effort < most; effort *= 2) efforts.push(effort);
  return [...efforts, most];
}

/** Every graph is searched, as each holds its share of all rows. */
function searchedWith(planned: Approximate, effort: number, refineFactor: number): VectorIndex {
  return planned.type === 'hnsw-sq'
    ? { ...planned, probes: planned.partitions, ef: effort, refineFactor }
    : { ...planned, probes: effort, refineFactor };
}
