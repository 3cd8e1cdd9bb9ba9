import { isSspError, messageOf } from '../../src/errors/error.ts';
import type { Progress } from '../../src/progress/progress.ts';
import type { IndexFiles } from '../../src/types/retriever.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness, ServedIndex } from './readiness.ts';

/** Where the hashing of files is told, and what ends it. */
export interface HashFilesOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Told of every file that is what its build wrote. */
  readonly onFile?: () => void;
}

/**
 * Hashes every file of an index. One of an earlier version, without recorded hashes, is noted and
 * passes. Throws SSP_INDEX_DAMAGED with the first file that is not what was written, and the signal's
 * reason.
 */
export async function hashFiles(
  files: IndexFiles,
  { progress, signal, onFile }: HashFilesOptions,
): Promise<void> {
  if (files.count === 0) {
    progress.note('the index has no hashes to hold its files against');
    return;
  }
  const stage = progress.stage('hashing files', 'bytes', files.bytes);
  try {
    await files.checkHashes({
      signal,
      onBytes: (bytes) => {
        stage.add(bytes);
      },
      ...(onFile === undefined ? {} : { onFile }),
    });
  } finally {
    stage.end();
  }
}

/** Hashes the files of what a service serves, while it serves them; damage ends that. */
export class FileCheck {
  readonly #readiness: Readiness;
  readonly #found = Promise.withResolvers<undefined>();
  #controller = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #files = { all: 0, verified: 0, damaged: 0 };

  constructor(readiness: Readiness, { watch }: Pick<Metrics, 'watch'>) {
    this.#readiness = readiness;
    watch('ssp_index_files', 'Files of the index', () => this.#files.all);
    watch('ssp_index_files_verified', 'Files whose hash is right', () => this.#files.verified);
    watch('ssp_index_files_damaged', 'Files that are not right', () => this.#files.damaged);
  }

  /** Resolves once a served file turned out to be damaged. */
  get damage(): Promise<void> {
    return this.#found.promise;
  }

  /** From now on `served` counts; its files are hashed where `isOn`. */
  begin(served: ServedIndex, progress: Progress, isOn: boolean): void {
    this.#controller.abort();
    const { files } = served.broker.index;
    this.#files = { all: files.count, verified: 0, damaged: 0 };
    if (!isOn) return;
    this.#controller = new AbortController();
    this.#running = this.#hash(served, progress, this.#controller.signal);
  }

  /** Ends the hashing; resolves when no file is read any more. */
  end(): Promise<void> {
    this.#controller.abort();
    return this.#running;
  }

  async #hash(served: ServedIndex, progress: Progress, signal: AbortSignal): Promise<void> {
    const counts = this.#files;
    const onFile = (): void => {
      counts.verified += 1;
    };
    try {
      await hashFiles(served.broker.index.files, { progress, signal, onFile });
    } catch (error) {
      if (signal.aborted) return;
      if (isSspError(error, 'SSP_INDEX_DAMAGED')) {
        counts.damaged += 1;
        this.#readiness.damaged(served, error);
        this.#found.resolve(undefined);
      } else progress.note(`the files could not be hashed: ${messageOf(error)}`);
    }
  }
}
