import type { estypes } from '@elastic/elasticsearch';

import type { Cluster } from '../../src/elasticsearch/cluster.ts';
import { SspError } from '../../src/errors/error.ts';

/** Documents from `first` up to, and without, `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** An index of a cluster whose documents are counted. */
interface CountedIndex {
  readonly cluster: Cluster;
  readonly index: string;
  readonly signal: AbortSignal;
}

/** What a cluster does not have: `ranges` hold it, and some beside it that is there. */
export interface Missing {
  readonly count: number;
  readonly ranges: readonly RowRange[];
}

/** Documents that are counted together: blocks are many enough to be precise, and few enough to ask for. */
const leastBlock = 500;
const mostBlocks = 20_000;

/** Asks the cluster which of the documents 0..expected-1 it has. Throws the SSP_CLUSTER_ errors. */
export async function missingDocuments(
  { cluster, index, signal }: CountedIndex,
  expected: number,
): Promise<Missing> {
  const { client, ask, url } = cluster;
  const block = Math.max(leastBlock, Math.ceil(expected / mostBlocks));
  const counts = await ask(
    async (options) => {
      await client.indices.refresh({ index }, options);
      const reply = await client.search<
        unknown,
        { blocks: estypes.AggregationsHistogramAggregate }
      >(
        {
          index,
          size: 0,
          allow_partial_search_results: false,
          aggs: { blocks: { histogram: { field: 'row', interval: block, min_doc_count: 1 } } },
        },
        options,
      );
      const { failed } = reply._shards;
      if (failed > 0 || reply.timed_out) {
        const problem = `${failed} shards were not counted`;
        throw new SspError('SSP_CLUSTER_UNAVAILABLE', { url, problem });
      }
      const buckets = reply.aggregations?.blocks.buckets as estypes.AggregationsHistogramBucket[];
      return new Map(buckets.map(({ key, doc_count: count }) => [key, count]));
    },
    { signal },
  );
  return missingOf(counts, expected, block);
}

/** What is missing where `counts` says how many documents of the block that begins at a number are there. */
export function missingOf(
  counts: ReadonlyMap<number, number>,
  expected: number,
  block: number,
): Missing {
  const ranges: RowRange[] = [];
  let count = 0;
  for (let first = 0; first < expected; first += block) {
    const end = Math.min(first + block, expected);
    const lacking = end - first - (counts.get(first) ?? 0);
    if (lacking <= 0) continue;
    count += lacking;
    const last = ranges.at(-1);
    if (last?.end === first) ranges[ranges.length - 1] = { first: last.first, end };
    else ranges.push({ first, end });
  }
  return { count, ranges };
}
