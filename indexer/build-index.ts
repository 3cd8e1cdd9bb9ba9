import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

import type { Corpus } from '../corpus/corpus.ts';
import { openCorpus } from '../corpus/corpus.ts';
import type { IndexConfig } from '../src/config/index-build.ts';
import { SspError } from '../src/errors/error.ts';
import type { Progress } from '../src/progress/progress.ts';
import { dataFiles, openIndexFiles } from '../src/retrieval/index-files.ts';
import { dataFolder, writeHead } from '../src/retrieval/index-head.ts';
import { manifestHash } from '../src/retrieval/manifest-identity.ts';
import { openIndex } from '../src/retrieval/open-index.ts';
import { writeError } from '../src/storage/file-errors.ts';
import type { Encoder, EncoderSource } from '../src/types/encoder.ts';
import type { IndexHead, IndexManifest } from '../src/types/index-manifest.ts';
import { beginBuild } from './begin-build.ts';
import { indexWords } from './bm25-stage.ts';
import type { BuildContext } from './build-context.ts';
import type { Journal, StageName } from './build-plan.ts';
import { createBuildPlan, stageNames, writeJournal } from './build-plan.ts';
import { copyVectors } from './earlier-vectors.ts';
import type { FaissIndex } from './faiss/faiss-index.ts';
import { checkVectors, importVectors } from './faiss/import-vectors.ts';
import { allGenerations, removeGenerations } from './generations.ts';
import { withIndexFolder, withTemporaryFolder } from './index-folder.ts';
import { createManifest, fusionPart } from './manifest.ts';
import { meanPassageBytes } from './passage-bytes.ts';
import { indexLookups, storePassages } from './passage-stage.ts';
import { recordFiles } from './record-files.ts';
import { bytesNeeded } from './sizing.ts';
import { encodePassages, indexVectors } from './vector-stage.ts';

/** What `ssp index build` was asked for. */
export interface BuildRequest {
  readonly corpusFolder: string;
  readonly out: string;
  readonly config: IndexConfig;
  /** Needed for the mode `dense`; the caller closes it. */
  readonly encoder?: { readonly encoder: Encoder; readonly source: EncoderSource } | undefined;
  /** Vectors that are taken over instead of encoding; opened and closed by the caller. */
  readonly vectors?: FaissIndex | undefined;
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
 * a mode may be added to one. What is built comes in the place of what was there by one rename at
 * the end: until then that is whole, and is searched. Memory does not grow with the corpus. Throws
 * SSP_INDEX_BUSY, SSP_INDEX_DIFFERS, SSP_INDEX_DAMAGED, SSP_OUTPUT_FOREIGN for a folder of something
 * else, SSP_DISK_FULL, SSP_CORPUS_DAMAGED, SSP_FILE_NOT_FOUND, SSP_INTERRUPTED after an abort, and
 * SSP_VECTORS_MISMATCH for given vectors that are not those of the corpus by the encoder.
 */
export async function buildIndex(request: BuildRequest): Promise<BuiltIndex> {
  const { out, force, progress, signal } = request;
  const corpus = await openCorpus(request.corpusFolder);
  const plan = createBuildPlan(
    corpus,
    request.config,
    request.encoder?.encoder,
    request.vectors?.origin,
  );
  try {
    // Before anything is begun that would have to be removed.
    const { vectors, encoder: given } = request;
    if (vectors && given) await checkVectors(vectors, corpus, given.encoder, { progress, signal });
    return await withIndexFolder(out, async () => {
      const beginning = await beginBuild({ folder: out, plan, force, progress, signal });
      if ('finished' in beginning) return await keepFinished(request, beginning.finished);
      const { generation, journal } = beginning;
      return await withTemporaryFolder(dataFolder(out, generation), () =>
        runStages(request, corpus, generation, journal),
      );
    });
  } catch (error) {
    throw request.signal.aborted ? interrupted(out) : writeError(error, out);
  }
}

/** Looks whether a finished index can be opened; another fusion changes what is said of it. */
async function keepFinished(
  { out, config, progress }: BuildRequest,
  head: IndexHead,
): Promise<BuiltIndex> {
  await openIndexFiles(out, head).checkSizes();
  await (await openIndex(out, { threads: 1 })).close();
  const manifest = { ...head.manifest, ...fusionPart(head.manifest, config) };
  const built = { manifest, manifestHash: manifestHash(manifest) };
  if (built.manifestHash !== manifestHash(head.manifest))
    await writeHead(out, { ...head, manifest });
  await removeGenerations(out, head.former, progress);
  return built;
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
  generation: string,
  journal: Journal,
): Promise<BuiltIndex> {
  const { plan, done: doneBefore, vectorsFrom } = journal;
  const { out, progress, signal } = request;
  const folder = dataFolder(out, generation);
  const context: BuildContext = { folder, corpus, plan, progress, signal };
  const done = new Set(doneBefore);
  const pending = stagesOf(context, request, vectorsFrom).filter(({ name }) => !done.has(name));
  if (pending.length > 0) {
    const present = await bytesIn(out, generation);
    const passageBytes = await meanPassageBytes(corpus);
    const needed = bytesNeeded(corpus.manifest.passages, passageBytes, plan);
    await requireFreeBytes(out, needed - present);
  }
  for (const { name, work } of pending) {
    signal.throwIfAborted();
    await work();
    done.add(name);
    const inOrder = stageNames.filter((stage) => done.has(stage));
    await writeJournal(folder, { ...journal, done: inOrder });
  }
  const manifest = await createManifest(context, request.config, request.encoder);
  await switchTo(request, generation, manifest);
  return { manifest, manifestHash: manifestHash(manifest) };
}

/** Makes a whole generation the index, and removes those before it that nobody reads. */
async function switchTo(
  { out, progress, signal }: BuildRequest,
  generation: string,
  manifest: IndexManifest,
): Promise<void> {
  const files = await recordFiles(out, generation, progress, signal);
  const former = (await allGenerations(out)).filter((other) => other !== generation);
  await writeHead(out, { generation, former, manifest, files });
  await removeGenerations(out, former, progress);
}

/** Bytes of a generation's files; those that it shares with another one count too. */
async function bytesIn(folder: string, generation: string): Promise<number> {
  let bytes = 0;
  for (const file of await dataFiles(folder, generation)) {
    bytes += (await stat(join(dataFolder(folder, generation), file))).size;
  }
  return bytes;
}

function stagesOf(
  context: BuildContext,
  { out, encoder: given, vectors }: BuildRequest,
  vectorsFrom: string | undefined,
): { readonly name: StageName; readonly work: () => Promise<void> }[] {
  const { bm25, dense } = context.plan;
  const encoder = given?.encoder;
  return [
    { name: 'passages', work: () => storePassages(context) },
    { name: 'lookup', work: () => indexLookups(context) },
    ...(bm25 === undefined
      ? []
      : [{ name: 'bm25' as const, work: () => indexWords(context, bm25) }]),
    ...(dense === undefined || encoder === undefined
      ? []
      : [
          {
            name: 'vectors' as const,
            work: async () => {
              if (vectors !== undefined) return importVectors(context, dense, vectors);
              const isCopied =
                vectorsFrom !== undefined && (await copyVectors(context, dense, out, vectorsFrom));
              if (!isCopied) await encodePassages(context, dense, encoder);
            },
          },
          {
            name: 'vector-index' as const,
            work: () => indexVectors(context, dense),
          },
        ]),
  ];
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
