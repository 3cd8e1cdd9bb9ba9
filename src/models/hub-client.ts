import { getHFHubCachePath, getRepoFolderName, listFiles, modelInfo } from '@huggingface/hub';
import { z } from 'zod';

import type { RetryPolicy } from '../clients/retry.ts';
import { RequestError, requestWithRetry } from '../clients/retry.ts';
import type { HubFile } from './hub-cache.ts';
import { HubCache } from './hub-cache.ts';

// Hugging Face's library knows the hub's calls and where the shared cache is. It does not fetch the
// bytes: its downloads begin anew after an interruption, are not checked against the hub's checksums,
// know no other process and report no progress.

const apiPolicy: RetryPolicy = {
  attempts: 3,
  firstWaitMs: 300,
  longestWaitMs: 10_000,
  timeoutMs: 30_000,
};

const hex = z.string().regex(/^[0-9a-f]{7,64}$/);
const infoSchema = z.looseObject({ sha: hex });
const entrySchema = z.looseObject({
  type: z.string(),
  path: z.string(),
  size: z.int().min(0),
  oid: hex.optional(),
  lfs: z.looseObject({ oid: hex, size: z.int().min(0) }).optional(),
});

/** The place of a model in the cache that HF_HUB_CACHE or HF_HOME name, else `~/.cache/huggingface/hub`. */
export function cacheOf(model: string): HubCache {
  return new HubCache(getHFHubCachePath(), getRepoFolderName({ type: 'model', name: model }));
}

/** HF_ENDPOINT, else https://huggingface.co; without a final slash. */
export function hubAddress(): string {
  return (process.env['HF_ENDPOINT'] || 'https://huggingface.co').replace(/\/+$/, '');
}

/** Where the bytes of a file are. */
export function fileUrl(model: string, revision: string, path: string): string {
  return `${hubAddress()}/${model}/resolve/${revision}/${path}`;
}

/** What the hub must be told with every request. */
export function hubHeaders(): Record<string, string> {
  const token = process.env['HF_TOKEN'];
  return token ? { authorization: `Bearer ${token}` } : {};
}

/**
 * The revision that `main` has now, and the files of it. Throws {@link RequestError} and the signal's
 * reason.
 */
export async function listModel(
  model: string,
  signal: AbortSignal | undefined,
): Promise<{ revision: string; files: HubFile[] }> {
  // The library takes no token but Hugging Face's own, so ours goes into the headers.
  const call = { hubUrl: hubAddress(), fetch: fetchWithRetry(signal) };
  const fields = { revision: 'main', additionalFields: ['sha' as const] };
  const { sha: revision } = parsed(
    infoSchema,
    await modelInfo({ ...call, ...fields, name: model }),
  );
  const repo = { type: 'model', name: model } as const;
  const files: HubFile[] = [];
  for await (const entry of listFiles({ ...call, repo, revision, recursive: true })) {
    const { type, path, size, oid, lfs } = parsed(entrySchema, entry);
    if (type !== 'file') continue;
    if (lfs !== undefined) {
      files.push({ path, bytes: lfs.size, checksum: { kind: 'sha256', hex: lfs.oid } });
    } else if (oid !== undefined) {
      files.push({ path, bytes: size, checksum: { kind: 'git', hex: oid } });
    }
  }
  return { revision, files };
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new RequestError(`its reply cannot be used: ${z.prettifyError(result.error)}`);
}

/** The library's requests, tried again as ours are; whole replies, as the time limit ends with them. */
function fetchWithRetry(signal: AbortSignal | undefined): typeof fetch {
  return (url, init) => {
    const headers = new Headers(init?.headers);
    for (const [name, value] of Object.entries(hubHeaders())) headers.set(name, value);
    const whole = async (response: Response): Promise<Response> =>
      new Response(await response.arrayBuffer(), response);
    return requestWithRetry(new Request(url).url, { ...init, headers }, apiPolicy, whole, signal);
  };
}
