import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';

import type { TextAnalyzer } from '../bm25/analyzer/analyzer.ts';
import { createAnalyzer } from '../bm25/analyzer/analyzer.ts';
import type { Bm25Engine, RankedRow, ScoreFacts } from '../bm25/engine.ts';
import { createEngine } from '../bm25/engine.ts';
import { engineFolder } from '../bm25/format.ts';
import { scratchBytes } from '../bm25/kernel/kernel.ts';
import type { LoadedEngine } from '../bm25/load.ts';
import { loadEngine } from '../bm25/load.ts';
import { isSspError, messageOf } from '../errors/error.ts';
import type { Analyzer } from '../types/index-manifest.ts';
import type { Passage } from '../types/passage.ts';
import type { Page } from '../types/retriever.ts';
import type { RecordCounts, RecordOrders } from './passage-files.ts';
import { PassageFiles, readOrders } from './passage-files.ts';

/** What all threads of an index share. */
export interface SharedIndex {
  readonly orders: RecordOrders;
  readonly engine: LoadedEngine | undefined;
}

/** What a thread is started with. */
export interface SearchWorkerData {
  /** Of the generation. */
  readonly folder: string;
  readonly counts: RecordCounts;
  /** Absent for an index without BM25. */
  readonly analyzer: Analyzer | undefined;
  readonly thread: number;
  readonly threads: number;
  /** Absent for the first thread, which reads it. */
  readonly shared: SharedIndex | undefined;
}

/** A row that BM25 found, with its passage where that was asked for. */
export interface FoundRow extends RankedRow {
  readonly passage?: Passage;
}

/** What a thread can be asked. */
export interface SearchCalls {
  readonly search: (
    queries: readonly string[],
    depth: number,
    withPassages: boolean,
  ) => FoundRow[][];
  readonly explain: (query: string, row: number) => ScoreFacts;
  readonly passages: (rows: readonly number[]) => Passage[];
  readonly rowOf: (id: string) => number | undefined;
  readonly page: (title: string) => Page | undefined;
}

/** To a thread: a call of {@link SearchCalls}, or its end. */
export type SearchRequest =
  | { readonly call: keyof SearchCalls; readonly args: readonly unknown[] }
  | { readonly call: 'close' };

/** From a thread: once when it is ready, then a reply for each call, in order. */
export type SearchReply =
  | { readonly kind: 'ready'; readonly shared: SharedIndex }
  | { readonly kind: 'done'; readonly value: unknown }
  | {
      readonly kind: 'failed';
      readonly message: string;
      /** What SSP_INDEX_DAMAGED says, where it is that. */
      readonly damage?: { readonly path: string; readonly problem: string };
    };

// The event loop of the service does nothing that takes long: it is here that queries are analyzed,
// rows ranked and passages read.
const port = parentPort;
if (port !== null) serve(port, workerData as SearchWorkerData);

function serve(port: NonNullable<typeof parentPort>, data: SearchWorkerData): void {
  const answer = (work: () => SearchReply): void => {
    let reply: SearchReply;
    try {
      reply = work();
    } catch (error) {
      reply = failureOf(error);
    }
    port.postMessage(reply);
  };
  let calls: SearchCalls | undefined;
  let files: PassageFiles | undefined;
  answer(() => {
    const shared = data.shared ?? readShared(data);
    files = new PassageFiles(data.folder, data.counts, shared.orders);
    calls = callsOf(
      files,
      shared.engine && createEngine(shared.engine, data.thread),
      data.analyzer,
    );
    return { kind: 'ready', shared };
  });
  port.on('message', (request: SearchRequest) => {
    if (request.call === 'close') {
      files?.close();
      port.close();
      return;
    }
    const { call, args } = request;
    answer(() => ({ kind: 'done', value: calls && make(calls, call, args) }));
  });
}

function make(calls: SearchCalls, call: keyof SearchCalls, args: readonly unknown[]): unknown {
  return (calls[call] as (...args: readonly unknown[]) => unknown)(...args);
}

function readShared({ folder, counts, analyzer, threads }: SearchWorkerData): SharedIndex {
  const options = { threads, scratchBytes: scratchBytes() };
  return {
    orders: readOrders(folder, counts),
    engine: analyzer && loadEngine(join(folder, engineFolder), options),
  };
}

function callsOf(
  files: PassageFiles,
  engine: Bm25Engine | undefined,
  described: Analyzer | undefined,
): SearchCalls {
  const analyzer: TextAnalyzer | undefined = described && createAnalyzer(described);
  const termsOf = (query: string): string[] => analyzer?.queryTerms(query) ?? [];
  return {
    search: (queries, depth, withPassages) =>
      queries.map((query) => {
        const rows = engine?.search(termsOf(query), depth) ?? [];
        return withPassages
          ? rows.map((found) => ({ ...found, passage: files.passage(found.row) }))
          : rows;
      }),
    explain: (query, row) => {
      if (engine === undefined) throw new Error('the index has no BM25');
      return engine.explain(termsOf(query), row);
    },
    passages: (rows) => rows.map((row) => files.passage(row)),
    rowOf: (id) => files.rowOf(id),
    page: (title) => files.page(title),
  };
}

function failureOf(error: unknown): SearchReply {
  const message = messageOf(error);
  if (!isSspError(error, 'SSP_INDEX_DAMAGED')) return { kind: 'failed', message };
  const { path = '', problem = '' } = error.details;
  return { kind: 'failed', message, damage: { path: String(path), problem: String(problem) } };
}
