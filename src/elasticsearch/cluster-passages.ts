import { SspError } from '../errors/error.ts';
import type { PassageStore } from '../retrieval/passage-store.ts';
import type { Passage } from '../types/passage.ts';
import { keyOf } from './cluster-documents.ts';
import { isNoSuchIndex } from './cluster-errors.ts';
import type { ClusterHit, ClusterIndex, SearchAll, StoredPassage } from './cluster-search.ts';

/** The most documents of one request. */
const mostDocuments = 256;
/** Passages of a page that are read at once. */
const mostOfPage = 1000;

/** The `count` passages of an index in a cluster. */
export function clusterPassages(
  index: Pick<ClusterIndex, 'cluster' | 'index'>,
  search: SearchAll,
  count: number,
): PassageStore {
  async function passages(rows: Iterable<number>): Promise<Map<number, Passage>> {
    const wanted = [...new Set(rows)];
    const parts = Array.from({ length: Math.ceil(wanted.length / mostDocuments) }, (_value, i) =>
      wanted.slice(i * mostDocuments, (i + 1) * mostDocuments),
    );
    const found: Passage[] = [];
    for (const part of parts) found.push(...(await readDocuments(index, part)));
    return new Map(found.map((passage, i) => [wanted[i] ?? 0, passage]));
  }

  async function withTitle(title: string): Promise<Passage[]> {
    const hits = await withKey(search, 'title_key', title);
    return hits.flatMap(({ _source: source }) => (source === undefined ? [] : [passageOf(source)]));
  }

  return {
    count,
    passages,
    async ids(rows) {
      return new Map(Array.from(await passages(rows), ([row, { id }]) => [row, id]));
    },
    async rowOf(id) {
      const [hit] = await withKey(search, 'id_key', id);
      return hit === undefined ? undefined : Number(hit._id);
    },
    async page(title) {
      const own = await withTitle(title);
      if (own.length > 0) return { title, passages: own };
      const [alias] = await withKey(search, 'alias_key', title);
      const target = alias?._source?.title;
      const redirected = target === undefined ? [] : await withTitle(target);
      if (target === undefined || redirected.length === 0) return undefined;
      return { title: target, redirectedFrom: title, passages: redirected };
    },
  };
}

/** Reads documents by their rows, in that order. Throws where one is not there. */
async function readDocuments(
  { cluster, index }: Pick<ClusterIndex, 'cluster' | 'index'>,
  rows: readonly number[],
): Promise<Passage[]> {
  const { client, url } = cluster;
  return cluster.ask(async (options) => {
    const request = { index, ids: rows.map(String) };
    const { docs } = await client
      .mget<StoredPassage>(request, options)
      .catch((failure: unknown) => {
        throw isNoSuchIndex(failure) ? removed(url, index) : failure;
      });
    return docs.map((doc, i) => {
      if ('found' in doc && doc.found && doc._source !== undefined) return passageOf(doc._source);
      const problem = `passage ${rows[i] ?? 0} is not there`;
      throw 'error' in doc
        ? new SspError('SSP_CLUSTER_UNAVAILABLE', { url, problem })
        : new SspError('SSP_CLUSTER_INDEX_FOREIGN', { url, name: index, problem });
    });
  });
}

/** Documents whose `field` is the key of `text`, in the order of rows. */
async function withKey(
  search: SearchAll,
  field: 'id_key' | 'title_key' | 'alias_key',
  text: string,
): Promise<ClusterHit[]> {
  const found: ClusterHit[] = [];
  for (;;) {
    const after = found.at(-1)?._id;
    const [hits = []] = await search([
      {
        query: { term: { [field]: { value: keyOf(text) } } },
        sort: [{ row: 'asc' }],
        size: mostOfPage,
        track_total_hits: false,
        ...(after === undefined ? {} : { search_after: [Number(after)] }),
      },
    ]);
    found.push(...hits);
    if (hits.length < mostOfPage) return found;
  }
}

/** A stored passage without what else its document says. */
export function passageOf({ id, title, text, section, url, flag }: StoredPassage): Passage {
  return {
    id,
    title,
    text,
    ...(section === undefined ? {} : { section }),
    ...(url === undefined ? {} : { url }),
    ...(flag === undefined ? {} : { flag }),
  };
}

function removed(url: string, name: string): SspError {
  return new SspError('SSP_CLUSTER_INDEX_UNKNOWN', { url, name, known: ' It has been removed.' });
}
