import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';

import type { Corpus } from '../corpus/corpus.ts';
import { openCorpus } from '../corpus/corpus.ts';
import type { IndexConfig } from '../src/config/index-build.ts';
import { SspError } from '../src/errors/error.ts';
import type { Progress } from '../src/progress/progress.ts';
import { connectTables, openIndexTables } from '../src/retrieval/lance-tables.ts';
import { manifestHash } from '../src/retrieval/manifest-identity.ts';
import { writeJsonAtomic } from '../src/storage/atomic-file.ts';
import { readJsonFile } from '../src/storage/json-files.ts';
import type { Encoder, EncoderSource } from '../src/types/encoder.ts';
import type { IndexManifest } from '../src/types/index-manifest.ts';
import { indexManifestSchema } from '../src/types/index-manifest.ts';
import type { BuildContext } from './build-context.ts';
import type { Journal, StageName } from './build-plan.ts';
import { createBuildPlan, stageNames, writeJournal } from './build-plan.ts';
import { prepareFolder, withIndexFolder, withTemporaryFolder } from './index-folder.ts';
import { createManifest, fusionPart } from './manifest.ts';
import { indexFullText, indexLookups, storePassages } from './passage-stage.ts';
import { bytesNeeded } from './sizing.ts';
import { encodePassages, indexVectors } from './vector-stage.ts';

/** What `ssp index build` was asked for. */
export interface BuildRequest {
  readonly corpusFolder: string;
  readonly out: string;
  readonly config: IndexConfig;
  /** Needed for the mode `dense`; the caller closes it. */
  readonly encoder?: { readonly encoder: Encoder; readonly source: EncoderSource } | undefined;
  /** Replaces what `out` holds: what other settings change, or everything where they are equal. */
  readonly force: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A finished index. */
export interface BuiltIndex {
  readonly manifest: IndexManifest;
  readonly manifestHash: string;
}

/**
 * Builds the index of a corpus, or goes on with one that was interrupted: after a kill at any
 * moment the same request gives the same index. An index that is already finished is left as it is;
 * a mode may be added to one. Memory does not grow with the corpus. Throws SSP_INDEX_BUSY,
 * SSP_INDEX_DIFFERS, SSP_OUTPUT_FOREIGN for a folder of something else, SSP_DISK_FULL,
 * SSP_CORPUS_DAMAGED, SSP_FILE_NOT_FOUND, and SSP_INTERRUPTED after an abort.
 */
export async function buildIndex(request: BuildRequest): Promise<BuiltIndex> {
  const corpus = await openCorpus(request.corpusFolder);
  const plan = createBuildPlan(corpus, request.config, request.encoder?.encoder);
  try {
    return await withIndexFolder(request.out, async () => {
      const journal = await prepareFolder(request.out, plan, request.force);
      return withTemporaryFolder(request.out, () => runStages(request, corpus, journal));
    });
  } catch (error) {
    throw request.signal.aborted ? interrupted(request.out) : error;
  }
}

function interrupted(path: string): SspError {
  return new SspError('SSP_INTERRUPTED', {
    progress: `what was done stands in ${path}.`,
    resume: 'it goes on where it stopped.',
  });
}

async function runStages(
  request: BuildRequest,
  corpus: Corpus,
  journal: Journal,
): Promise<BuiltIndex> {
  const { out, progress, signal } = request;
  const { plan } = journal;
  const connection = await connectTables(out);
  const context: BuildContext = { folder: out, connection, corpus, plan, progress, signal };
  const stages = stagesOf(context, request.encoder?.encoder);
  const done = new Set(journal.done);
  const pending = stages.filter(({ name }) => !done.has(name));
  const finished = pending.length === 0 ? await finishedManifest(out) : undefined;
  if (finished !== undefined) (await openIndexTables(out, finished)).close();
  if (finished === undefined) await requireFreeBytes(out, bytesNeeded(corpus.manifest, plan));
  for (const { name, work } of pending) {
    signal.throwIfAborted();
    await work();
    done.add(name);
    await writeJournal(out, { plan, done: stageNames.filter((stage) => done.has(stage)) });
  }
  const manifest =
    finished === undefined
      ? await createManifest(context, request.config, request.encoder)
      : { ...finished, ...fusionPart(finished, request.config) };
  await writeJsonAtomic(join(out, 'manifest.json'), manifest);
  return { manifest, manifestHash: manifestHash(manifest) };
}

function stagesOf(
  context: BuildContext,
  encoder: Encoder | undefined,
): { readonly name: StageName; readonly work: () => Promise<void> }[] {
  const { bm25, dense } = context.plan;
  return [
    { name: 'passages', work: () => storePassages(context) },
    { name: 'lookup', work: () => indexLookups(context) },
    ...(bm25 === undefined
      ? []
      : [{ name: 'bm25' as const, work: () => indexFullText(context, bm25.analyzer) }]),
    ...(dense === undefined || encoder === undefined
      ? []
      : [
          { name: 'vectors' as const, work: () => encodePassages(context, encoder) },
          {
            name: 'vector-index' as const,
            work: () => indexVectors(context, dense.vectorIndex, dense.encoder.dimension),
          },
        ]),
  ];
}

async function finishedManifest(out: string): Promise<IndexManifest | undefined> {
  const path = join(out, 'manifest.json');
  return existsSync(path) ? readJsonFile(path, 'index manifest', indexManifestSchema) : undefined;
}

/** Bytes that an ordinary user may still write on the disk of `folder`. */
async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws SSP_DISK_FULL where the disk of `folder` has less than `neededBytes` free. */
async function requireFreeBytes(folder: string, neededBytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= neededBytes) return;
  throw new SspError('SSP_DISK_FULL', {
    path: folder,
    problem: `it has ${showBytes(free)} free, and the index needs about ${showBytes(neededBytes)}`,
  });
}

/** `1.5 GiB`: three significant figures with a binary unit. */
function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toPrecision(3)} ${units[unit] ?? ''}`;
}
