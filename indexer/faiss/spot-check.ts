import type { Corpus } from '../../corpus/corpus.ts';
import { SspError } from '../../src/errors/error.ts';
import type { Stage } from '../../src/progress/progress.ts';
import type { Encoder } from '../../src/types/encoder.ts';
import type { Passage } from '../../src/types/passage.ts';
import type { FaissIndex } from './faiss-index.ts';

/** Passages that are encoded, spread over the corpus; each is the shortest of so many in a row. */
const [places, window] = [64, 8];
/** Less than this is another vector: other weights, another text, another row. */
const leastCosine = 0.999;
/** How far a row that does not fit is looked for. */
const searchedRows = 64;

interface Sample {
  readonly row: number;
  readonly passage: Passage;
}

/**
 * Encodes passages from all over the corpus and compares them with their vectors. Short ones are taken,
 * since publishers cut long ones at other lengths. Throws SSP_VECTORS_MISMATCH with the first row that
 * does not fit and what is the matter: rows that are shifted, titles that were embedded in quotes, or
 * another encoder. A corpus without passages is not checked.
 */
export async function spotCheck(
  source: FaissIndex,
  corpus: Corpus,
  encoder: Encoder,
  stage: Stage,
  signal: AbortSignal,
): Promise<void> {
  const samples: Sample[] = [];
  for await (const sample of samplesOf(corpus)) {
    signal.throwIfAborted();
    samples.push(sample);
    stage.add(1);
  }
  if (samples.length === 0) return;
  const passages = samples.map(({ passage }) => passage);
  const { vectors_N_D, dimension } = await encoder.encodePassages(passages, signal);
  for (const [i, sample] of samples.entries()) {
    const wanted = vectors_N_D.subarray(i * dimension, (i + 1) * dimension);
    const cosine = cosineOf(wanted, await source.vectors(sample.row, 1));
    if (cosine >= leastCosine) continue;
    throw new SspError('SSP_VECTORS_MISMATCH', {
      problem: `the vector of row ${sample.row} is not that of passage ${sample.passage.id} (cosine ${cosine.toFixed(4)})`,
      advice: await adviceFor(source, sample, wanted, encoder, signal),
    });
  }
}

/** The shortest passage with text in each of the places, first and last rows among them. */
async function* samplesOf(corpus: Corpus): AsyncGenerator<Sample> {
  const { passages: total, shards } = corpus.manifest;
  const shardEnds: number[] = [];
  for (const { records } of shards) shardEnds.push((shardEnds.at(-1) ?? 0) + records);
  let open: { rows: AsyncGenerator<Passage>; next: number; end: number } | undefined;
  for (const first of placesIn(total)) {
    if (open === undefined || first >= open.end) {
      await open?.rows.return(undefined);
      const end = shardEnds.find((shardEnd) => shardEnd > first) ?? total;
      open = { rows: corpus.passages(first), next: first, end };
    }
    let shortest: Sample | undefined;
    while (open.next < Math.min(first + window, total)) {
      const read = await open.rows.next();
      if (read.done === true) break;
      const [row, passage] = [open.next, read.value];
      open.next += 1;
      const isShorter =
        shortest === undefined || passage.text.length < shortest.passage.text.length;
      if (row >= first && passage.text.trim() !== '' && isShorter) shortest = { row, passage };
    }
    if (shortest !== undefined) yield shortest;
  }
  await open?.rows.return(undefined);
}

/** First rows of the windows, from the first rows to the last; fewer where these would overlap. */
function placesIn(total: number): number[] {
  const last = Math.max(0, total - window);
  const count = total === 0 ? 0 : Math.min(places, Math.floor(last / window) + 1);
  const starts = Array.from({ length: count }, (_value, i) =>
    count === 1 ? last : Math.floor((last * i) / (count - 1)),
  );
  return starts;
}

async function adviceFor(
  source: FaissIndex,
  { row, passage }: Sample,
  wanted: Float32Array,
  encoder: Encoder,
  signal: AbortSignal,
): Promise<string> {
  const first = Math.max(0, row - searchedRows);
  const vectors = await source.vectors(first, 2 * searchedRows + 1);
  const { dimension } = source;
  for (let i = 0; (i + 1) * dimension <= vectors.length; i += 1) {
    const near = vectors.subarray(i * dimension, (i + 1) * dimension);
    if (cosineOf(wanted, near) >= leastCosine) {
      return `It is in row ${first + i}: rows are missing, or there are others, in one of the two.`;
    }
  }
  const quoted = { ...passage, title: `"${passage.title}"` };
  const { vectors_N_D } = await encoder.encodePassages([quoted], signal);
  return cosineOf(vectors_N_D, await source.vectors(row, 1)) >= leastCosine
    ? 'It was made with the title in double quotes, as in wiki-18: pass --encoder-quoted-titles.'
    : 'Give the encoder that made the vectors, with its prefixes and pooling, and the corpus in its order.';
}

/** 0 where one of them is no direction. */
function cosineOf(one: Float32Array, other: Float32Array): number {
  let [product, oneSquare, otherSquare] = [0, 0, 0];
  for (let d = 0; d < one.length; d += 1) {
    const [a, b] = [one[d] ?? 0, other[d] ?? 0];
    product += a * b;
    oneSquare += a * a;
    otherSquare += b * b;
  }
  const lengths = Math.sqrt(oneSquare * otherSquare);
  return lengths > 0 && Number.isFinite(lengths) ? product / lengths : 0;
}
