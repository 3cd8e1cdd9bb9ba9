import { pause } from '../../src/concurrency/pause.ts';
import type { PushConfig } from '../../src/config/elasticsearch.ts';
import type { Cluster } from '../../src/elasticsearch/cluster.ts';
import type { FailureCause } from '../../src/elasticsearch/cluster-errors.ts';
import { clusterError, failedReply, isPassing } from '../../src/elasticsearch/cluster-errors.ts';
import { SspError } from '../../src/errors/error.ts';
import type { JobContext } from '../../src/progress/progress.ts';
import type { IndexDocuments, NumberedDocument } from './index-documents.ts';
import type { Missing, RowRange } from './missing-documents.ts';
import { missingDocuments } from './missing-documents.ts';

/** Documents on their way into an index of a cluster. */
export interface DocumentsPush extends JobContext {
  readonly cluster: Cluster;
  readonly index: string;
  readonly documents: IndexDocuments;
  readonly config: PushConfig;
}

/** Rounds in a row that bring nothing new, before it is given up. */
const mostIdleRounds = 8;
const firstPauseMs = 500;
const longestPauseMs = 30_000;
/** How often, and after which wait, the bulk helper sends again what the cluster had no room for. */
const helperRetries = 6;
const helperWaitMs = 1_000;
/** How often a bulk request goes out again that was lost on the way. */
const requestRetries = 4;
/** How long the cluster waits for a shard that is moving. */
const shardTimeout = '30s';

/**
 * Pushes what the cluster does not have yet, and gives how many documents that were. The cluster itself is
 * asked what it has, at the beginning and after each round: what was lost on the way, by a kill or with a
 * node, is missing and goes with the next. A document is created, never replaced: one that is there is the
 * same. Throws SSP_PUSH_REJECTED for a document that the cluster does not take, SSP_PUSH_INCOMPLETE where
 * rounds bring nothing new, SSP_CLUSTER_READ_ONLY and the other SSP_CLUSTER_ errors, and the signal's
 * reason.
 */
export async function pushDocuments(push: DocumentsPush): Promise<number> {
  const { documents, progress, signal } = push;
  const first = await missingDocuments(push, documents.count);
  const there = documents.count - first.count;
  if (there > 0) progress.note(`${there} of ${documents.count} documents are there already`);
  let missing = first;
  for (let idle = 0; missing.count > 0;) {
    const problem = await pushRound(push, missing);
    const left = await missingDocuments(push, documents.count);
    idle = left.count < missing.count ? 0 : idle + 1;
    if (idle >= mostIdleRounds) throw incomplete(push, left, problem);
    if (left.count > 0) {
      progress.note(`${left.count} documents have not arrived (${problem}): they are pushed again`);
      await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** idle), signal);
    }
    missing = left;
  }
  return first.count;
}

/** What the bulk helper tells of a document that did not go in. */
interface DroppedDocument {
  readonly status: number;
  readonly error: FailureCause | null;
  readonly operation: object;
}

/** Sends every document of the ranges; gives why some may not have arrived. */
async function pushRound(push: DocumentsPush, { ranges }: Missing): Promise<string> {
  const { cluster, index, config, progress, signal } = push;
  const total = ranges.reduce((sum, { first, end }) => sum + end - first, 0);
  const stage = progress.stage('push', 'documents', total);
  const drops: DroppedDocument[] = [];
  const end = (): void => {
    void helper.abort();
  };
  const helper = cluster.client.helpers.bulk<NumberedDocument>(
    {
      datasource: numbered(push, ranges, () => {
        stage.add(1);
      }),
      onDocument: ({ row, document }) => [
        { create: { _index: index, _id: String(row) } },
        document,
      ],
      onDrop(drop) {
        if (drop.status === 409 || drops.length > 0) return;
        drops.push(drop);
        if (isRefusal(drop.status)) end();
      },
      flushBytes: config.bulkBytes,
      concurrency: config.parallelBulks,
      retries: helperRetries,
      wait: helperWaitMs,
      timeout: shardTimeout,
    },
    { signal, maxRetries: requestRetries, retryOnTimeout: true },
  );
  signal.addEventListener('abort', end);
  try {
    await helper;
  } catch (failure) {
    signal.throwIfAborted();
    const error = clusterError(cluster.url, failure);
    if (!isPassing(error)) throw error;
    return error.message;
  } finally {
    signal.removeEventListener('abort', end);
    stage.end();
  }
  signal.throwIfAborted();
  const [drop] = drops;
  return drop === undefined ? 'no reason was given' : reasonOf(push, drop);
}

async function* numbered(
  { documents, signal }: DocumentsPush,
  ranges: readonly RowRange[],
  onDocument: () => void,
): AsyncGenerator<NumberedDocument> {
  for (const { first, end } of ranges) {
    for await (const document of documents.range(first, end)) {
      signal.throwIfAborted();
      yield document;
      onDocument();
    }
  }
}

/** Whether the cluster will never take the document: it is not busy, and no shard is lost. */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

/** Why a document did not arrive; throws where sending it again would not help. */
async function reasonOf(
  push: DocumentsPush,
  { status, error: cause, operation }: DroppedDocument,
): Promise<string> {
  const { url } = push.cluster;
  await requireWritable(push);
  const error = failedReply(url, { status, error: cause ?? undefined });
  if (!isRefusal(status)) return error.message;
  if (error.code !== 'SSP_CLUSTER_FAILED') throw error;
  const row = Object.values(operation)[0] as { _id?: string } | undefined;
  const what = `document ${row?._id ?? '?'}`;
  throw new SspError('SSP_PUSH_REJECTED', { url, what, problem: error.message });
}

/** A disk that is all but full closes indexes to writing, which looks like a cluster that is busy. */
async function requireWritable({ cluster, index, signal }: DocumentsPush): Promise<void> {
  const { client, ask, url } = cluster;
  const name = 'index.blocks.*';
  const found = await ask(
    (options) => client.indices.getSettings({ index, name, flat_settings: true }, options),
    { signal },
  );
  const blocks = Object.entries(found[index]?.settings ?? {}).filter(
    ([, value]) => value === 'true',
  );
  if (blocks.length === 0) return;
  const problem = `${blocks.map(([key]) => key).join(', ')} is set on ${index}`;
  throw new SspError('SSP_CLUSTER_READ_ONLY', { url, problem });
}

function incomplete(
  { cluster, index, documents }: DocumentsPush,
  { count }: Missing,
  problem: string,
): SspError {
  const { url } = cluster;
  const found = documents.count - count;
  return new SspError('SSP_PUSH_INCOMPLETE', {
    ...{ url, name: index, problem, found },
    expected: documents.count,
  });
}
