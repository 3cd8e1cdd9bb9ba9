import { hashFiles } from '../../services/search/hash-files.ts';
import { InProcessSearch } from '../../services/search/in-process.ts';
import { selfTest } from '../../services/search/self-test.ts';
import type { Service } from '../../services/search/service.ts';
import { SearchClient } from '../clients/search-client.ts';
import type { EncoderConfig } from '../config/index-build.ts';
import { encoderConfig } from '../config/index-build.ts';
import type { ServiceConfig } from '../config/service.ts';
import type { SspError } from '../errors/error.ts';
import { isSspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { openEncoder } from '../retrieval/encoder.ts';
import { findEncoder } from '../retrieval/find-encoder.ts';
import { indexNameReader } from '../retrieval/index-head.ts';
import type { OpenIndexEncoder } from '../retrieval/open-index.ts';
import { openIndex } from '../retrieval/open-index.ts';
import type { Asker } from '../types/asker.ts';
import type { SearchIndex } from '../types/retriever.ts';
import type { SearchService } from '../types/search-service.ts';
import type { Patience } from './watch-services.ts';
import { watchService } from './watch-services.ts';

/**
 * The index at `folder` with the encoder that its manifest records, wherever that lies now
 * ({@link findEncoder}), or with the one of `encoder` where the user named another; without any it answers
 * `bm25` only. Throws what `openIndex` and `openEncoder` throw; where words alone are asked for (`mode`),
 * an encoder that is not there is noted instead. BM25 is searched by at most `threads`, 0 for all cores.
 */
export async function openSearchIndex(
  folder: string,
  encoder: EncoderConfig | undefined,
  { progress, signal }: JobContext,
  { threads = 0, mode = 'auto' }: Partial<Pick<ServiceConfig, 'threads' | 'mode'>> = {},
): Promise<SearchIndex> {
  const defaults = encoderConfig.parse({});
  const isNamed = encoder?.model !== defaults.model || encoder.url !== undefined;
  const openOne: OpenIndexEncoder = async (source, { name, weightsHash }) => {
    const found = isNamed ? {} : await findEncoder(source, weightsHash, folder);
    const config = encoderConfig.parse({ ...encoder, ...found });
    try {
      return await openEncoder(config, { progress, signal, name });
    } catch (error) {
      if (mode !== 'bm25' || !isMissingEncoder(error)) throw error;
      progress.note(`${error.message} Searches by bm25 go without it.`);
      return undefined;
    }
  };
  const stage = progress.stage('open index', '%', 100);
  let percent = 0;
  const index = await openIndex(folder, {
    encoder: encoder && openOne,
    threads: threads === 0 ? undefined : threads,
    onNote: (text) => {
      progress.note(text);
    },
    onProgress: (_step, share) => {
      stage.add(Math.round(share * 100) - percent);
      percent = Math.round(share * 100);
    },
  });
  stage.end();
  return index;
}

function isMissingEncoder(error: unknown): error is SspError {
  if (!isSspError(error)) return false;
  return /^SSP_(ENCODER_(NOT_FOUND|FILES_MISSING)|MODEL_OFFLINE|EMBEDDINGS_UNREACHABLE)$/.test(
    error.code,
  );
}

/** How an index is searched. */
export interface SearchConfig {
  readonly service: ServiceConfig;
  /** Loaded where the index has vectors; undefined searches by `bm25` only and loads none. */
  readonly encoder: EncoderConfig | undefined;
}

/** A search service in use, until it is closed. */
export interface OpenSearch {
  readonly service: SearchService;
  close(): Promise<void>;
}

/** The search service at `url`, watched; its token is in SSP_TOKEN. It is told who asks. */
export function searchElsewhere(url: string, patience: Patience, asker?: Asker): OpenSearch {
  const watch = watchService('the search service', url, patience);
  const service = new SearchClient({ url, token: process.env['SSP_TOKEN'], asker, watch });
  return { service, close: () => Promise.resolve() };
}

/**
 * The index at `folder`, searched in this process once its files have been hashed, where the section
 * `service` asks for that, and once it has passed the self-test. Throws what {@link openSearchIndex},
 * `hashFiles`, `selfTest` and {@link InProcessSearch} throw.
 */
export async function searchHere(
  folder: string,
  { service: config, encoder }: SearchConfig,
  { progress, signal }: JobContext,
): Promise<OpenSearch> {
  const index = await openSearchIndex(folder, encoder, { progress, signal }, config);
  try {
    if (config.verifyFiles) await hashFiles(index.files, { progress, signal });
    await selfTest(index, config.selfTestPassages, signal, progress);
    return { service: new InProcessSearch(index, config), close: () => index.close() };
  } catch (error) {
    await index.close();
    throw error;
  }
}

/**
 * Serves the index at `folder` over HTTP; its port is open at once, `ready` tells when searches are
 * answered. Throws what {@link startService} throws.
 */
export async function serveIndex(
  folder: string,
  { service: config, encoder }: SearchConfig,
  { progress, token }: Pick<JobContext, 'progress'> & { readonly token?: string | undefined },
): Promise<Service> {
  const { startService } = await import('../../services/search/service.ts');
  const open = (load: JobContext['progress'], signal: AbortSignal): Promise<SearchIndex> =>
    openSearchIndex(folder, encoder, { progress: load, signal }, config);
  return startService({ config, token, progress, open, current: indexNameReader(folder) });
}
