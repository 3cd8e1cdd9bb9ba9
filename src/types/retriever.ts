import type { IndexManifest } from './index-manifest.ts';
import type { Passage } from './passage.ts';

/** How passages are found. `hybrid` fuses the other two. */
export const searchModes = ['bm25', 'dense', 'hybrid'] as const;
export type SearchMode = (typeof searchModes)[number];

/** The most hits of one query. */
export const maxTopK = 1000;

/** One found passage. `rank` counts from 1; a higher `score` is better, comparable within a mode. */
export interface Hit {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly section?: string;
  readonly url?: string;
  readonly score: number;
  readonly rank: number;
}

interface SearchOptions {
  /** How many hits per query, 1..{@link maxTopK}. Fewer come back only where the corpus has no more. */
  readonly topK: number;
  readonly signal?: AbortSignal;
}

/** The parts of a score: `score` is what its `parts` give by the rule that `description` names. */
export interface Explanation {
  readonly description: string;
  readonly score: number;
  readonly parts: readonly Explanation[];
}

/** The hits of one query, best first, and whether the query was cut, at the encoder's limit or before. */
export interface QueryResult {
  readonly hits: readonly Hit[];
  readonly truncated: boolean;
}

/**
 * Finds passages. A batch is the native shape: result i answers query i, and a query's result does
 * not depend on the batch around it. Equal scores are ordered by id. An empty batch gives an empty
 * list; a query without any known term gives no BM25 hits. Safe to call concurrently.
 */
export interface Retriever {
  readonly mode: SearchMode;
  search(queries: readonly string[], options: SearchOptions): Promise<QueryResult[]>;
  /** The parts of the score of passage `id` for `query`. Throws SSP_PASSAGE_UNKNOWN. */
  explain(query: string, id: string): Promise<Explanation>;
}

/** A page as the index holds it: its passages in article order. */
export interface Page {
  readonly title: string;
  /** The redirect title that was asked for, where it was one. */
  readonly redirectedFrom?: string;
  readonly passages: readonly Passage[];
}

/** How the files of an index are hashed. */
export interface HashingOptions {
  readonly signal: AbortSignal;
  /** Told of every piece that was read. */
  readonly onBytes?: (bytes: number) => void;
  /** Told of every file that is what its build wrote. */
  readonly onFile?: () => void;
}

/** The files of an opened index, held against what its build has recorded of them. */
export interface IndexFiles {
  /** Files with a hash: none where an earlier version built the index. */
  readonly count: number;
  readonly bytes: number;
  /** Throws SSP_INDEX_DAMAGED with the first file that is missing or has another size. Cheap. */
  checkSizes(): Promise<void>;
  /**
   * Reads them all. Throws SSP_INDEX_DAMAGED with the first that is not what was written, and the
   * signal's reason once it is aborted.
   */
  checkHashes(options: HashingOptions): Promise<void>;
}

/**
 * An opened index: the one thing behind HTTP, the command line and the trainer. It stays what it is
 * until it is closed, whatever is built in its folder. Where its files have been cut or altered all the
 * same, every call that reads them throws SSP_INDEX_DAMAGED.
 */
export interface SearchIndex {
  readonly manifest: IndexManifest;
  /**
   * SHA-256 over the manifest's identity: what runs and scores store as the retriever's name. It
   * does not change by measuring the recall or by moving the encoder's folder.
   */
  readonly manifestHash: string;
  /** Names the files that were opened: each build that changes them makes another one. */
  readonly generation: string;
  readonly files: IndexFiles;
  /** The modes that this index can answer. */
  readonly modes: readonly SearchMode[];
  /** Throws SSP_MODE_UNAVAILABLE for a mode that was not built. */
  retriever(mode: SearchMode): Retriever;
  /** The passage of an id, undefined for an unknown one. */
  passage(id: string): Promise<Passage | undefined>;
  /** The page of an exact title; a redirect is followed once. Undefined for an unknown title. */
  page(title: string): Promise<Page | undefined>;
  /** `count` passages spread evenly over the corpus: the material of self-tests. */
  sample(count: number): Promise<Passage[]>;
  close(): Promise<void>;
}
