const compressed = 'its vectors are compressed, so that they cannot be had back: encode the corpus';
const rewrite =
  'write its vectors as a flat index: `v = index.reconstruct_n(0, index.ntotal)`, `flat = faiss.IndexFlatIP(index.d)`, `flat.add(v)`, `faiss.write_index(flat, ...)`';
const rewriteIvf = `${rewrite}, after \`index.make_direct_map()\``;
const rewriteInner = `${rewrite}, where \`index\` is \`faiss.downcast_index(index.index)\` if its ids are 0, 1, 2, ...`;

/** Kinds of FAISS files that are not imported, by the four characters that they begin with. */
const kinds: Readonly<Record<string, readonly [name: string, advice: string]>> = {
  IxFl: ['IndexFlat of another metric than inner product and L2', rewrite],
  IwFl: ['IndexIVFFlat', rewriteIvf],
  IwFd: ['IndexIVFFlatDedup', rewriteIvf],
  IwSq: ['IndexIVFScalarQuantizer', compressed],
  IwSQ: ['IndexIVFScalarQuantizer', compressed],
  IwPQ: ['IndexIVFPQ', compressed],
  IwQR: ['IndexIVFPQR', compressed],
  IwPf: ['IndexIVFPQFastScan', compressed],
  Iwrq: ['IndexIVFRaBitQ', compressed],
  IxPq: ['IndexPQ', compressed],
  IPfs: ['IndexPQFastScan', compressed],
  Ixrq: ['IndexRaBitQ', compressed],
  IxHe: ['IndexLSH', compressed],
  IHNf: ['IndexHNSWFlat', rewrite],
  IHNs: ['IndexHNSWSQ', compressed],
  IHNp: ['IndexHNSWPQ', compressed],
  INSf: ['IndexNSGFlat', rewrite],
  IxMp: ['IndexIDMap', rewriteInner],
  IxM2: ['IndexIDMap2', rewriteInner],
  IxPT: ['IndexPreTransform', compressed],
  IxRF: ['IndexRefine', `${rewrite}, where \`index\` is \`index.refine_index\``],
};

/** What a file is that begins with these characters and is no flat index, and what to do with it. */
export function otherKind(fourcc: string): string {
  const kind = kinds[fourcc];
  if (kind !== undefined) return `it is an ${kind[0]}; ${kind[1]}`;
  return /^I[A-Za-z][A-Za-z\d]{2}$/.test(fourcc)
    ? `it is a FAISS index of the kind ${fourcc}; ${rewrite}`
    : 'it is no FAISS index; where it is one of several parts, name all of them in their order';
}

/** The vectors' form in an index by scalar quantizer, by its number; fp16 is the one that is read. */
export const quantizers = [
  ...['8 bits', '4 bits', '8 bits (uniform)', '4 bits (uniform)', 'fp16', '8 bits (direct)'],
  ...['6 bits', 'bf16', '8 bits (direct, signed)'],
];
