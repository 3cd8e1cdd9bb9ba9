import type { IndexConfig } from '../src/config/index-build.ts';
import type { VectorIndexPlan } from '../src/types/index-manifest.ts';

/** Up to this many passages every vector is compared: nothing is lost and nothing is built. */
export const exactPassages = 50_000;

/** LanceDB wants at least this many vectors to train on; below, `exact` is taken in any case. */
const minimumTrainingVectors = 512;

/** Vectors of a partition, and the bounds of their number: k-means over more would take hours. */
const partitionVectors = 2048;
const [minimumPartitions, maximumPartitions] = [16, 4096];

/**
 * The vector index and how it is built, from the passage count alone, so that the same corpus always
 * gets the same one: one partition for 2,048 vectors, 16..4,096; hnsw-sq a graph for a million. `auto`
 * is exact up to {@link exactPassages}, then ivf-rq. With which parameters it is searched is measured
 * once it is built.
 */
export function chooseVectorIndex(
  type: IndexConfig['vectorIndex'],
  passages: number,
  dimension: number,
): VectorIndexPlan {
  const chosen = type === 'auto' ? (passages <= exactPassages ? 'exact' : 'ivf-rq') : type;
  if (passages < minimumTrainingVectors) return { type: 'exact' };
  const partitions = clamp(
    Math.ceil(passages / partitionVectors),
    minimumPartitions,
    maximumPartitions,
  );
  switch (chosen) {
    case 'exact':
      return { type: 'exact' };
    case 'ivf-rq':
      return { type: 'ivf-rq', partitions, bits: 1 };
    case 'ivf-pq':
      return {
        type: 'ivf-pq',
        partitions,
        subVectors: largestDivisor(dimension, Math.max(1, Math.floor(dimension / 8))),
      };
    case 'hnsw-sq':
      return {
        type: 'hnsw-sq',
        partitions: Math.max(1, Math.ceil(passages / 1_000_000)),
        m: 20,
        efConstruction: 300,
      };
  }
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(Math.max(value, lowest), highest);
}

/** The largest divisor of `value` that is at most `limit`. */
function largestDivisor(value: number, limit: number): number {
  for (let divisor = limit; divisor > 1; divisor -= 1) {
    if (value % divisor === 0) return divisor;
  }
  return 1;
}
