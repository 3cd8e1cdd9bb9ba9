import { join } from 'node:path';

import { z } from 'zod';

import type { Corpus } from '../corpus/corpus.ts';
import { analyzerNameOf, analyzerOf } from '../src/bm25/analyzer/languages.ts';
import type { IndexConfig } from '../src/config/index-build.ts';
import { writeJsonAtomic } from '../src/storage/atomic-file.ts';
import { readJsonFile } from '../src/storage/json-files.ts';
import type { Encoder, EncoderDescription } from '../src/types/encoder.ts';
import { encoderDescriptionSchema } from '../src/types/encoder.ts';
import type { FaissOrigin, VectorDtype } from '../src/types/index-manifest.ts';
import {
  analyzerSchema,
  earlierAnalyzerSchema,
  faissOriginSchema,
  generationSchema,
  indexFormatVersion,
  vectorDtypeSchema,
  vectorIndexPlanSchema,
} from '../src/types/index-manifest.ts';
import { chooseVectorIndex } from './vector-index-choice.ts';

/** Without the name: a folder's name is no part of what an encoder computes. */
export const plannedEncoderSchema = encoderDescriptionSchema.omit({ name: true }).strip();

const wordsPlanSchema = z.strictObject({
  analyzer: analyzerSchema,
  titleWeight: z.int().min(1),
  k1: z.number(),
  b: z.number(),
});

/**
 * Everything that decides what a generation holds. It stands in its journal: a later run on the
 * index folder must have the same plan, or one that only adds a mode.
 */
const buildPlanSchema = z.strictObject({
  formatVersion: z.number(),
  corpusHash: z.string(),
  passages: z.int().min(0),
  bm25: wordsPlanSchema.optional(),
  dense: z
    .strictObject({
      encoder: plannedEncoderSchema,
      vectorIndex: vectorIndexPlanSchema,
      /** Of an approximate index; absent where an earlier version searched by a table of parameters. */
      recallTarget: z.number().optional(),
      /** An earlier version stored fp32 and did not say so. */
      vectorDtype: vectorDtypeSchema.default('fp32'),
      importedFrom: faissOriginSchema.optional(),
    })
    .optional(),
});
export type BuildPlan = z.output<typeof buildPlanSchema>;
/** What is planned for the mode `dense`. */
export type DensePlan = NonNullable<BuildPlan['dense']>;

/** A plan as a journal has it: perhaps with an analyzer of an earlier version. */
const begunPlanSchema = buildPlanSchema.extend({
  bm25: wordsPlanSchema
    .extend({ analyzer: z.union([analyzerSchema, earlierAnalyzerSchema]) })
    .optional(),
});
type BegunPlan = z.output<typeof begunPlanSchema>;

/**
 * The plan of a configuration; `encoder` is needed for the mode `dense`, `importedFrom` where its vectors
 * are taken from elsewhere.
 */
export function createBuildPlan(
  corpus: Corpus,
  config: IndexConfig,
  encoder: Encoder | undefined,
  importedFrom?: FaissOrigin,
): BuildPlan {
  const { corpusHash, passages } = corpus.manifest;
  return {
    formatVersion: indexFormatVersion,
    corpusHash,
    passages,
    ...(config.modes.includes('bm25') ? { bm25: wordsPlan(corpus, config) } : {}),
    ...(encoder !== undefined && config.modes.includes('dense')
      ? {
          dense: {
            ...densePlan(config, encoder.description, passages),
            ...(importedFrom && { importedFrom }),
          },
        }
      : {}),
  };
}

function wordsPlan(corpus: Corpus, config: IndexConfig): NonNullable<BuildPlan['bm25']> {
  const { titleWeight, bm25K1: k1, bm25B: b } = config;
  const language = corpus.manifest.site?.language;
  const name = config.analyzer === 'auto' ? analyzerNameOf(language) : config.analyzer;
  return { analyzer: analyzerOf(name), titleWeight, k1, b };
}

function densePlan(
  config: IndexConfig,
  description: EncoderDescription,
  passages: number,
): DensePlan {
  const vectorIndex = chooseVectorIndex(config.vectorIndex, passages, description.dimension);
  return {
    encoder: plannedEncoderSchema.parse(description),
    vectorIndex,
    ...(vectorIndex.type === 'exact' ? {} : { recallTarget: config.vectorRecall }),
    vectorDtype: chooseDtype(config.vectorDtype, description),
  };
}

/** fp16 keeps three digits of a number, which ranks unit vectors as before: docs/index.md. */
function chooseDtype(
  dtype: IndexConfig['vectorDtype'],
  { normalize }: EncoderDescription,
): VectorDtype {
  if (dtype !== 'auto') return dtype;
  return normalize ? 'fp16' : 'fp32';
}

/** A setting that differs between two plans. */
export interface PlanDifference {
  /** Path of the setting: `bm25.analyzer.name`. */
  readonly key: string;
  /** What it was and is. */
  readonly text: string;
}

/** Whether two plans are one. */
export function isSamePlan(one: BegunPlan, other: BegunPlan): boolean {
  return [planDifferences(one, other), planDifferences(other, one)].every((list) => !list.length);
}

/** What of `begun` the plan `wanted` would change; a mode added is no change. */
export function planDifferences(begun: BegunPlan, wanted: BegunPlan): PlanDifference[] {
  const before = flatten(begun);
  const after = flatten(wanted);
  const addsBm25 = begun.bm25 === undefined;
  const addsDense = begun.dense === undefined;
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !(addsBm25 && key.startsWith('bm25')))
    .filter((key) => !(addsDense && key.startsWith('dense')))
    .filter((key) => before.get(key) !== after.get(key))
    .map((key) => {
      const [was, is] = [before.get(key) ?? 'absent', after.get(key) ?? 'absent'];
      return { key, text: `${key} was ${was}, now ${is}` };
    });
}

function flatten(value: object, path = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const name = path === '' ? key : `${path}.${key}`;
    if (inner !== null && typeof inner === 'object') {
      for (const [innerName, text] of flatten(inner, name)) flat.set(innerName, text);
    } else if (inner !== undefined) {
      flat.set(name, JSON.stringify(inner));
    }
  }
  return flat;
}

/** The stages of a build, in order. */
export const stageNames = ['passages', 'lookup', 'bm25', 'vectors', 'vector-index'] as const;
export type StageName = (typeof stageNames)[number];

/**
 * `journal.json`: the plan, and the stages that are done. Within a stage its files themselves say how
 * far it came: whole segments of records, whole windows, rows of vectors in corpus order.
 */
const journalSchema = z.strictObject({
  plan: begunPlanSchema,
  done: z.array(z.enum(stageNames)),
  /** It was begun with `--force`, so that this flag goes on with it. */
  forced: z.boolean().default(false),
  /** The generation whose vectors are taken instead of encoding; it stays until the build is done. */
  vectorsFrom: generationSchema.optional(),
});
/** A journal that was found. */
export type BegunJournal = z.output<typeof journalSchema>;
/** A journal of a build at work. */
export type Journal = BegunJournal & { readonly plan: BuildPlan };

/** In the folder of a generation. */
export const journalName = 'journal.json';

/**
 * The journal of a generation's folder. Throws SSP_FILE_NOT_FOUND, and SSP_FILE_INVALID for a damaged
 * one.
 */
export function readJournal(folder: string): Promise<BegunJournal> {
  return readJsonFile(join(folder, journalName), 'build journal', journalSchema);
}

/** Replaces the journal, whole or not at all. */
export async function writeJournal(folder: string, journal: Journal): Promise<void> {
  await writeJsonAtomic(join(folder, journalName), journal);
}
