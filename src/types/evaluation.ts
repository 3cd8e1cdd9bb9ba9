import { z } from 'zod';

import { episodeRecordSchema } from './episode.ts';

/** A question to be answered, with all answers that count. */
export interface EvaluationQuestion {
  /** Unique in its set. */
  readonly id: string;
  readonly question: string;
  /** At least one. */
  readonly goldAnswers: readonly string[];
  /** Facts that must be joined, where known. */
  readonly hops?: number | undefined;
}

/** What became of one question: the solver's one attempt at it. */
export const evaluationRecordSchema = z
  .strictObject({
    id: z.string().min(1),
    question: z.string().min(1),
    goldAnswers: z.array(z.string()).min(1).readonly(),
    hops: z.int().min(1).optional(),
    episode: episodeRecordSchema,
    /** Absent where the episode failed, which is no wrong answer. F1 in 0..1. */
    score: z.strictObject({ exactMatch: z.boolean(), f1: z.number() }).readonly().optional(),
    /**
     * Whether the answer is right by exact match or else by the judge; `failed` where the judge gave
     * no verdict. Absent without a judge and where the episode failed.
     */
    verdict: z.enum(['correct', 'incorrect', 'failed']).optional(),
  })
  .readonly();
export type EvaluationRecord = z.output<typeof evaluationRecordSchema>;

const count = z.int().min(0);

/** A mean in 0..1 over the questions that count, with its 95 % interval; null for none. */
const measureSchema = z
  .strictObject({ value: z.number(), low: z.number(), high: z.number(), questions: count })
  .readonly()
  .nullable();
export type Measure = z.output<typeof measureSchema>;

const measures = {
  exactMatch: measureSchema,
  f1: measureSchema,
  /** The share that is right by exact match or else by the judge; absent without a judge. */
  judge: measureSchema.optional(),
};

/** The scores of one set. */
const setScoresSchema = z
  .strictObject({
    name: z.string(),
    questions: count,
    /** Left out: their episode failed. */
    failed: count,
    /** Left out of the judge's measure: it gave no verdict. */
    judgeFailed: count,
    /** Answers without a word left after normalisation: wrong, whatever the golden answers are. */
    answersWithoutWords: count.optional(),
    /** Questions whose golden answers have no word left, so that no answer is right by match. */
    unanswerable: count.optional(),
    ...measures,
    /** By number of hops (`"1"`), where the questions say theirs. */
    exactMatchByHops: z.record(z.string(), measureSchema).readonly(),
    /** How the episodes ended, by `Outcome['kind']`. */
    outcomes: z.record(z.string(), count).readonly(),
    /** Means over the episodes that did not fail; null for none. */
    searches: z.number().nullable(),
    turns: z.number().nullable(),
  })
  .readonly();
export type SetScores = z.output<typeof setScoresSchema>;

/** Everything that a score depends on: two evaluations that agree in it can be compared. */
export const evaluationSettingSchema = z
  .strictObject({
    toolVersion: z.string(),
    model: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('policy'),
        /** `policy`, `reference` or a snapshot. */
        model: z.string(),
        /** What the policy service says of it: architecture, parameters, dtype and more. */
        facts: z.record(z.string(), z.unknown()).readonly(),
        weightsVersion: z.string(),
        /** Log-probs of fixed tokens, which tell weights apart; nats. */
        fingerprint: z.array(z.number()).readonly(),
      }),
      /** Asked by token ids. */
      z.strictObject({
        kind: z.literal('completions-server'),
        url: z.string(),
        model: z.string(),
      }),
      z.strictObject({
        kind: z.literal('chat-server'),
        url: z.string(),
        model: z.string(),
        maxTurnTokens: count,
      }),
    ]),
    /** Of sampling: greedy, one attempt. */
    temperature: z.literal(0),
    search: z
      .strictObject({
        topPassages: count,
        /** The search service's own words; null for a service that does not say. */
        index: z.record(z.string(), z.unknown()).readonly().nullable(),
      })
      .readonly(),
    /** The keys of the section `game` that concern the solver. */
    game: z.record(z.string(), z.unknown()).readonly(),
    judge: z.strictObject({ url: z.string(), model: z.string() }).readonly().nullable(),
    seed: count,
    sets: z
      .array(
        z
          .strictObject({
            name: z.string(),
            hash: z.string(),
            /** In the file, and of them asked. */
            questions: count,
            asked: count,
          })
          .readonly(),
      )
      .readonly(),
  })
  .readonly();
export type EvaluationSetting = z.output<typeof evaluationSettingSchema>;

/** `scores.json`: what an evaluation found, and with what. */
export const evaluationScoresSchema = z
  .strictObject({
    formatVersion: z.literal(1),
    setting: evaluationSettingSchema,
    sets: z.array(setScoresSchema).readonly(),
    /** Of the sets, each with the same weight. */
    average: z.strictObject(measures).readonly(),
  })
  .readonly();
export type EvaluationScores = z.output<typeof evaluationScoresSchema>;

/** How many accepted questions share their words, or their answer, with evaluation questions. */
export interface OverlapCounts {
  readonly questions: number;
  readonly answers: number;
}

/** A generated question beside the evaluation question that it overlaps with. */
export interface OverlapExample {
  /** Where the generated question stands in the run. */
  readonly step: number;
  readonly index: number;
  readonly question: string;
  readonly evaluated: { readonly id: string; readonly question: string };
}

/** The overlap with one evaluation set. */
export interface SetOverlap extends OverlapCounts {
  readonly set: string;
  /** The first ones, each generated question once. */
  readonly examples: readonly OverlapExample[];
}

/** How far the accepted questions of a run overlap with evaluation sets. */
export interface EvaluationOverlap {
  /** Questions that passed filter and verification, as often as they were made. */
  readonly accepted: number;
  readonly sets: readonly SetOverlap[];
  /** With any of the sets; what overlaps with several counts once. */
  readonly any: OverlapCounts;
}
