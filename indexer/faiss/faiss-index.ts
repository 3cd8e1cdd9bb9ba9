import { createHash } from 'node:crypto';

import { SspError } from '../../src/errors/error.ts';
import type { FaissOrigin } from '../../src/types/index-manifest.ts';
import { otherKind, quantizers } from './faiss-kinds.ts';
import { PartedFile } from './parted-file.ts';

/** Where the vectors stand in a FAISS file. */
interface Layout {
  readonly index: FaissOrigin['index'];
  readonly metric: 'inner product' | 'L2';
  readonly dtype: FaissOrigin['dtype'];
  readonly rows: number;
  readonly dimension: number;
  /** Offset of row 0. */
  readonly start: number;
}

const bytesOf = { fp32: 4, fp16: 2 } as const;
/** Where the words of the header that every index has begin, and where it ends. */
const at = { dimension: 4, rows: 8, metric: 33, end: 37 };
const largestDimension = 65_536;
const fp16Quantizer = 4;
const samples = 64;
const sampleBytes = 4096;

/**
 * A flat FAISS index in one file or its parts, read in place. The format is that of FAISS's
 * `write_index` (faiss/impl/index_write.cpp), little-endian: four characters, `int32` dimension, `int64`
 * rows, two numbers without use, a byte, `int32` metric (0 inner product, 1 L2); then the count of words
 * and the vectors, or before them what a scalar quantizer has learned.
 */
export class FaissIndex {
  readonly #file: PartedFile;
  readonly #layout: Layout;
  readonly origin: FaissOrigin;

  private constructor(file: PartedFile, layout: Layout, fingerprint: string) {
    this.#file = file;
    this.#layout = layout;
    this.origin = { index: layout.index, dtype: layout.dtype, fingerprint };
  }

  /**
   * Opens the index in these parts. Throws SSP_VECTORS_FORMAT for another kind of file, naming it and
   * what to do; SSP_VECTORS_DAMAGED where the header contradicts itself or the file's size;
   * SSP_FILE_NOT_FOUND and SSP_FILE_UNREADABLE.
   */
  static async open(paths: readonly string[]): Promise<FaissIndex> {
    const file = await PartedFile.open(paths);
    try {
      const layout = await readLayout(file, paths.join(', '));
      return new FaissIndex(file, layout, await fingerprintOf(file, layout));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get rows(): number {
    return this.#layout.rows;
  }

  get dimension(): number {
    return this.#layout.dimension;
  }

  get metric(): Layout['metric'] {
    return this.#layout.metric;
  }

  /** The vectors of `count` rows from `firstRow` on, as fp32; fewer only where the file was cut. */
  async vectors(firstRow: number, count: number): Promise<Float32Array> {
    const { dtype, dimension, start } = this.#layout;
    const rowBytes = dimension * bytesOf[dtype];
    const bytes = await this.#file.read(start + firstRow * rowBytes, count * rowBytes);
    const values = Math.floor(bytes.length / rowBytes) * dimension;
    return dtype === 'fp32'
      ? new Float32Array(bytes.buffer, 0, values)
      : new Float32Array(new Float16Array(bytes.buffer, 0, values));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

async function readLayout(file: PartedFile, path: string): Promise<Layout> {
  const head = Buffer.from(await file.read(0, at.end));
  const fourcc = head.toString('latin1', 0, 4);
  if (!['IxFI', 'IxF2', 'IxSQ'].includes(fourcc)) {
    throw new SspError('SSP_VECTORS_FORMAT', { path, problem: otherKind(fourcc) });
  }
  if (head.length < at.end) throw damaged(path, 'it ends within its header');
  const dimension = head.readInt32LE(at.dimension);
  const rows = Number(head.readBigInt64LE(at.rows));
  if (dimension < 1 || dimension > largestDimension || rows < 0) {
    throw damaged(path, `its header says ${rows} rows of ${dimension} dimensions`);
  }
  const metric = head.readInt32LE(at.metric) === 0 ? 'inner product' : 'L2';
  const layout =
    fourcc === 'IxSQ'
      ? await quantizedLayout(file, path, { metric, rows, dimension })
      : flatLayout({ metric, rows, dimension });
  await checkSize(file, path, layout);
  return layout;
}

type Shape = Pick<Layout, 'metric' | 'rows' | 'dimension'>;

function flatLayout(shape: Shape): Layout {
  const index = shape.metric === 'L2' ? 'IndexFlatL2' : 'IndexFlatIP';
  return { ...shape, index, dtype: 'fp32', start: at.end + 8 };
}

async function quantizedLayout(file: PartedFile, path: string, shape: Shape): Promise<Layout> {
  // type, range (4 bytes each), its argument, dimension, bytes a vector, count of what was learned
  const [codeAt, learnedAt, length] = [at.end + 20, at.end + 28, 36];
  const head = Buffer.from(await file.read(at.end, length));
  if (head.length < length) throw damaged(path, 'it ends within its header');
  const type = head.readInt32LE(0);
  if (type !== fp16Quantizer) {
    const form = quantizers[type] ?? `kind ${type}`;
    const problem = `it is an IndexScalarQuantizer of ${form}; only fp16 keeps the vectors: encode the corpus`;
    throw new SspError('SSP_VECTORS_FORMAT', { path, problem });
  }
  const codeBytes = Number(head.readBigUInt64LE(codeAt - at.end));
  const learned = Number(head.readBigUInt64LE(learnedAt - at.end));
  if (codeBytes !== 2 * shape.dimension || learned > 2 * shape.dimension) {
    throw damaged(path, `its quantizer has ${codeBytes} bytes for ${shape.dimension} dimensions`);
  }
  const start = at.end + length + learned * 4 + 8;
  return { ...shape, index: 'IndexScalarQuantizer', dtype: 'fp16', start };
}

/** The count before the vectors, in words of 4 bytes or in bytes, and the size of the whole. */
async function checkSize(file: PartedFile, path: string, layout: Layout): Promise<void> {
  const { rows, dimension, dtype, start } = layout;
  const vectorBytes = rows * dimension * bytesOf[dtype];
  const count = Buffer.from(await file.read(start - 8, 8));
  if (count.length < 8) throw damaged(path, 'it ends within its header');
  const promised = Number(count.readBigUInt64LE()) * (dtype === 'fp32' ? 4 : 1);
  if (promised !== vectorBytes) {
    throw damaged(
      path,
      `${promised} bytes of vectors are promised, ${rows} rows take ${vectorBytes}`,
    );
  }
  if (file.bytes !== start + vectorBytes) {
    const problem = `its ${file.bytes} bytes are not the ${start + vectorBytes} of ${rows} rows; a part may be missing, doubled or out of order`;
    throw damaged(path, problem);
  }
}

async function fingerprintOf(file: PartedFile, { start }: Layout): Promise<string> {
  const hash = createHash('sha256').update(`${file.bytes}\n`);
  hash.update(await file.read(0, start));
  const last = Math.max(start, file.bytes - sampleBytes);
  for (let i = 0; i <= samples; i += 1) {
    const offset = Math.floor(start + ((last - start) * i) / samples);
    hash.update(await file.read(offset, sampleBytes));
  }
  return hash.digest('hex');
}

function damaged(path: string, problem: string): SspError {
  return new SspError('SSP_VECTORS_DAMAGED', { path, problem });
}
