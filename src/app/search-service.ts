import { BrokerBackend } from '../../services/search/agent-backend.ts';
import { hashFiles } from '../../services/search/hash-files.ts';
import { InProcessSearch } from '../../services/search/in-process.ts';
import { createMetrics } from '../../services/search/metrics.ts';
import { QueryBroker } from '../../services/search/query-broker.ts';
import { requestSchemas } from '../../services/search/schemas.ts';
import { selfTest } from '../../services/search/self-test.ts';
import type { Service } from '../../services/search/service.ts';
import { AgentClient } from '../clients/agent-client.ts';
import { SearchClient } from '../clients/search-client.ts';
import type { EncoderConfig } from '../config/index-build.ts';
import { encoderConfig } from '../config/index-build.ts';
import type { ServiceConfig } from '../config/service.ts';
import type { JobContext } from '../progress/progress.ts';
import { openEncoder } from '../retrieval/encoder.ts';
import { indexNameReader } from '../retrieval/index-head.ts';
import { openIndex } from '../retrieval/open-index.ts';
import type { AgentBackend } from '../types/agent-backend.ts';
import type { Asker } from '../types/asker.ts';
import type { SearchIndex } from '../types/retriever.ts';
import type { SearchService } from '../types/search-service.ts';
import type { Patience } from './watch-services.ts';
import { watchService } from './watch-services.ts';

/**
 * The index at `folder` with the encoder that its manifest records, or with the one of `encoder`
 * where the user named another; without any it answers `bm25` only. Throws what `openIndex` and
 * `openEncoder` throw. BM25 is searched by at most `threads`, 0 for all cores.
 */
export async function openSearchIndex(
  folder: string,
  encoder: EncoderConfig | undefined,
  { progress, signal }: JobContext,
  threads = 0,
): Promise<SearchIndex> {
  const defaults = encoderConfig.parse({});
  const isNamed = encoder?.model !== defaults.model || encoder.url !== undefined;
  const stage = progress.stage('open index', '%', 100);
  let percent = 0;
  const index = await openIndex(folder, {
    encoder:
      encoder &&
      ((source) => openEncoder({ ...encoder, ...(isNamed ? {} : source) }, { progress, signal })),
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
  search: SearchConfig,
  context: JobContext,
): Promise<OpenSearch> {
  const index = await openTested(folder, search, context);
  try {
    const service = new InProcessSearch(index, search.service);
    return { service, close: () => index.close() };
  } catch (error) {
    await index.close();
    throw error;
  }
}

async function openTested(
  folder: string,
  { service: config, encoder }: SearchConfig,
  { progress, signal }: JobContext,
): Promise<SearchIndex> {
  const index = await openSearchIndex(folder, encoder, { progress, signal }, config.threads);
  try {
    if (config.verifyFiles) await hashFiles(index.files, { progress, signal });
    await selfTest(index, config.selfTestPassages, signal, progress);
    return index;
  } catch (error) {
    await index.close();
    throw error;
  }
}

/** What agents ask, while it is opened already and until it is closed. */
export interface OpenAgentBackend {
  readonly backend: AgentBackend;
  /** Resolves once calls are answered; until then they wait. Rejects where the index cannot be opened. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** The index at `folder` for agents of this process; `ready` rejects with what {@link searchHere} throws. */
export function agentsHere(
  folder: string,
  search: SearchConfig,
  context: JobContext,
): OpenAgentBackend {
  const { service: config } = search;
  const opening = openTested(folder, search, context).then(
    (index) => new QueryBroker(index, config, createMetrics()),
  );
  opening.catch(() => undefined); // told by `ready`
  return {
    backend: new BrokerBackend(async (body) => body(await opening), requestSchemas(config)),
    ready: opening.then(() => undefined),
    async close() {
      const broker = await opening.catch(() => undefined);
      await broker?.index.close();
    },
  };
}

/** The search service at `url` for agents of this process; its token is in SSP_TOKEN. */
export function agentsElsewhere(url: string): OpenAgentBackend {
  return {
    backend: new AgentClient(url, process.env['SSP_TOKEN']),
    ready: Promise.resolve(),
    close: () => Promise.resolve(),
  };
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
    openSearchIndex(folder, encoder, { progress: load, signal }, config.threads);
  return startService({ config, token, progress, open, current: indexNameReader(folder) });
}
