import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** What ends the hashing of a long file, and what is told of each piece that was read. */
export interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * SHA-256 of a file's bytes, in hex; reads it as a stream. Throws what the system says, and the
 * signal's reason once it is aborted.
 */
export async function hashFile(
  path: string,
  { signal, onBytes }: HashOptions = {},
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) {
    signal?.throwIfAborted();
    hash.update(chunk as Buffer);
    onBytes?.((chunk as Buffer).length);
  }
  return hash.digest('hex');
}

/** SHA-256 of a text (UTF-8) or of bytes, in hex. */
export function hashOf(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 of a JSON value written with sorted keys, so that equal values have equal hashes. */
export function hashOfValue(value: unknown): string {
  return hashOf(canonicalJson(value));
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
