import { hashOfValue } from '../storage/hash.ts';
import type { IndexManifest } from '../types/index-manifest.ts';
import { vectorIndexPlanSchema } from '../types/index-manifest.ts';

/**
 * SHA-256 that names a retriever: over everything in the manifest that decides which passages a
 * query finds. Left out are the measured recall, where the encoder was opened from (its weights'
 * hash is in), and the hash of the vectors, whose last bits may differ between machines. An approximate
 * index is trained from chance, and what its search needs is measured on it: the recall that was asked
 * for stands for these parameters.
 */
export function manifestHash(manifest: IndexManifest): string {
  if (manifest.dense === undefined) return hashOfValue(manifest);
  const { encoder, vectorDtype, recallTarget, importedFrom, truncatedPassages } = manifest.dense;
  // What is absent keeps the hash of an index that an earlier version built.
  const precision = vectorDtype === 'fp16' ? { vectorDtype } : {};
  const vectorIndex =
    recallTarget === undefined
      ? manifest.dense.vectorIndex
      : { ...vectorIndexPlanSchema.parse(manifest.dense.vectorIndex), recallTarget };
  const origin = importedFrom === undefined ? {} : { importedFrom };
  return hashOfValue({
    ...manifest,
    dense: { encoder, vectorIndex, ...precision, ...origin, truncatedPassages },
  });
}
