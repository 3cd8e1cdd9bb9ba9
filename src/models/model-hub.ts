import { join } from 'node:path';

import { z } from 'zod';

import type { RetryPolicy } from '../clients/retry.ts';
import { RequestError, requestWithRetry } from '../clients/retry.ts';
import { messageOf, SspError } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import { writeJsonAtomic } from '../storage/atomic-file.ts';
import { cacheFolder } from '../storage/cache-folder.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';
import type { RemoteFile } from './file-download.ts';
import { downloadFile } from './file-download.ts';

export interface DownloadOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

const apiPolicy: RetryPolicy = {
  attempts: 3,
  firstWaitMs: 300,
  longestWaitMs: 10_000,
  timeoutMs: 30_000,
};

const modelSchema = z.looseObject({ sha: z.string().min(7) });
const treeSchema = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string(),
    size: z.int().min(0),
    oid: z.string(),
    lfs: z.looseObject({ oid: z.string(), size: z.int().min(0) }).optional(),
  }),
);
type TreeFile = z.output<typeof treeSchema>[number];

/** True for `organisation/name`, the form of a hub id. */
export function isHubId(model: string): boolean {
  return /^[\w.-]+\/[\w.-]+$/.test(model) && !model.startsWith('.');
}

/** A model on the hub, and which of its files are needed. */
export interface HubModel {
  readonly model: string;
  /**
   * The files to fetch of those that the model has, in this order; the weights come last, so that a
   * folder that has them has everything else. Throws where what is needed is not among them.
   */
  readonly choose: (paths: readonly string[]) => readonly string[];
  /** The needed files that a folder lacks; none means that it is whole. */
  readonly missing: (folder: string) => Promise<readonly string[]>;
}

/**
 * The folder of a hub model: the one in the cache, else downloaded from `HF_ENDPOINT`
 * (https://huggingface.co) at the revision that `main` has now, each file checked against the hub's
 * checksum; the revision is recorded in `ssp-download.json`. A folder that was filled by hand is
 * taken as it is. `HF_TOKEN` is sent as a bearer token. Throws SSP_MODEL_OFFLINE,
 * SSP_MODEL_NOT_ON_HUB, SSP_DOWNLOAD_CHECKSUM, and what `choose` throws.
 */
export async function modelFromHub(wanted: HubModel, options: DownloadOptions): Promise<string> {
  const { model, missing } = wanted;
  const folder = join(cacheFolder(), 'models', model.replace('/', '--'));
  if ((await missing(folder)).length === 0) return folder;
  const onWait = ({ pid, host, lock }: LockHolder): void => {
    const holder = `Process ${pid} on ${host} is downloading ${model}`;
    options.progress.note(`${holder} (${lock}); waiting for it.`);
  };
  await withLock(`${folder}.lock`, { ...options, onWait }, async () => {
    if ((await missing(folder)).length === 0) return;
    try {
      await download(wanted, folder, options);
    } catch (error) {
      throw await hubError(error, wanted, folder);
    }
  });
  return folder;
}

async function download(
  { model, choose }: HubModel,
  folder: string,
  { progress, signal }: DownloadOptions,
): Promise<void> {
  const api = `${endpoint()}/api/models/${model}`;
  const { sha } = modelSchema.parse(await getJson(`${api}/revision/main`, signal));
  const tree = treeSchema.parse(await getJson(`${api}/tree/${sha}?recursive=1`, signal));
  const present = new Map(tree.filter(({ type }) => type === 'file').map((f) => [f.path, f]));
  const files = choose([...present.keys()]).flatMap((path) => present.get(path) ?? []);
  const bytes = files.reduce((sum, { size, lfs }) => sum + (lfs?.size ?? size), 0);
  progress.note(`Downloading ${model} (revision ${sha.slice(0, 12)}) to ${folder}`);
  const stage = progress.stage('downloading', 'bytes', bytes);
  for (const file of files) {
    const url = `${endpoint()}/${model}/resolve/${sha}/${file.path}`;
    await downloadFile(remoteFile(file, url), join(folder, file.path), headers(), stage, signal);
  }
  stage.end();
  await writeJsonAtomic(join(folder, 'ssp-download.json'), { model, revision: sha });
}

function remoteFile({ size, oid, lfs }: TreeFile, url: string): RemoteFile {
  return lfs === undefined
    ? { url, bytes: size, checksum: { kind: 'git', hex: oid } }
    : { url, bytes: lfs.size, checksum: { kind: 'sha256', hex: lfs.oid } };
}

function endpoint(): string {
  return (process.env['HF_ENDPOINT'] ?? 'https://huggingface.co').replace(/\/+$/, '');
}

function headers(): Record<string, string> {
  const token = process.env['HF_TOKEN'];
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

async function getJson(url: string, signal?: AbortSignal): Promise<unknown> {
  const read = (response: Response): Promise<unknown> => response.json();
  return requestWithRetry(url, { headers: headers() }, apiPolicy, read, signal);
}

/** Says what to do about a failed request; other errors are passed on. */
async function hubError(
  error: unknown,
  { model, missing }: HubModel,
  folder: string,
): Promise<unknown> {
  if (!(error instanceof RequestError)) return error;
  const { status, message: problem } = error;
  if (status === 401 || status === 403 || status === 404) {
    return new SspError('SSP_MODEL_NOT_ON_HUB', { model, hub: endpoint(), status });
  }
  const files = (await missing(folder)).join(', ');
  const details = { model, hub: endpoint(), problem: messageOf(problem), folder, files };
  return new SspError('SSP_MODEL_OFFLINE', details, { cause: error });
}
