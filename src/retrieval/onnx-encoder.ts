import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { SspError } from '../errors/error.ts';
import type { Embeddings, Encoder, EncoderDescription } from '../types/encoder.ts';
import type { OnnxModelSettings } from './onnx-model.ts';
import type { WorkerReply, WorkerRequest } from './onnx-worker.ts';
import { passageText } from './passage-store.ts';

interface Job {
  resolve(embeddings: Embeddings): void;
  reject(reason: Error): void;
}

/**
 * An encoder over a local ONNX model, which computes in a thread of its own. Throws
 * SSP_ENCODER_FAILED where the weights cannot be loaded or a forward pass fails; an aborted call
 * rejects with the signal's reason at once and the thread stops after its current forward pass.
 */
export async function startOnnxEncoder(
  description: EncoderDescription,
  settings: OnnxModelSettings,
): Promise<Encoder> {
  const worker = new Worker(new URL('onnx-worker.ts', import.meta.url), { workerData: settings });
  const failed = (problem: string): SspError =>
    new SspError('SSP_ENCODER_FAILED', { name: description.name, problem });
  const [first] = (await once(worker, 'message')) as [WorkerReply];
  if (first.kind === 'load-failed') throw failed(first.problem);
  // Waiting jobs keep the process alive; an idle encoder that nobody closed does not.
  worker.unref();
  const { embed, close } = embedder(worker, failed);
  return {
    description,
    encodeQueries: (queries, signal) =>
      embed(
        queries.map((query) => description.queryPrefix + query),
        description.queryMaxTokens,
        signal,
      ),
    encodePassages: (passages, signal) =>
      embed(
        passages.map((passage) => passageText(description, passage)),
        description.passageMaxTokens,
        signal,
      ),
    close,
  };
}

type Embed = (
  texts: readonly string[],
  maxTokens: number,
  signal?: AbortSignal,
) => Promise<Embeddings>;

function embedder(
  worker: Worker,
  failed: (problem: string) => SspError,
): { embed: Embed; close: () => Promise<void> } {
  const jobs = new Map<number, Job>();
  let lastId = 0;
  let isClosed = false;
  let isClosing = false;
  const settle = (id: number): Job | undefined => {
    const job = jobs.get(id);
    jobs.delete(id);
    if (jobs.size === 0 && !isClosing) worker.unref();
    return job;
  };
  worker.on('message', (reply: WorkerReply) => {
    if (reply.kind === 'done') settle(reply.id)?.resolve(reply.embeddings);
    if (reply.kind === 'failed') settle(reply.id)?.reject(failed(reply.problem));
  });
  const endAll = (problem: string): void => {
    for (const id of [...jobs.keys()]) settle(id)?.reject(failed(problem));
  };
  worker.on('error', (error) => {
    endAll(String(error));
  });
  worker.on('exit', () => {
    isClosed = true;
    endAll('it was closed');
  });

  const close = async (): Promise<void> => {
    if (isClosed) return;
    isClosing = true;
    worker.ref();
    const exited = once(worker, 'exit');
    worker.postMessage({ kind: 'close' } satisfies WorkerRequest);
    await exited;
  };
  const embed: Embed = async (texts, maxTokens, signal) => {
    signal?.throwIfAborted();
    if (isClosed || isClosing) throw failed('it was closed');
    const id = (lastId += 1);
    const { promise, resolve, reject } = Promise.withResolvers<Embeddings>();
    jobs.set(id, { resolve, reject });
    worker.ref();
    worker.postMessage({ kind: 'embed', id, texts, maxTokens } satisfies WorkerRequest);
    const abort = (): void => {
      worker.postMessage({ kind: 'cancel', id } satisfies WorkerRequest);
      settle(id)?.reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  };
  return { embed, close };
}
