import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';

import { mapOrdered } from '../src/concurrency/limits.ts';
import type { ImportConfig } from '../src/config/corpus.ts';
import { SspError } from '../src/errors/error.ts';
import { printableLine } from '../src/progress/printable.ts';
import type { Progress } from '../src/progress/progress.ts';
import { hashOfValue } from '../src/storage/hash.ts';
import type { CorpusManifest } from '../src/types/corpus-manifest.ts';
import { toolVersion } from '../src/version.ts';
import type { BuildState } from './build-journal.ts';
import { CorpusWriter, withCorpusFolder } from './corpus-writer.ts';
import { IdSet } from './id-set.ts';
import type { BatchReader } from './import/batch-reader.ts';
import { startBatchReader } from './import/batch-reader.ts';
import { fileBatches } from './import/file-batches.ts';
import type { ImportInput } from './import/import-files.ts';
import { openImport } from './import/import-files.ts';
import { importOptions } from './import/import-options.ts';
import type { BatchResult, ImportShape, ReadRow, RowBatch } from './import/row-batch.ts';

export interface ImportRequest {
  /** Files and folders, read in this order; `-` for standard input. */
  readonly paths: readonly string[];
  readonly out: string;
  readonly force: boolean;
  /** Forget an unfinished run in `out` instead of continuing it. */
  readonly restart: boolean;
  readonly config: ImportConfig;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Counts up when the files of an import change: work of another layout is not continued. */
const layout = 1;
/** Batches under way for each worker. */
const batchesPerWorker = 2;
/** Keys and files that are noted as they are met. */
const [notedKeys, notedFiles] = [20, 5];

/**
 * Makes a corpus of passages and articles that exist, in their order and with their ids, whatever the
 * number of workers. A row that is a passage stays one passage, also without words, so that passage i is
 * row i. An interrupted import, or one that met a wrong row, is continued after its last finished shard by
 * the same request; the rows before are read and checked again, but not written.
 *
 * Throws SSP_IMPORT_INVALID with the place of the first row that is none or repeats an id,
 * SSP_INPUT_EMPTY for files without rows, SSP_INPUT_FORMAT, SSP_INPUT_DAMAGED, SSP_INPUT_CHANGED,
 * SSP_WORKER_FAILED, SSP_INTERRUPTED, and what {@link withCorpusFolder} throws.
 */
export function importPassages(request: ImportRequest): Promise<CorpusManifest> {
  return withCorpusFolder(request, () => writeCorpus(request));
}

async function writeCorpus(request: ImportRequest): Promise<CorpusManifest> {
  const { config, out, paths } = request;
  const { shardPassages } = config;
  const inputs = await Promise.all(paths.map(openImport));
  const options = importOptions(config);
  const key = hashOfValue({ toolVersion, layout: `import ${layout}`, ...options, shardPassages });
  const writer = await CorpusWriter.open(out, shardPassages, key, request.restart);
  const run = new ImportRun(inputs, writer, request);
  try {
    await run.run();
    const { pages: read, outcomes } = run.state;
    if (read === 0) throw new SspError('SSP_INPUT_EMPTY', { path: paths.join(', '), what: 'rows' });
    return await writer.finish({
      source: run.source,
      inputs: inputs.map((input) => input.identity()),
      options: { ...options, shardPassages },
      outcomes,
      read,
    });
  } catch (error) {
    await writer.suspend();
    throw error;
  }
}

/** One run over the inputs. The journal counts rows where that of a dump counts pages. */
class ImportRun {
  state: BuildState = { pages: 0, pagesHash: '', outcomes: {} };
  readonly #inputs: readonly ImportInput[];
  readonly #writer: CorpusWriter;
  readonly #request: ImportRequest;
  readonly #workers: number;
  readonly #ids = new IdSet();
  readonly #hash: Hash = createHash('sha256');
  readonly #shapes = new Set<ImportShape>();
  readonly #ignoredKeys = new Set<string>();

  constructor(inputs: readonly ImportInput[], writer: CorpusWriter, request: ImportRequest) {
    this.#inputs = inputs;
    this.#writer = writer;
    this.#request = request;
    this.#workers = request.config.workers === 0 ? availableParallelism() : request.config.workers;
  }

  /** What the files hold; known at the end. */
  get source(): CorpusManifest['source'] {
    const [first = 'documents', ...others] = this.#shapes;
    return others.length === 0 ? first : 'mixed';
  }

  async run(): Promise<void> {
    const { config, signal } = this.#request;
    const { resumed } = this.#writer;
    if (resumed !== undefined) {
      this.#request.progress.note(`continuing after ${resumed.pages} rows of an earlier run`);
    }
    const reader = startBatchReader(importOptions(config), this.#workers);
    // A batch may take a while: an abort does not wait for those under way.
    const stop = (): void => void reader.close();
    signal.addEventListener('abort', stop);
    try {
      await this.#readAll(reader);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      await reader.close();
    }
    if (signal.aborted) throw this.#interrupted();
    if (resumed !== undefined && this.state.pages < resumed.pages) throw this.#changed(resumed);
  }

  async #readAll(reader: BatchReader): Promise<void> {
    const read = async (batch: RowBatch): Promise<[RowBatch, BatchResult]> => [
      batch,
      await reader.read(batch),
    ];
    const limit = this.#workers * batchesPerWorker;
    for await (const [batch, result] of mapOrdered(this.#batches(), limit, read)) {
      if (this.#request.signal.aborted) break;
      await this.#take(batch, result);
    }
  }

  async *#batches(): AsyncGenerator<RowBatch> {
    const files = this.#inputs.flatMap((input) => input.files);
    const sizes = files.map(({ input }) => input.totalBytes);
    const total = sizes.includes(undefined)
      ? undefined
      : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    const stage = this.#request.progress.stage('import', 'bytes', total);
    const { signal } = this.#request;
    const onBytes = (bytes: number): void => {
      stage.add(bytes);
    };
    for (const file of files) {
      yield* fileBatches(file, { workers: this.#workers, signal, onBytes });
    }
    stage.end();
  }

  /** Counts and writes the rows of a batch, in their order. */
  async #take({ path, name, content }: RowBatch, result: BatchResult): Promise<void> {
    if (content.shape !== 'none') this.#shapes.add(content.shape);
    this.#noteIgnored(result.ignoredKeys);
    for (const row of result.rows) {
      for (const id of row.ids) {
        if (this.#ids.add(id)) continue;
        const problem = `the id ${id} stands in an earlier row`;
        throw new SspError('SSP_IMPORT_INVALID', { path, place: row.place, problem });
      }
      await this.#takeRow(row, name);
    }
    if (result.problem === undefined) return;
    throw new SspError('SSP_IMPORT_INVALID', { path, ...result.problem });
  }

  async #takeRow(row: ReadRow, name: string): Promise<void> {
    const { resumed } = this.#writer;
    for (const line of row.lines) this.#hash.update(line);
    const pages = this.state.pages + 1;
    this.state = { ...this.state, pages };
    if (resumed !== undefined && pages <= resumed.pages) {
      if (pages === resumed.pages) this.#goOnFrom(resumed);
      return;
    }
    this.#count(row);
    for (const line of row.lines) await this.#writer.passageLine(line);
    if (row.reason !== undefined) await this.#leaveOut(name, row.reason);
    await this.#writer.cut(() => ({ ...this.state, pagesHash: this.#hashNow() }));
  }

  #goOnFrom(resumed: BuildState): void {
    if (this.#hashNow() !== resumed.pagesHash) throw this.#changed(resumed);
    this.state = { ...resumed, outcomes: { ...resumed.outcomes } };
  }

  #count({ outcome }: ReadRow): void {
    const { outcomes } = this.state;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }

  #hashNow(): string {
    return this.#hash.copy().digest('hex');
  }

  async #leaveOut(name: string, reason: string): Promise<void> {
    await this.#writer.failure({ title: name, reason });
    if ((this.state.outcomes['left-out-files'] ?? 0) > notedFiles) return;
    this.#request.progress.note(printableLine(`left out ${name}: ${reason}`));
  }

  /** Notes each key that is not used the first time it is met; of many, a file has no fixed ones. */
  #noteIgnored(keys: readonly string[]): void {
    const known = this.#ignoredKeys;
    const fresh = keys.filter((key) => !known.has(key)).slice(0, notedKeys - known.size);
    if (fresh.length === 0) return;
    for (const key of fresh) known.add(key);
    this.#request.progress.note(printableLine(`ignored key: ${fresh.join(', ')}`));
  }

  #interrupted(): SspError {
    return new SspError('SSP_INTERRUPTED', {
      progress: `${this.state.pages} rows were read, ${this.#writer.savedPassages} passages are kept.`,
      resume: 'it continues after the last finished shard.',
    });
  }

  #changed(resumed: BuildState): SspError {
    const details = { count: resumed.pages, what: 'rows', path: this.#request.out };
    return new SspError('SSP_INPUT_CHANGED', details);
  }
}
