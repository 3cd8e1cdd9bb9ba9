import type { Progress } from '../../src/progress/progress.ts';
import type { IndexFiles } from '../../src/types/retriever.ts';

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
