import type { Corpus } from '../../corpus/corpus.ts';
import { SspError } from '../../src/errors/error.ts';
import type { JobContext } from '../../src/progress/progress.ts';
import type { Encoder } from '../../src/types/encoder.ts';
import { vectorRows } from '../arrow-rows.ts';
import type { BuildContext } from '../build-context.ts';
import type { DensePlan } from '../build-plan.ts';
import { ensureVectors } from '../tables.ts';
import { segmentRows } from '../vector-stage.ts';
import type { FaissIndex } from './faiss-index.ts';
import { spotCheck } from './spot-check.ts';

/** How far a unit vector's length may be from 1; fp16 loses up to a thousandth. */
const lengthTolerance = 0.01;

/**
 * Makes sure that a FAISS index holds the vectors of this corpus by this encoder: as many rows as
 * passages, the encoder's dimension, a metric that ranks as the inner product does, and a sample of rows.
 * Throws SSP_VECTORS_MISMATCH.
 */
export async function checkVectors(
  source: FaissIndex,
  corpus: Corpus,
  encoder: Encoder,
  { progress, signal }: JobContext,
): Promise<void> {
  const { passages } = corpus.manifest;
  const { dimension, normalize } = encoder.description;
  if (source.rows !== passages) {
    const problem = `it has ${source.rows} rows, the corpus ${passages} passages`;
    throw mismatch(problem, 'Row i must be passage i: import the corpus that it was made of.');
  }
  if (source.dimension !== dimension) {
    const problem = `its vectors have ${source.dimension} dimensions, the encoder's ${dimension}`;
    throw mismatch(problem, 'Give the encoder that made them with --encoder-model.');
  }
  if (source.metric === 'L2' && !normalize) {
    const problem = 'it compares by L2, and the encoder does not make unit vectors';
    throw mismatch(problem, 'Only of unit vectors do L2 and inner product give the same ranking.');
  }
  const stage = progress.stage('checking vectors', 'passages');
  await spotCheck(source, corpus, encoder, stage, signal);
  stage.end();
}

/**
 * Stage `vectors` from a FAISS index: copies its rows into the vector table, from where an earlier run
 * stopped, a fragment of the table at a time. What a publisher cut is not known: no passage counts as
 * truncated. Throws SSP_VECTORS_MISMATCH at a row that is no vector, or none of length 1 where the encoder
 * makes such.
 */
export async function importVectors(
  context: BuildContext,
  plan: DensePlan,
  source: FaissIndex,
): Promise<void> {
  const { progress, signal } = context;
  const { dimension, normalize } = plan.encoder;
  const table = await ensureVectors(context, plan);
  const done = await table.countRows();
  if (done > 0) progress.note(`vectors: going on after ${done}`);
  const stage = progress.stage('vectors', 'passages', source.rows - done);
  for (let row = done; row < source.rows; row += segmentRows) {
    signal.throwIfAborted();
    const count = Math.min(segmentRows, source.rows - row);
    const vectors_N_D = await source.vectors(row, count);
    checkLengths(vectors_N_D, dimension, normalize, row);
    const truncated_N = new Array<boolean>(count).fill(false);
    await table.add(vectorRows(vectors_N_D, truncated_N, row, plan.vectorDtype));
    stage.add(count);
  }
  stage.end();
  table.close();
}

function checkLengths(
  vectors_N_D: Float32Array,
  dimension: number,
  areUnit: boolean,
  firstRow: number,
): void {
  for (let start = 0; start < vectors_N_D.length; start += dimension) {
    let square = 0;
    for (let d = start; d < start + dimension; d += 1) square += (vectors_N_D[d] ?? 0) ** 2;
    const length = Math.sqrt(square);
    const isRight = areUnit
      ? Math.abs(length - 1) <= lengthTolerance
      : length > 0 && Number.isFinite(length);
    if (isRight) continue;
    const problem = `the vector of row ${firstRow + start / dimension} has the length ${length.toPrecision(4)}`;
    throw mismatch(problem, 'The file is damaged, or another encoder has made it.');
  }
}

function mismatch(problem: string, advice: string): SspError {
  return new SspError('SSP_VECTORS_MISMATCH', { problem, advice });
}
