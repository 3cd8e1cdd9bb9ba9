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
import type { ElasticsearchConfig } from '../config/elasticsearch.ts';
import type { EncoderConfig } from '../config/index-build.ts';
import { encoderConfig } from '../config/index-build.ts';
import type { ServiceConfig } from '../config/service.ts';
import { isClusterAddress } from '../elasticsearch/cluster-address.ts';
import type { SspError } from '../errors/error.ts';
import { isSspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { openEncoder } from '../retrieval/encoder.ts';
import { findEncoder } from '../retrieval/find-encoder.ts';
import { indexNameReader } from '../retrieval/index-head.ts';
import type { OpenIndexEncoder } from '../retrieval/open-index.ts';
import { openIndex } from '../retrieval/open-index.ts';
import type { AgentBackend } from '../types/agent-backend.ts';
import type { Asker } from '../types/asker.ts';
import type { SearchIndex } from '../types/retriever.ts';
import type { SearchService } from '../types/search-service.ts';
import type { Patience } from './watch-services.ts';
import { watchService } from './watch-services.ts';

/** How an index is searched. */
export interface SearchConfig {
  readonly service: ServiceConfig;
  /** Loaded where the index has vectors; undefined searches by `bm25` only and loads none. */
  readonly encoder: EncoderConfig | undefined;
  /** For an index in a cluster. */
  readonly elasticsearch: ElasticsearchConfig;
}

/**
 * The index at `place`, a folder or an address such as `elasticsearch+https://host/wiki`, with the encoder
 * that its manifest records, wherever that lies now ({@link findEncoder}), or with the one of `encoder` where
 * the user named another; without any it answers `bm25` only. Throws what `openIndex`, `openClusterIndex`
 * and `openEncoder` throw; where words alone are asked for (`service.mode`), an encoder that is not there is
 * noted instead. BM25 of a folder is searched by at most `service.threads`, 0 for all cores.
 */
export async function openSearchIndex(
  place: string,
  used: SearchConfig,
  job: JobContext,
): Promise<SearchIndex> {
  const { progress, signal } = job;
  const { elasticsearch, service } = used;
  const stage = progress.stage('open index', '%', 100);
  let percent = 0;
  const options = {
    encoder: used.encoder && encoderOpener(place, used.encoder, service, job),
    onProgress: (_step: string, share: number) => {
      stage.add(Math.round(share * 100) - percent);
      percent = Math.round(share * 100);
    },
  };
  const index = isClusterAddress(place)
    ? await (await clusterRoom()).openClusterIndex(place, { ...options, elasticsearch, signal })
    : await openIndex(place, {
        ...options,
        threads: service.threads === 0 ? undefined : service.threads,
        onNote: (text) => {
          progress.note(text);
        },
      });
  stage.end();
  return index;
}

/** Opens the encoder that a manifest records, or the one that the user named. */
function encoderOpener(
  place: string,
  encoder: EncoderConfig,
  { mode }: ServiceConfig,
  { progress, signal }: JobContext,
): OpenIndexEncoder {
  const defaults = encoderConfig.parse({});
  const isNamed = encoder.model !== defaults.model || encoder.url !== undefined;
  return async (source, { name, weightsHash }) => {
    const found = isNamed ? {} : await findEncoder(source, weightsHash, place);
    const config = encoderConfig.parse({ ...encoder, ...found });
    try {
      return await openEncoder(config, { progress, signal, name });
    } catch (error) {
      if (mode !== 'bm25' || !isMissingEncoder(error)) throw error;
      progress.note(`${error.message} Searches by bm25 go without it.`);
      return undefined;
    }
  };
}

function isMissingEncoder(error: unknown): error is SspError {
  if (!isSspError(error)) return false;
  return /^SSP_(ENCODER_(NOT_FOUND|FILES_MISSING)|MODEL_OFFLINE|EMBEDDINGS_UNREACHABLE)$/.test(
    error.code,
  );
}

/** Loaded where it is needed: its client takes a while. */
function clusterRoom() {
  return import('../elasticsearch/open-cluster-index.ts');
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
 * The index at `place`, searched in this process once its files have been hashed, where the section
 * `service` asks for that, and once it has passed the self-test. Throws what {@link openSearchIndex},
 * `hashFiles`, `selfTest` and {@link InProcessSearch} throw.
 */
export async function searchHere(
  place: string,
  used: SearchConfig,
  context: JobContext,
): Promise<OpenSearch> {
  const index = await openTested(place, used, context);
  try {
    const service = new InProcessSearch(index, used.service);
    return { service, close: () => index.close() };
  } catch (error) {
    await index.close();
    throw error;
  }
}

async function openTested(
  place: string,
  used: SearchConfig,
  { progress, signal }: JobContext,
): Promise<SearchIndex> {
  const { service: config } = used;
  const index = await openSearchIndex(place, used, { progress, signal });
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

/** The index at `place` for agents of this process; `ready` rejects with what {@link searchHere} throws. */
export function agentsHere(
  place: string,
  used: SearchConfig,
  context: JobContext,
): OpenAgentBackend {
  const { service: config } = used;
  const opening = openTested(place, used, context).then(
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
 * Serves the index at `place` over HTTP; its port is open at once, `ready` tells when searches are
 * answered. Throws what {@link startService} throws.
 */
export async function serveIndex(
  place: string,
  used: SearchConfig,
  { progress, token }: Pick<JobContext, 'progress'> & { readonly token?: string | undefined },
): Promise<Service> {
  const { startService } = await import('../../services/search/service.ts');
  const open = (load: JobContext['progress'], signal: AbortSignal): Promise<SearchIndex> =>
    openSearchIndex(place, used, { progress: load, signal });
  const current = isClusterAddress(place)
    ? (await clusterRoom()).clusterNameReader(place, used.elasticsearch)
    : indexNameReader(place);
  return startService({ config: used.service, token, progress, open, current });
}
