import { hashOfValue } from '../storage/hash.ts';
import type { IndexManifest } from '../types/index-manifest.ts';

/**
 * SHA-256 that names a retriever: over everything in the manifest that decides which passages a
 * query finds. Left out are the measured recall, where the encoder was opened from (its weights'
 * hash is in), and the hash of the vectors, whose last bits may differ between machines.
 */
export function manifestHash(manifest: IndexManifest): string {
  if (manifest.dense === undefined) return hashOfValue(manifest);
  const { encoder, vectorIndex, importedFrom, truncatedPassages } = manifest.dense;
  const origin = importedFrom === undefined ? {} : { importedFrom };
  return hashOfValue({
    ...manifest,
    dense: { encoder, vectorIndex, ...origin, truncatedPassages },
  });
}
