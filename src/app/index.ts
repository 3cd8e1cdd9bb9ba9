import type { z } from 'zod';

import { buildCorpus as buildCorpusFrom } from '../../corpus/build-corpus.ts';
import { importPassages as importPassagesFrom } from '../../corpus/import-passages.ts';
import type { BuiltIndex } from '../../indexer/build-index.ts';
import type { Service } from '../../services/search/service.ts';
import type { ConfigOverrides } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import type { configSchema } from '../config/schema.ts';
import type { JobContext } from '../progress/progress.ts';
import { silentProgress } from '../progress/progress.ts';
import type { TrainerState } from '../training/run-writer.ts';
import type { CorpusManifest } from '../types/corpus-manifest.ts';
import type { SearchIndex } from '../types/retriever.ts';
import { buildIndexWith } from './build-index.ts';
import { openSearchIndex, serveIndex } from './search-service.ts';
import { runTraining as train } from './train/run-training.ts';

// The calls of the command line for programs: `import { openIndex, startService } from 'ssp'`. Each
// does what the command of the same job does, with the same configuration and the same errors.

export { loadConfig } from '../config/load.ts';
export type { Config } from '../config/schema.ts';
export { isSspError, SspError } from '../errors/error.ts';
export type { JobContext, Progress } from '../progress/progress.ts';
export { terminalProgress } from '../progress/terminal-progress.ts';
export { readEpisodes, readMetrics } from '../run/read-run.ts';
export { runFolder } from '../run/run-folder.ts';
export type { SearchIndex } from '../types/retriever.ts';

/** What every call takes beside its own request. */
export interface CallOptions extends Partial<JobContext> {
  /** A YAML or JSON file, as `--config` names it. */
  readonly config?: string;
  /** Keys over those of the file, by section: `{ index: { modes: ['bm25'] } }`. */
  readonly settings?: z.input<typeof configSchema>;
}

/** `ssp corpus build`: passages of MediaWiki dumps. Throws what `buildCorpus` of `corpus` throws. */
export async function buildCorpus(
  request: {
    readonly dumps: readonly string[];
    readonly out: string;
    readonly force?: boolean;
    readonly restart?: boolean;
  },
  options: CallOptions = {},
): Promise<CorpusManifest> {
  const { corpus: config } = await settingsOf(options);
  const { dumps: paths, out, force = false, restart = false } = request;
  return buildCorpusFrom({ paths, out, force, restart, config, ...jobOf(options) });
}

/** `ssp corpus import`: published passages, or texts. Throws what `importPassages` of `corpus` throws. */
export async function importPassages(
  request: {
    readonly paths: readonly string[];
    readonly out: string;
    readonly force?: boolean;
    readonly restart?: boolean;
  },
  options: CallOptions = {},
): Promise<CorpusManifest> {
  const { import: config } = await settingsOf(options);
  return importPassagesFrom({
    force: false,
    restart: false,
    ...request,
    config,
    ...jobOf(options),
  });
}

/** `ssp index build`. Throws what {@link buildIndexWith} throws. */
export async function buildIndex(
  request: { readonly corpus: string; readonly out: string; readonly force?: boolean },
  options: CallOptions = {},
): Promise<BuiltIndex> {
  return buildIndexWith({ force: false, ...request }, await settingsOf(options), jobOf(options));
}

/**
 * A finished index, in a folder or at an address such as `elasticsearch+https://host/wiki`, to be searched in
 * this process and closed by the caller.
 */
export async function openIndex(place: string, options: CallOptions = {}): Promise<SearchIndex> {
  return openSearchIndex(place, await settingsOf(options), jobOf(options));
}

/**
 * `ssp serve` on the address of the section `service` (127.0.0.1:8000). The caller waits for `ready`
 * and calls `stop`. Throws what {@link serveIndex} throws.
 */
export async function startService(
  { index, token }: { readonly index: string; readonly token?: string },
  options: CallOptions = {},
): Promise<Service> {
  return serveIndex(index, await settingsOf(options), { ...jobOf(options), token });
}

/** `ssp train`; gives the state after its last step. Throws what `runTraining` of `train` throws. */
export async function runTraining(
  request: { readonly run: string; readonly resume?: boolean; readonly resumeFrom?: number },
  options: CallOptions = {},
): Promise<TrainerState> {
  return train({ resume: false, ...request, config: await settingsOf(options) }, jobOf(options));
}

function settingsOf({ config, settings = {} }: CallOptions): ReturnType<typeof loadConfig> {
  return loadConfig(config, settings as ConfigOverrides);
}

function jobOf({ progress = silentProgress, signal }: CallOptions): JobContext {
  return { progress, signal: signal ?? new AbortController().signal };
}
