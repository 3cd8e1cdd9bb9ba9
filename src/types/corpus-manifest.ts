import { z } from 'zod';

/** The layout of a corpus folder that this version writes and reads. */
export const corpusFormatVersion = 1;

/** One file of a corpus folder. */
export const corpusFileSchema = z.strictObject({
  /** Relative to the corpus folder. */
  file: z.string().min(1),
  sha256: z.hash('sha256'),
  bytes: z.int().min(0),
  /** Lines in it. */
  records: z.int().min(0),
});

/** `manifest.json` of a corpus folder. It is written last: a folder without it is half-built. */
export const corpusManifestSchema = z.strictObject({
  formatVersion: z.literal(corpusFormatVersion),
  toolVersion: z.string(),
  /**
   * What was read; `mixed` for files of several shapes. `generate` writes a dump, so its corpus says
   * `mediawiki` too.
   */
  source: z.enum(['mediawiki', 'json-lines', 'table', 'parquet', 'documents', 'mixed']),
  inputs: z.array(
    z.strictObject({
      name: z.string(),
      sha256: z.hash('sha256'),
      bytes: z.int().min(0),
    }),
  ),
  /** The site's base address and name, where the dump names them. */
  site: z.strictObject({ name: z.string(), base: z.string(), language: z.string() }).optional(),
  /** Every option that changes the passages. */
  options: z.record(z.string(), z.unknown()),
  /** What became of each record read: `read` is the sum of the outcomes. */
  outcomes: z.record(z.string(), z.int().min(0)),
  read: z.int().min(0),
  passages: z.int().min(0),
  aliases: z.int().min(0),
  /** Passage shards, in order. */
  shards: z.array(corpusFileSchema),
  aliasFile: corpusFileSchema.optional(),
  /** Links in the articles; absent where the source has none, and in corpora of earlier versions. */
  anchorFile: corpusFileSchema.optional(),
  /** Records that failed, with title and reason. */
  failureFile: corpusFileSchema.optional(),
  /** SHA-256 over the shards' and the alias file's hashes: the identity of what is searched. */
  corpusHash: z.hash('sha256'),
});
export type CorpusManifest = z.output<typeof corpusManifestSchema>;
export type CorpusFile = z.output<typeof corpusFileSchema>;
