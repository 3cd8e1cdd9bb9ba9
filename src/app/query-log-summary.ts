import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { queryLogFile } from '../../services/search/query-log.ts';
import { isSspError, SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import { eachJsonLine } from '../storage/json-files.ts';
import type { LoggedQuery } from '../types/logged-query.ts';
import { loggedQuerySchema } from '../types/logged-query.ts';

/** Which lines of a log are counted, and how many queries are named. */
export interface SummaryRequest {
  /** The file or folder that `ssp serve --query-log` was given. */
  readonly path: string;
  readonly run?: string | undefined;
  readonly step?: string | undefined;
  readonly agent?: string | undefined;
  /** Queries named in each list. */
  readonly top: number;
}

/** A query, and how often. */
export interface CountedQuery {
  readonly query: string;
  readonly count: number;
}

/** What a query log says. All counts are 0 and all lists empty for one without lines. */
export interface QueryLogSummary {
  /** Oldest first. */
  readonly files: readonly string[];
  /** Lines that are none of a log, such as one that was being written. */
  readonly unreadLines: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly queries: number;
  readonly distinct: number;
  readonly runs: readonly RunSummary[];
  readonly cached: number;
  /** Answered without a hit. */
  readonly empty: number;
  /** Queries that one asker (run, step and agent) had asked before. */
  readonly repeated: number;
  /** By code. */
  readonly failures: Readonly<Record<string, number>>;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly mostAsked: readonly CountedQuery[];
  readonly foundNothing: readonly CountedQuery[];
  /** `count`: how often it came again from an asker that had asked it. */
  readonly mostRepeated: readonly CountedQuery[];
}

/** What one run asked; `run` is empty for requests that name none. */
interface RunSummary {
  readonly run: string;
  readonly queries: number;
  readonly empty: number;
  readonly repeated: number;
}

/**
 * Reads a query log and those that it was renamed to, oldest first; what cannot be read is counted.
 * Throws SSP_FILE_NOT_FOUND, SSP_FILE_UNREADABLE where nothing of the newest file can be, and the
 * signal's reason once it is aborted.
 */
export async function summarizeQueryLog(
  { path, top, ...wanted }: SummaryRequest,
  { progress, signal }: JobContext,
): Promise<QueryLogSummary> {
  const files = await logFiles(await queryLogFile(path));
  const counts = new QueryCounts();
  const stage = progress.stage('read', 'files', files.length);
  for (const file of files) {
    const onDamage = (error: SspError): void => {
      if (isSspError(error, 'SSP_FILE_UNREADABLE')) throw error;
      counts.unreadLines += 1;
    };
    for await (const line of eachJsonLine(file, 'query log', loggedQuerySchema, onDamage)) {
      signal.throwIfAborted();
      if (isWanted(line, wanted)) counts.add(line);
    }
    stage.add(1);
  }
  stage.end();
  return { files, ...counts.summary(top) };
}

type Wanted = Pick<SummaryRequest, 'run' | 'step' | 'agent'>;

function isWanted({ run, step, agent }: LoggedQuery, wanted: Wanted): boolean {
  const isSame = (own: string | undefined, other: string | undefined): boolean =>
    other === undefined || own === other;
  return isSame(run, wanted.run) && isSame(step, wanted.step) && isSame(agent, wanted.agent);
}

/** `<file>.2`, `<file>.1` and `<file>`, as far as they are there. */
async function logFiles(file: string): Promise<string[]> {
  const names = await readdir(dirname(file)).catch(() => []);
  const ages = names
    .filter((name) => name === basename(file) || name.startsWith(`${basename(file)}.`))
    .map((name) => ({ name, age: name.slice(basename(file).length + 1) || '0' }))
    .filter(({ age }) => /^\d+$/.test(age))
    .sort((a, b) => Number(b.age) - Number(a.age));
  if (ages.length === 0)
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'query log', path: file });
  return ages.map(({ name }) => join(dirname(file), name));
}

/** Whoever asks without a name is not one. */
const noAsker = JSON.stringify(['', '', '']);

class QueryCounts {
  unreadLines = 0;
  readonly #asked = new Map<string, number>();
  readonly #empty = new Map<string, number>();
  readonly #again = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #runs = new Map<string, { queries: number; empty: number; repeated: number }>();
  readonly #byAsker = new Map<string, Set<string>>();
  readonly #ms: number[] = [];
  #cached = 0;
  #from: string | null = null;
  #to: string | null = null;

  add(line: LoggedQuery): void {
    const { run = '', step = '', agent = '', query, time } = line;
    const asker = JSON.stringify([run, step, agent]);
    const known = this.#byAsker.get(asker) ?? new Set();
    const own = this.#runs.get(run) ?? { queries: 0, empty: 0, repeated: 0 };
    this.#runs.set(run, own);
    own.queries += 1;
    count(this.#asked, query);
    if (known.has(query) && asker !== noAsker) {
      own.repeated += 1;
      count(this.#again, query);
    }
    this.#byAsker.set(asker, known.add(query));
    if (line.error !== undefined) count(this.#failures, line.error);
    if (line.hits === 0) {
      own.empty += 1;
      count(this.#empty, query);
    }
    if (line.cached === true) this.#cached += 1;
    this.#ms.push(line.ms);
    if (this.#from === null || time < this.#from) this.#from = time;
    if (this.#to === null || time > this.#to) this.#to = time;
  }

  summary(top: number): Omit<QueryLogSummary, 'files'> {
    const runs = [...this.#runs].map(([run, own]) => ({ run, ...own }));
    const ms = this.#ms.toSorted((a, b) => a - b);
    return {
      ...{ unreadLines: this.unreadLines, from: this.#from, to: this.#to },
      ...{ queries: ms.length, distinct: this.#asked.size, cached: this.#cached },
      ...{ empty: sum(this.#empty), repeated: sum(this.#again) },
      runs: runs.sort((a, b) => b.queries - a.queries || (a.run < b.run ? -1 : 1)),
      failures: Object.fromEntries(this.#failures),
      ...{ medianMs: quantile(ms, 0.5), p95Ms: quantile(ms, 0.95) },
      mostAsked: most(this.#asked, top),
      foundNothing: most(this.#empty, top),
      mostRepeated: most(this.#again, top),
    };
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, each) => total + each, 0);
}

/** Those that were counted most; of equal ones the first by code units. */
function most(counts: ReadonlyMap<string, number>, top: number): CountedQuery[] {
  return [...counts]
    .map(([query, times]) => ({ query, count: times }))
    .sort((a, b) => b.count - a.count || (a.query < b.query ? -1 : 1))
    .slice(0, top);
}

/** The value below which that share of sorted values lies (nearest rank); 0 for none. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
