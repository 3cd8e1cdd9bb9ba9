import { windowRows } from '../src/bm25/format.ts';
import type { VectorDtype } from '../src/types/index-manifest.ts';
import type { BuildPlan } from './build-plan.ts';

/** What an index is sized for. */
export interface SizingRequest {
  readonly passages: number;
  /** Mean UTF-8 length of title and text of a passage; 100-word passages of English have 600. */
  readonly meanPassageBytes: number;
  /** Length of a vector; 0 for an index without vectors. e5-small 384, e5-base 768. */
  readonly dimension: number;
  /** Of the stored vectors; fp16, as those of e5 are by default. */
  readonly vectorDtype?: VectorDtype | undefined;
  /** What the encoder does on this machine, passages a second; 0 where it is not known. */
  readonly passagesPerSecond?: number;
  readonly bm25?: boolean;
  /** Two where they are not given. */
  readonly cores?: number;
}

/** Estimates; times are absent where the encoder's rate is not known. */
export interface Sizing {
  /** The finished index. */
  readonly indexBytes: number;
  /** Free disk that a build asks for: the index and what lies beside it while it is made. */
  readonly buildDiskBytes: number;
  /** Memory of `ssp index build` without the encoder's own. */
  readonly buildMemoryBytes: number;
  /** Most memory of `ssp serve` under load, without the encoder's own. */
  readonly serveMemoryBytes: number;
  readonly encodeSeconds?: number;
  /** Everything but encoding, on the cores of the request. */
  readonly indexSeconds: number;
}

const MiB = 2 ** 20;
const bytesOfNumber = { fp32: 4, fp16: 2 } as const;

/**
 * Measured constants: docs/index.md says on what. Each is rounded up, since it is a promise that
 * something fits and not a mean.
 */
const measured = {
  /** Bytes on disk of the records of passages per byte of text: they lie as they are. */
  recordsPerTextByte: 1.02,
  /** Bytes on disk per passage: JSON around the text, id, checksum, place, lookups. */
  recordsPerPassage: 80,
  bm25PerTextByte: 0.58,
  /** Quantised vectors, graph and rounding, as a share of the float32 vectors. */
  vectorIndexShare: 0.1,
  buildBaseBytes: 1290 * MiB,
  buildPerPassage: 65,
  serveBaseBytes: 450 * MiB,
  servePerPassage: 315,
} as const;

/** Measured on two cores, times two: what one core does alone is in it. See docs/index.md. */
const processorSeconds = {
  /** A passage: stored, its lookups, read back and hashed. */
  passage: 40e-6,
  words: 65e-6,
  /** Merging them, for each time that the windows double. */
  merge: 5e-6,
  /** A number of its vector: stored, indexed, read back and hashed. */
  vectorNumber: 0.5e-6,
} as const;

/** Time of the index of so many vectors on `cores`. */
export function vectorSeconds(passages: number, dimension: number, cores: number): number {
  return (passages * dimension * processorSeconds.vectorNumber) / cores;
}

function bm25Seconds(passages: number): number {
  const doublings = Math.log2(1 + passages / windowRows);
  return passages * (processorSeconds.words + processorSeconds.merge * doublings);
}

/** What an index of `passages` takes on disk, in memory and in time. Pure; 0 passages are allowed. */
export function sizeOf(request: SizingRequest): Sizing {
  const { passages, meanPassageBytes, dimension, passagesPerSecond = 0, bm25 = true } = request;
  const { vectorDtype = 'fp16', cores = 2 } = request;
  const textBytes = passages * meanPassageBytes;
  const vectorBytes = passages * dimension * bytesOfNumber[vectorDtype];
  const recordBytes =
    textBytes * measured.recordsPerTextByte + passages * measured.recordsPerPassage;
  const bm25Bytes = bm25 ? textBytes * measured.bm25PerTextByte : 0;
  const indexBytes = Math.ceil(
    recordBytes + bm25Bytes + vectorBytes * (1 + measured.vectorIndexShare),
  );
  const served = passages * measured.servePerPassage + vectorBytes * measured.vectorIndexShare;
  return {
    indexBytes,
    buildDiskBytes: Math.ceil(indexBytes + bm25Bytes + vectorBytes * measured.vectorIndexShare),
    buildMemoryBytes: measured.buildBaseBytes + passages * measured.buildPerPassage,
    serveMemoryBytes: Math.ceil(measured.serveBaseBytes + served),
    indexSeconds:
      (passages * processorSeconds.passage + (bm25 ? bm25Seconds(passages) : 0)) / cores +
      vectorSeconds(passages, dimension, cores),
    ...(passagesPerSecond > 0 && dimension > 0
      ? { encodeSeconds: passages / passagesPerSecond }
      : {}),
  };
}

/** Free disk that the build of `plan` asks for; `passageBytes` is the mean length of title and text. */
export function bytesNeeded(passages: number, passageBytes: number, plan: BuildPlan): number {
  return sizeOf({
    passages,
    meanPassageBytes: passageBytes,
    dimension: plan.dense?.encoder.dimension ?? 0,
    vectorDtype: plan.dense?.vectorDtype,
    bm25: plan.bm25 !== undefined,
  }).buildDiskBytes;
}

/** An encoder as far as it decides what an index needs. */
export interface EncoderSize {
  readonly name: string;
  readonly dimension: number;
  /** Weights of the transformer layers: what a token is multiplied with; where the rate is not measured. */
  readonly layerWeights?: number;
  /** What it does here, where that was measured. */
  readonly passagesPerSecond?: number;
  /** All weights in fp32, the word embeddings included. */
  readonly weightBytes: number;
}

/** The published e5 models (Wang et al. 2022): BERT of 12 layers, vocabulary of 30,522. */
export const e5Sizes: readonly EncoderSize[] = [
  { name: 'e5-small-v2', dimension: 384, layerWeights: 21_300_000, weightBytes: 133_000_000 },
  { name: 'e5-base-v2', dimension: 768, layerWeights: 85_100_000, weightBytes: 438_000_000 },
];

/** What building and serving an index takes, the encoder's own memory included. */
export interface IndexNeeds {
  /** The finished index. */
  readonly diskBytes: number;
  /** Free disk that the build asks for. */
  readonly buildDiskBytes: number;
  readonly buildMemoryBytes: number;
  readonly serveMemoryBytes: number;
  readonly buildSeconds: number;
  /** The same where an embeddings server on a GPU encodes; absent where that makes no difference. */
  readonly gpuBuildSeconds?: number;
}

/** Title and text of a 100-word passage of English. */
const meanPassageBytes = 600;
/** `npm run bench -- encoding`: a BERT of 10.6 M layer weights encodes 54 passages/s on two cores, fp32. */
const encodedWeightsPerSecondCore = 27 * 10_600_000;
/** What a GPU computes in half precision, a third of an A100's peak: assumed, not measured here. */
const gpuFlops = 1e14;
const meanPassageTokens = 130;
/** The weights as they are read and as the runtime lays them out. */
const encoderCopies = 2;

/**
 * What an index of `passages` (about 100 words each) needs on `cores`: BM25, and with `encoder` also
 * vectors in fp16. The time is that of an encoder's measured rate, else of its size.
 */
export function indexNeeds(passages: number, cores: number, encoder?: EncoderSize): IndexNeeds {
  const { dimension = 0, layerWeights = Infinity, weightBytes = 0 } = encoder ?? {};
  const passagesPerSecond =
    encoder?.passagesPerSecond ?? (encodedWeightsPerSecondCore * cores) / layerWeights;
  const size = sizeOf({ passages, meanPassageBytes, dimension, passagesPerSecond, cores });
  const gpuSeconds = (2 * layerWeights * meanPassageTokens * passages) / gpuFlops;
  const encoderBytes = encoderCopies * weightBytes;
  return {
    diskBytes: size.indexBytes,
    buildDiskBytes: size.buildDiskBytes,
    buildMemoryBytes: size.buildMemoryBytes + encoderBytes,
    serveMemoryBytes: size.serveMemoryBytes + encoderBytes,
    buildSeconds: size.indexSeconds + (size.encodeSeconds ?? 0),
    ...(Number.isFinite(gpuSeconds) ? { gpuBuildSeconds: size.indexSeconds + gpuSeconds } : {}),
  };
}
