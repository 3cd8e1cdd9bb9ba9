import type { ImportConfig } from '../../src/config/corpus.ts';

/** Options that decide what becomes of a row; the same for all rows of an import. */
export type ImportOptions = Pick<ImportConfig, 'rows' | 'words' | 'overlap' | 'minWords'>;

/** Takes from a configuration what decides what becomes of a row. */
export function importOptions({ rows, words, overlap, minWords }: ImportConfig): ImportOptions {
  return { rows, words, overlap, minWords };
}
