import { z } from 'zod';

import { encoderDescriptionSchema, encoderSourceSchema } from './encoder.ts';

/** The layout of an index folder that this version writes and reads. */
export const indexFormatVersion = 3;

/** The analyzers: `simple` suits any language, the others stem the words of theirs. */
export const analyzerNames = [
  'simple',
  'arabic',
  'armenian',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'greek',
  'hindi',
  'hungarian',
  'indonesian',
  'irish',
  'italian',
  'lithuanian',
  'nepali',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'serbian',
  'spanish',
  'swedish',
  'tamil',
  'turkish',
] as const;
export type AnalyzerName = (typeof analyzerNames)[number];

/** What analyzers do; raised with every change of the terms that a text becomes. */
export const analyzerVersion = 2;

/** How the analyzer turns text into terms; the same for passages and queries. */
export const analyzerSchema = z.strictObject({
  name: z.enum(analyzerNames),
  version: z.literal(analyzerVersion),
  /**
   * Words are letters and digits of any script, everything else divides them; those of scripts without
   * spaces become characters and pairs of neighbours.
   */
  tokenizer: z.literal('words-bigrams'),
  /** Words are compared without compatibility forms, case, and marks that spelling may leave out. */
  normalization: z.literal('nfkc-casefold'),
  /** A title is found by its words, and as a whole. */
  titles: z.literal('words-whole'),
  /** Snowball's stemmers: that of the `porter2` package, or those of its second edition. */
  stemmer: z.enum(['porter2', 'snowball-2']).optional(),
  /** Longer terms are cut. */
  maxTermLength: z.int().min(1),
});
export type Analyzer = z.output<typeof analyzerSchema>;

/** An analyzer of an earlier version, which had no `version` at first: what it indexed is not searched. */
export const earlierAnalyzerSchema = z.looseObject({
  name: z.string(),
  version: z.int().lt(analyzerVersion).optional(),
});

/** The numbers that a vector is stored in. */
export const vectorDtypeSchema = z.enum(['fp32', 'fp16']);
export type VectorDtype = z.output<typeof vectorDtypeSchema>;

const exactIndex = z.object({ type: z.literal('exact') });
const ivfRq = z.object({
  type: z.literal('ivf-rq'),
  partitions: z.int().min(1),
  bits: z.int().min(1),
});
const ivfPq = z.object({
  type: z.literal('ivf-pq'),
  partitions: z.int().min(1),
  subVectors: z.int().min(1),
});
const hnswSq = z.object({
  type: z.literal('hnsw-sq'),
  partitions: z.int().min(1),
  m: z.int().min(2),
  efConstruction: z.int().min(8),
});

/** Which vector index is built, with its parameters. */
export const vectorIndexPlanSchema = z.discriminatedUnion('type', [
  exactIndex,
  ivfRq,
  ivfPq,
  hnswSq,
]);
export type VectorIndexPlan = z.output<typeof vectorIndexPlanSchema>;

const searchParameters = { probes: z.int().min(1), refineFactor: z.int().min(1) };

/** A vector index that was built, and with which parameters it is searched. */
const vectorIndexSchema = z.discriminatedUnion('type', [
  exactIndex.strict(),
  ivfRq.extend(searchParameters).strict(),
  ivfPq.extend(searchParameters).strict(),
  hnswSq.extend({ ef: z.int().min(1), ...searchParameters }).strict(),
]);
export type VectorIndex = z.output<typeof vectorIndexSchema>;

/** How `hybrid` fuses the two rankings. Weights are relative: only their ratio counts. */
const fusionSchema = z.strictObject({
  method: z.enum(['reciprocal-rank', 'min-max-score', 'sum-score']),
  /** The k of reciprocal rank fusion. */
  rankConstant: z.number().min(0),
  /** Hits taken from each ranking before fusing (more where more are asked for). */
  depth: z.int().min(1).max(1000),
  bm25Weight: z.number().min(0),
  denseWeight: z.number().min(0),
});
export type Fusion = z.output<typeof fusionSchema>;

/** Which FAISS index vectors come from. */
export const faissOriginSchema = z.strictObject({
  index: z.enum(['IndexFlatIP', 'IndexFlatL2', 'IndexScalarQuantizer']),
  dtype: z.enum(['fp32', 'fp16']),
  /** SHA-256 over size, header and pieces from all over the file. */
  fingerprint: z.hash('sha256'),
});
export type FaissOrigin = z.output<typeof faissOriginSchema>;

const recallSchema = z.strictObject({
  /** Held-out queries that were measured. */
  queries: z.int().min(1),
  at3: z.number().min(0).max(1),
  at10: z.number().min(0).max(1),
});
export type Recall = z.output<typeof recallSchema>;

/** What an index is: everything in it is determined by corpus, options and encoder. */
export const indexManifestSchema = z.strictObject({
  formatVersion: z.literal(indexFormatVersion),
  toolVersion: z.string(),
  corpusHash: z.hash('sha256'),
  passages: z.int().min(0),
  aliases: z.int().min(0),
  /** SHA-256 over the stored passages in row order. */
  passagesHash: z.hash('sha256'),
  bm25: z
    .strictObject({
      analyzer: analyzerSchema,
      k1: z.number(),
      b: z.number(),
      /** Title and text are indexed as one text; how many times each stands in it. */
      fields: z.strictObject({ title: z.int().min(1), text: z.literal(1) }),
    })
    .optional(),
  dense: z
    .strictObject({
      encoder: encoderDescriptionSchema,
      /** What `ssp index build` was given to open the encoder; not part of the identity. */
      encoderSource: encoderSourceSchema,
      vectorIndex: vectorIndexSchema,
      /**
       * The recall@10 that the parameters of the search were chosen for, by measuring; absent of an exact
       * index, and where an earlier version took them from a table.
       */
      recallTarget: z.number().min(0).max(1).optional(),
      /** Absent in the manifest of an earlier version, which stored fp32. */
      vectorDtype: vectorDtypeSchema.optional(),
      /** The FAISS index that the vectors were taken from; absent where they were encoded. */
      importedFrom: faissOriginSchema.optional(),
      /** Passages that were cut at the encoder's limit; 0 where that is not known, as of FAISS. */
      truncatedPassages: z.int().min(0),
      /** SHA-256 over the stored vectors (little-endian) in row order; not part of the identity. */
      vectorsHash: z.hash('sha256'),
      /** Recall against exact search, measured by the build or by `verify`; not part of the identity. */
      recall: recallSchema.optional(),
    })
    .optional(),
  /** How `hybrid` fuses, where both indexes are there. */
  fusion: fusionSchema.optional(),
});
export type IndexManifest = z.output<typeof indexManifestSchema>;

/** Names a generation of an index: `.` is one that an earlier version built, without generations. */
export const generationSchema = z.union([z.literal('.'), z.uuid()]);

const indexFileSchema = z.strictObject({
  /** Relative to the folder of its generation; parts are divided by `/`. */
  file: z.string().min(1),
  bytes: z.int().min(0),
  sha256: z.hash('sha256'),
});
export type IndexFile = z.output<typeof indexFileSchema>;

/** The layout of an index folder with generations. */
export const indexLayout = 2;

/**
 * `manifest.json` of an index folder: which of its generations is the index, what that is, and which
 * files it consists of. Replacing it, by one rename, is what switches to another one; a folder
 * without it is half-built.
 */
export const indexHeadSchema = z.strictObject({
  layout: z.literal(indexLayout),
  generation: generationSchema,
  /** Earlier ones, which are removed once nobody reads them. */
  former: z.array(generationSchema),
  manifest: indexManifestSchema,
  /** Every file. */
  files: z.array(indexFileSchema),
  /** SHA-256 over all the rest. */
  checksum: z.hash('sha256'),
});
/** A head without what only its file needs. */
export type IndexHead = Omit<z.output<typeof indexHeadSchema>, 'layout' | 'checksum'>;
