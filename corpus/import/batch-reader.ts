import { messageOf, SspError } from '../../src/errors/error.ts';
import { TaskPool } from '../task-pool.ts';
import type { ImportOptions } from './import-options.ts';
import type { BatchResult, RowBatch } from './row-batch.ts';
import { readBatch } from './row-batch.ts';

/** Reads batches, here or in worker threads; results are the same. */
export interface BatchReader {
  /** Throws SSP_WORKER_FAILED where a thread dies or hangs. */
  read(batch: RowBatch): Promise<BatchResult>;
  close(): Promise<void>;
}

/** Far more than 64 MiB of rows take. */
const batchTimeoutMs = 600_000;

/** A reader with so many threads; with one, the work is done in this thread. */
export function startBatchReader(options: ImportOptions, workers: number): BatchReader {
  if (workers === 1) {
    return {
      read: (batch) => Promise.resolve(readBatch(batch, options)),
      close: () => Promise.resolve(),
    };
  }
  const pool = new TaskPool<RowBatch, BatchResult>({
    script: new URL('./import-worker.ts', import.meta.url),
    workerData: options,
    workers,
    taskTimeoutMs: batchTimeoutMs,
  });
  return {
    read: (batch) =>
      pool.run(batch).catch((error: unknown) => {
        const problem = `${batch.path}: ${messageOf(error)}`;
        throw new SspError('SSP_WORKER_FAILED', { problem }, { cause: error });
      }),
    close: () => pool.close(),
  };
}
