/** The bytes of a FAISS index of vectors of one length, as `faiss.write_index` writes them. */
export function flatIndex(
  vectors: readonly Float32Array[],
  kind: 'IxFI' | 'IxF2' = 'IxFI',
): Buffer {
  const dimension = vectors[0]?.length ?? 0;
  const head = Buffer.alloc(45);
  head.write(kind, 'latin1');
  head.writeInt32LE(dimension, 4);
  head.writeBigInt64LE(BigInt(vectors.length), 8);
  head.writeBigInt64LE(1n << 20n, 16);
  head.writeBigInt64LE(1n << 20n, 24);
  head[32] = 1;
  head.writeInt32LE(kind === 'IxF2' ? 1 : 0, 33);
  head.writeBigUInt64LE(BigInt(vectors.length * dimension), 37);
  return Buffer.concat([
    head,
    ...vectors.map((vector) => Buffer.from(Float32Array.from(vector).buffer)),
  ]);
}
