import { availableParallelism } from 'node:os';

import { mapOrdered } from '../src/concurrency/limits.ts';
import type { CorpusConfig } from '../src/config/corpus.ts';
import { SspError } from '../src/errors/error.ts';
import { printableLine } from '../src/progress/printable.ts';
import type { Progress, Stage } from '../src/progress/progress.ts';
import { hashOf, hashOfValue } from '../src/storage/hash.ts';
import type { CorpusManifest } from '../src/types/corpus-manifest.ts';
import { toolVersion } from '../src/version.ts';
import type { BuildState } from './build-journal.ts';
import { CorpusWriter, withCorpusFolder } from './corpus-writer.ts';
import type { DumpPage, DumpSite } from './dump-parser.ts';
import { InputFile } from './input-file.ts';
import type { PagePool, Settled } from './page-settler.ts';
import { pageOptions, PageSettler, startPagePool } from './page-settler.ts';
import type { SitedPage } from './read-dump.ts';
import { readDump } from './read-dump.ts';

export interface BuildRequest {
  /** Dump files, read in this order; `-` for standard input. */
  readonly paths: readonly string[];
  readonly out: string;
  readonly force: boolean;
  /** Forget an unfinished run in `out` instead of continuing it. */
  readonly restart: boolean;
  readonly config: CorpusConfig;
  /** Threads to use instead of own ones; they must have been started with the same config. */
  readonly pool?: PagePool;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Pages under way for each worker: enough that a slow one does not let the others idle. */
const pagesPerWorker = 16;
/** Counts up when the files of a corpus change: work of another layout is not continued. */
const layout = 4;
/** Failures that are shown as they happen; all of them stand in failures.jsonl.gz. */
const notedFailures = 5;

/**
 * Makes a corpus of MediaWiki dumps. Passages come in the order of the pages, whatever the number
 * of workers. Every page read has one outcome; a page that cannot be parsed is recorded as failed.
 * An interrupted or failed run is continued after its last finished shard by the same request: the
 * dump is read again from its start, but finished pages are not parsed again.
 *
 * Throws SSP_INPUT_EMPTY for input without pages, SSP_DUMP_WITHOUT_TEXT, SSP_INPUT_CHANGED, SSP_DUMP_INVALID,
 * SSP_INPUT_DAMAGED, SSP_WORKER_FAILED, SSP_INTERRUPTED, and what {@link withCorpusFolder} throws.
 */
export function buildCorpus(request: BuildRequest): Promise<CorpusManifest> {
  return withCorpusFolder(request, () => writeCorpus(request));
}

async function writeCorpus(request: BuildRequest): Promise<CorpusManifest> {
  const { config, out, progress } = request;
  const inputs = await Promise.all(request.paths.map((path) => InputFile.open(path)));
  const options = { ...pageOptions(config), namespaces: config.namespaces };
  const { shardPassages } = config;
  const key = hashOfValue({ toolVersion, layout, ...options, shardPassages });
  const writer = await CorpusWriter.open(out, shardPassages, key, request.restart);
  const build = new Build(inputs, writer, request);
  try {
    await build.run();
    const { pages, outcomes } = build.state;
    if (pages === 0) {
      throw new SspError('SSP_INPUT_EMPTY', { path: request.paths.join(', '), what: 'pages' });
    }
    build.checkTexts();
    const manifest = await writer.finish({
      source: 'mediawiki',
      inputs: inputs.map((input) => input.identity()),
      ...siteOf(build.site),
      options: { ...options, shardPassages },
      outcomes,
      read: pages,
    });
    if (manifest.passages === 0) progress.note('no page gave a passage: see the outcomes');
    return manifest;
  } catch (error) {
    await writer.suspend();
    throw error;
  }
}

function siteOf(site: DumpSite | undefined): Pick<CorpusManifest, 'site'> {
  if (site === undefined || site.base === '') return {};
  return { site: { name: site.name, base: site.base, language: site.language } };
}

/** One run over the inputs. */
class Build {
  state: BuildState = { pages: 0, pagesHash: '', outcomes: {} };
  site: DumpSite | undefined;
  readonly #inputs: readonly InputFile[];
  readonly #writer: CorpusWriter;
  readonly #request: BuildRequest;
  readonly #workers: number;
  #failures = 0;
  /** Pages with a text, and those whose text the dump says was deleted. */
  #withText = 0;
  #deleted = 0;

  constructor(inputs: readonly InputFile[], writer: CorpusWriter, request: BuildRequest) {
    this.#inputs = inputs;
    this.#writer = writer;
    this.#request = request;
    this.#workers = request.config.workers === 0 ? availableParallelism() : request.config.workers;
  }

  async run(): Promise<void> {
    const { config } = this.#request;
    const pool = this.#request.pool ?? startPagePool(config, this.#workers);
    const settler = new PageSettler(config.namespaces, pool);
    const { signal } = this.#request;
    // A page may take a minute: own threads end at once, and with them the wait for their pages.
    const stop = (): void => {
      if (pool !== this.#request.pool) void pool.close();
    };
    signal.addEventListener('abort', stop);
    const { resumed } = this.#writer;
    if (resumed !== undefined) {
      this.#request.progress.note(`continuing after ${resumed.pages} pages of an earlier run`);
    }
    let number = 0;
    const settle = async (sited: SitedPage): Promise<[SitedPage, Settled | undefined]> => {
      number += 1;
      return [sited, await settler.settle(sited, number <= (resumed?.pages ?? 0))];
    };
    try {
      const limit = this.#workers * pagesPerWorker;
      for await (const [sited, settled] of mapOrdered(this.#pages(), limit, settle)) {
        if (signal.aborted) break;
        this.site ??= sited.site;
        await this.#take(sited.page, settled);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      if (pool !== this.#request.pool) await pool.close();
    }
    this.#checkSignal();
    if (resumed !== undefined && this.state.pages < resumed.pages) throw this.#changed(resumed);
  }

  /** A dump whose texts were all deleted, or of the kind that never holds any, is a mistake. */
  checkTexts(): void {
    if (this.#withText > 0) return;
    throw new SspError('SSP_DUMP_WITHOUT_TEXT', {
      count: this.state.pages,
      path: this.#request.paths.join(', '),
      problem:
        this.#deleted > 0
          ? `${this.#deleted} were deleted`
          : 'dumps of titles and revisions (stub) hold none',
    });
  }

  async *#pages(): AsyncGenerator<SitedPage> {
    const stage = this.#stage();
    const { signal } = this.#request;
    for (const input of this.#inputs) {
      const onBytes = (bytes: number): void => {
        stage.add(bytes);
      };
      yield* readDump(input, { workers: this.#workers, signal, onBytes });
    }
    stage.end();
  }

  #stage(): Stage {
    const sizes = this.#inputs.map((input) => input.totalBytes);
    const total = sizes.includes(undefined)
      ? undefined
      : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    return this.#request.progress.stage('corpus', 'bytes', total);
  }

  /** Counts and writes one page, in dump order. */
  async #take(page: DumpPage, settled: Settled | undefined): Promise<void> {
    if (page.text !== '' || page.isTooLong) this.#withText += 1;
    if (page.isDeleted) this.#deleted += 1;
    const { resumed } = this.#writer;
    const pagesHash = hashOf(
      `${this.state.pagesHash}\n${page.title}\n${page.id ?? ''}\n${page.timestamp ?? ''}\n${page.text}`,
    );
    const pages = this.state.pages + 1;
    this.state = { ...this.state, pages, pagesHash };
    if (resumed !== undefined && pages <= resumed.pages) {
      if (pages < resumed.pages) return;
      if (pagesHash !== resumed.pagesHash) throw this.#changed(resumed);
      this.state = resumed;
      return;
    }
    if (settled === undefined) return;
    const count = (this.state.outcomes[settled.outcome] ?? 0) + 1;
    this.state = {
      ...this.state,
      outcomes: { ...this.state.outcomes, [settled.outcome]: count },
    };
    await this.#write(page.title, settled);
    await this.#writer.cut(() => this.state);
  }

  async #write(title: string, settled: Settled): Promise<void> {
    if ('passages' in settled) {
      for (const passage of settled.passages) await this.#writer.passage(passage);
      for (const anchor of settled.anchors) await this.#writer.anchor(anchor);
    } else if ('target' in settled) {
      if (title !== '' && settled.target !== '') {
        await this.#writer.alias({ alias: title, title: settled.target });
      }
    } else if ('reason' in settled) {
      await this.#writer.failure({ title, reason: settled.reason });
      if (settled.outcome === 'failed') this.#noteFailure(title, settled.reason);
    }
  }

  #noteFailure(title: string, reason: string): void {
    this.#failures += 1;
    if (this.#failures > notedFailures) return;
    this.#request.progress.note(printableLine(`failed page "${title}": ${reason}`));
  }

  #checkSignal(): void {
    if (!this.#request.signal.aborted) return;
    throw new SspError('SSP_INTERRUPTED', {
      progress: `${this.state.pages} pages were read, ${this.#writer.savedPassages} passages are kept.`,
      resume: 'it continues after the last finished shard.',
    });
  }

  #changed(resumed: BuildState): SspError {
    const details = { count: resumed.pages, what: 'pages', path: this.#request.out };
    return new SspError('SSP_INPUT_CHANGED', details);
  }
}
