import type { Corpus } from '../corpus/corpus.ts';

/** Passages of a file that are looked at. */
const looked = 1000;

/**
 * Mean UTF-8 length of title and text, by the first thousand passages of the first, the middle and the
 * last file of the corpus; 0 without passages. Throws SSP_CORPUS_DAMAGED as reading them does.
 */
export async function meanPassageBytes(corpus: Corpus): Promise<number> {
  const { shards } = corpus.manifest;
  let [bytes, count] = [0, 0];
  for (const file of new Set([0, shards.length >> 1, shards.length - 1])) {
    const before = shards.slice(0, file).reduce((sum, { records }) => sum + records, 0);
    let left = Math.min(looked, shards[file]?.records ?? 0);
    count += left;
    for await (const { title, text } of corpus.passages(before)) {
      bytes += Buffer.byteLength(title) + Buffer.byteLength(text);
      left -= 1;
      if (left <= 0) break;
    }
  }
  return bytes / Math.max(count, 1);
}
