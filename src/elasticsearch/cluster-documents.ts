import type { estypes } from '@elastic/elasticsearch';

import { hashOf } from '../storage/hash.ts';
import type { Alias, Passage } from '../types/passage.ts';
import type { ClusterManifest } from './cluster-manifest.ts';

// A passage is the document of its row, a redirect that of its number after the passages. Numbers are the
// ids, so that a document that is pushed again is the one that is there.

/** What is stored of a passage beside the passage: none of it comes back with a hit. */
export interface PassageFields {
  readonly row: number;
  /** Its place in the order of ids, by which equal scores are ordered. */
  readonly id_order: number;
  readonly id_key: string;
  readonly title_key: string;
  /** What BM25 counts, with spaces between. */
  readonly terms?: string;
  readonly vector?: readonly number[];
}

/** A redirect. */
export interface AliasDocument {
  readonly row: number;
  readonly alias_key: string;
  readonly title: string;
}

/** Fields that are indexed and not stored: a tenth of what their texts would take. */
const unstored = ['terms', 'vector', 'id_order', 'id_key', 'title_key', 'alias_key'];

/** Ids and titles up to this many UTF-16 units are their own keys; of longer ones the hash is. */
const longestKey = 256;

/** What an id or a title is looked up by, whatever its length. */
export function keyOf(text: string): string {
  return text.length <= longestKey ? text.toWellFormed() : `sha256:${hashOf(text)}`;
}

/** A term as the whitespace analyzer leaves it: Java counts four control characters as spaces. */
export function clusterTerm(term: string): string {
  return needsCare.test(term) ? term.toWellFormed().replaceAll(javaSpaces, '\ufffd') : term;
}

const javaSpaces = /[\s\x1c-\x1f]/g;
const needsCare = /[\s\x1c-\x1f\ud800-\udfff]/;

/** The document of a passage. */
export function passageDocument(
  passage: Passage,
  fields: Omit<PassageFields, 'id_key' | 'title_key'>,
): Passage & PassageFields {
  const { id, title } = passage;
  return { ...passage, ...fields, id_key: keyOf(id), title_key: keyOf(title) };
}

/** The document of the redirect `number` of an index of `passages`. */
export function aliasDocument({ alias, title }: Alias, row: number): AliasDocument {
  return { row, alias_key: keyOf(alias), title };
}

/** Settings and mappings of the index. */
export function indexDefinition(
  manifest: ClusterManifest,
  replicas: number,
): Pick<estypes.IndicesCreateRequest, 'settings' | 'mappings'> {
  const { bm25, dense } = manifest.manifest;
  return {
    settings: {
      number_of_shards: manifest.shards,
      number_of_replicas: replicas,
      refresh_interval: '-1',
      ...(bm25 && { similarity: { ssp: { type: 'BM25', k1: bm25.k1, b: bm25.b } } }),
    },
    mappings: {
      dynamic: 'strict',
      _source: { excludes: unstored },
      _meta: { ssp: manifest },
      properties: {
        row: { type: 'integer' },
        id_order: { type: 'integer', index: false },
        id_key: { type: 'keyword' },
        title_key: { type: 'keyword' },
        alias_key: { type: 'keyword', doc_values: false },
        id: { type: 'keyword', index: false, doc_values: false },
        title: textField(manifest),
        text: textField(manifest),
        section: { type: 'keyword', index: false, doc_values: false },
        url: { type: 'keyword', index: false, doc_values: false },
        flag: { type: 'keyword' },
        ...(bm25 && { terms: termsField }),
        ...(dense &&
          manifest.vectors && { vector: vectorField(dense.encoder.dimension, manifest.vectors) }),
      },
    },
  };
}

const termsField: estypes.MappingProperty = {
  type: 'text',
  analyzer: 'whitespace',
  similarity: 'ssp',
  index_options: 'freqs',
};

function textField({ textAnalyzer }: ClusterManifest): estypes.MappingProperty {
  return textAnalyzer === undefined
    ? { type: 'text', index: false }
    : { type: 'text', analyzer: textAnalyzer };
}

function vectorField(
  dims: number,
  { type }: NonNullable<ClusterManifest['vectors']>,
): estypes.MappingProperty {
  return {
    type: 'dense_vector',
    dims,
    index: true,
    similarity: 'max_inner_product',
    index_options: { type },
  };
}
