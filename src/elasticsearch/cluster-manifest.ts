import { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { SspError } from '../errors/error.ts';
import { manifestHash } from '../retrieval/manifest-identity.ts';
import { hashOfValue } from '../storage/hash.ts';
import {
  earlierAnalyzerSchema,
  indexFormatVersion,
  indexManifestSchema,
} from '../types/index-manifest.ts';

/** The layout of an index in a cluster that this version writes and reads. */
const clusterLayout = 1;

/** How the vectors lie, and how they are searched. */
const clusterVectorsSchema = z.strictObject({
  type: z.enum(['flat', 'hnsw', 'int8_hnsw', 'int4_hnsw', 'bbq_hnsw']),
  /** Candidates for each wanted one, whose exact scores are compared: of quantised ones. */
  oversample: z.number().min(1).optional(),
  /** Looked at in each shard, at least: of a graph. */
  candidates: z.int().min(1).optional(),
});
export type ClusterVectors = z.output<typeof clusterVectorsSchema>;

/** What stands in the `_meta` of an index's mapping, under `ssp`. */
const clusterManifestSchema = z.strictObject({
  layout: z.literal(clusterLayout),
  manifest: indexManifestSchema,
  shards: z.int().min(1),
  vectors: clusterVectorsSchema.optional(),
  /** The analyzer of the cluster that title and text are indexed by too. */
  textAnalyzer: z.string().optional(),
  /** Whether every document is there. */
  finished: z.boolean(),
  /** SHA-256 over the rest but `finished`. */
  checksum: z.hash('sha256'),
});
export type ClusterManifest = z.output<typeof clusterManifestSchema>;

/** A manifest with its checksum. */
export function clusterManifest(
  parts: Omit<ClusterManifest, 'layout' | 'checksum'>,
): ClusterManifest {
  const whole = { layout: clusterLayout, ...parts } as const;
  return { ...whole, checksum: checksumOf(whole) };
}

function checksumOf(parts: Omit<ClusterManifest, 'checksum'>): string {
  return hashOfValue({ ...parts, finished: undefined });
}

/**
 * What follows the name in that of the index: the same for what would hold the same documents, whatever
 * was measured of them since.
 */
export function clusterGeneration({
  manifest,
  shards,
  vectors,
  textAnalyzer,
}: ClusterManifest): string {
  const vectorsHash = manifest.dense?.vectorsHash;
  const identity = { layout: clusterLayout, manifest: manifestHash(manifest), vectorsHash };
  const placed = { shards, type: vectors?.type, textAnalyzer };
  return hashOfValue(JSON.parse(JSON.stringify({ ...identity, ...placed }))).slice(0, 12);
}

/**
 * Reads the `_meta` of the index `name`. Throws SSP_CLUSTER_INDEX_FOREIGN for one that another program
 * made or that was altered, and SSP_INDEX_OUTDATED for one of an earlier version or whose words an earlier
 * analyzer divided.
 */
export function readClusterManifest(url: string, name: string, meta: unknown): ClusterManifest {
  const foreign = (problem: string): SspError =>
    new SspError('SSP_CLUSTER_INDEX_FOREIGN', { url, name, problem });
  const value = (meta as { ssp?: unknown } | undefined)?.ssp;
  if (value === undefined) throw foreign('`ssp index push` did not make it');
  if (isOutdated(value)) throw new SspError('SSP_INDEX_OUTDATED', { path: `${url}/${name}` });
  const parsed = clusterManifestSchema.safeParse(value);
  if (!parsed.success) throw foreign(`its manifest: ${describeIssues(parsed.error)}`);
  const { checksum, ...rest } = parsed.data;
  if (checksumOf(rest) === checksum) return parsed.data;
  throw foreign('its manifest was altered: the checksum is another one');
}

const outdatedSchema = z.looseObject({
  manifest: z.union([
    z.looseObject({ formatVersion: z.int().lt(indexFormatVersion) }),
    z.looseObject({ bm25: z.looseObject({ analyzer: earlierAnalyzerSchema }) }),
  ]),
});

function isOutdated(value: unknown): boolean {
  return outdatedSchema.safeParse(value).success;
}
