import { join } from 'node:path';

import { buildIndex } from '../../../indexer/build-index.ts';
import type { IndexConfig } from '../../../src/config/index-build.ts';
import { indexConfig } from '../../../src/config/index-build.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import type { Encoder } from '../../../src/types/encoder.ts';
import type { Alias, Passage } from '../../../src/types/passage.ts';
import { writeCorpus } from './small-corpus.ts';

/** Builds a corpus and its index in `folder`, for real, and gives the index's folder. */
export async function buildSmallIndex(
  folder: string,
  passages: readonly Passage[],
  options: {
    readonly config?: Partial<IndexConfig>;
    readonly encoder?: Encoder;
    readonly aliases?: readonly Alias[];
    /** Puts it in the place of one that is there. */
    readonly force?: boolean;
  } = {},
): Promise<string> {
  const corpusFolder = join(folder, 'corpus');
  const out = join(folder, 'index');
  await writeCorpus(corpusFolder, passages, options.aliases);
  const modes: IndexConfig['modes'] = options.encoder === undefined ? ['bm25'] : ['bm25', 'dense'];
  await buildIndex({
    corpusFolder,
    out,
    config: indexConfig.parse({ modes, ...options.config }),
    encoder: options.encoder && {
      encoder: options.encoder,
      source: { model: 'stand-in', dtype: 'fp32' },
    },
    force: options.force ?? false,
    progress: silentProgress,
    signal: new AbortController().signal,
  });
  return out;
}
