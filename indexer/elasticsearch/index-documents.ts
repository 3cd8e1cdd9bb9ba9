import type { Table } from '@lancedb/lancedb';

import { createAnalyzer } from '../../src/bm25/analyzer/analyzer.ts';
import { passageTerms } from '../../src/bm25/analyzer/passage-terms.ts';
import {
  aliasDocument,
  clusterTerm,
  passageDocument,
} from '../../src/elasticsearch/cluster-documents.ts';
import { dataFolder } from '../../src/retrieval/index-head.ts';
import { openVectors } from '../../src/retrieval/lance-tables.ts';
import {
  openAliasRecords,
  openPassageRecords,
  parseAlias,
  parsePassage,
  passageOrders,
  readOrder,
} from '../../src/retrieval/passage-files.ts';
import type { IndexHead } from '../../src/types/index-manifest.ts';
import type { Passage } from '../../src/types/passage.ts';
import { readVectors } from '../stored-vectors.ts';

/** The documents of an index by their numbers: passages by their rows, redirects after them. */
export interface IndexDocuments {
  readonly count: number;
  /** Those from `first` up to, and without, `end`, in order. */
  range(first: number, end: number): AsyncGenerator<NumberedDocument>;
  close(): void;
}

/** A document and its number. */
export interface NumberedDocument {
  readonly row: number;
  readonly document: object;
}

/** Vectors that are read at once. */
const vectorRows = 512;

/** Opens the documents of the index in `folder`. Throws SSP_INDEX_DAMAGED. */
export async function openDocuments(folder: string, head: IndexHead): Promise<IndexDocuments> {
  const { manifest, generation } = head;
  const { passages: count, aliases, bm25, dense } = manifest;
  const data = dataFolder(folder, generation);
  const vectors = await openVectors(folder, data, manifest);
  const passages = openPassageRecords(data, count);
  const redirects = openAliasRecords(data, aliases);
  const idOrder = placesOf(readOrder(data, passageOrders.byId, count));
  const analyzer = bm25 && createAnalyzer(bm25.analyzer);

  function termsOf(passage: Passage): { terms?: string } {
    if (bm25 === undefined || analyzer === undefined) return {};
    const terms = passageTerms(analyzer, passage, bm25.fields.title);
    return { terms: terms.map(clusterTerm).join(' ') };
  }

  async function* range(first: number, end: number): AsyncGenerator<NumberedDocument> {
    const last = Math.min(end, count);
    const vectorOf = vectorReader(vectors, dense?.encoder.dimension ?? 0, last);
    let row = first;
    if (first < last) {
      for (const json of passages.jsonFrom(first)) {
        const passage = parsePassage(json);
        const vector = await vectorOf(row);
        const fields = { row, id_order: idOrder[row] ?? 0, ...termsOf(passage), ...vector };
        yield { row, document: passageDocument(passage, fields) };
        row += 1;
        if (row === last) break;
      }
    }
    for (; row < end; row += 1) {
      const alias = parseAlias(redirects.json(row - count));
      yield { row, document: aliasDocument(alias, row) };
    }
  }

  return {
    count: count + aliases,
    range,
    close() {
      passages.close();
      redirects.close();
      vectors?.close();
    },
  };
}

/** Where each row stands in an order. */
function placesOf(order: Uint32Array): Uint32Array {
  const places = new Uint32Array(order.length);
  for (const [place, row] of order.entries()) places[row] = place;
  return places;
}

/** Gives the vectors of rows that are asked for one after the other, up to `end`. */
function vectorReader(
  table: Table | undefined,
  dimension: number,
  end: number,
): (row: number) => Promise<{ vector?: number[] }> {
  let first = 0;
  let read: Float32Array = new Float32Array();
  return async (row) => {
    if (table === undefined) return {};
    if (row < first || row >= first + read.length / dimension) {
      const count = Math.min(vectorRows, end - row);
      read = (await readVectors(table, row, count, dimension)).vectors_N_D;
      first = row;
    }
    const start = (row - first) * dimension;
    return { vector: Array.from(read.subarray(start, start + dimension), shortest) };
  };
}

/** The number with as few digits as tell a float32 from its neighbours. */
function shortest(value: number): number {
  return Number(value.toPrecision(9));
}
