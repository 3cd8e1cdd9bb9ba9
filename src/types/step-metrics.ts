import { z } from 'zod';

const count = z.int().min(0);
/** How often each; a key that never occurred may be missing. */
const counts = z.record(z.string(), count).readonly();
/** Null for the mean of nothing. */
const mean = z.number().nullable();

/** Of a role's episodes in one step; lengths are tokens, means are over those that did not fail. */
const episodeFacts = {
  episodes: count,
  /** By `Outcome['kind']`. */
  outcomes: counts,
  /** By the service that failed. A judge fails beside the outcome `failed`, which has the others. */
  failures: counts,
  turns: mean,
  searches: mean,
  /** Tokens after the prompt, sampled ones and results. */
  responseTokens: mean,
  sampledTokens: mean,
};
const episodeFactsSchema = z.strictObject(episodeFacts).readonly();
export type EpisodeFacts = z.output<typeof episodeFactsSchema>;

/** One role's update, or that of both together; means are over trained tokens or optimizer steps. */
const updateFactsSchema = z
  .strictObject({
    sequences: count,
    trainedTokens: count,
    optimizerSteps: count,
    loss: mean,
    /** Nats a token, at the temperature of sampling. */
    entropy: mean,
    /** k3 estimates; null where there is no reference. */
    referenceKl: mean,
    oldKl: mean,
    clipFractionLow: mean,
    clipFractionHigh: mean,
    /** Only where the dual clip is on. */
    clipFractionDual: mean.optional(),
    gradientNorm: mean,
    learningRate: mean,
    /**
     * Absolute difference of a token's log-prob between sampler and trainer; null for a second update of
     * the step, which begins with other weights than those that sampled.
     */
    samplerGapMean: mean,
    samplerGapMax: mean,
  })
  .readonly();
export type UpdateFacts = z.output<typeof updateFactsSchema>;

/** A score on held-out questions, greedy; shares in 0..1. */
const validationSchema = z
  .strictObject({
    questions: count,
    exactMatch: mean,
    f1: mean,
    /** Exact match by number of hops (`"1"`), where the questions say theirs. */
    exactMatchByHops: z.record(z.string(), z.number()).readonly(),
    /**
     * The questions one by one, by number of hops (`""` where they do not say): a character each in the
     * set's order, `1` exact match, `0` none, `-` failed. By these two runs are compared in pairs. Absent
     * in runs from before they were kept.
     */
    outcomes: z
      .record(z.string(), z.string().regex(/^[01-]*$/))
      .readonly()
      .optional(),
    searches: mean,
    failed: count,
    /** The share that is right by exact match or else by the judge; absent without a judge. */
    judge: mean.optional(),
    /** Left out of it: the judge gave no verdict. */
    judgeFailed: count.optional(),
  })
  .readonly();
export type Validation = z.output<typeof validationSchema>;

/** A measure past its limit, and what the collapse watch did. */
export const watchEventSchema = z
  .strictObject({
    measure: z.string().min(1),
    value: z.number(),
    limit: z.number(),
    action: z.enum(['warn', 'stop', 'rollback']),
  })
  .readonly();
export type WatchEvent = z.output<typeof watchEventSchema>;

/** Of the proposals with one number of searches. */
export const depthFactsSchema = z
  .strictObject({
    /** Those that a service failed are left out. */
    proposals: count,
    valid: count,
    /** Of the valid ones, where a fictional world's facts are known. */
    true: count.optional(),
    /** Mean success of the valid ones that were played. */
    success: mean,
    /** Mean reward of the proposer, invalid proposals included. */
    reward: mean,
  })
  .readonly();
export type DepthFacts = z.output<typeof depthFactsSchema>;

/**
 * One step of training: a line of `metrics.jsonl`. It holds nothing that depends on time, machine
 * or what ran beside, so two runs of one configuration can be compared byte for byte.
 */
export const stepMetricsSchema = z
  .strictObject({
    /** From 1. Step 0 is the state before training: only its validation is filled. */
    step: z.int().min(0),
    /** Null in a run on given questions, which has no proposer. */
    proposer: z
      .strictObject({
        ...episodeFacts,
        /** Questions that passed filter and verification. */
        valid: count,
        /** Of the episodes that did not fail. */
        validRate: mean,
        /** Valid ones whose reader's answer only contains the true one, or is in it; absent for none. */
        validByContainment: count.optional(),
        /** By reason of filter or verification. */
        rejected: counts,
        reward: mean,
        /** 1 - mean success of the fresh questions that were played. */
        difficulty: mean,
        /** Hops that were asked for. */
        hops: mean,
        questionWords: mean,
        /** Of the seeds' answers, where known. */
        topics: counts,
        /** By number of searches (`"2"`); absent in runs from before it was measured. */
        byDepth: z.record(z.string(), depthFactsSchema).readonly().optional(),
      })
      .readonly()
      .nullable(),
    /** Null where verification is off or a judge reads. */
    verifier: episodeFactsSchema.nullable(),
    batch: z
      .strictObject({
        ...{ fresh: count, reused: count, dummy: count },
        /** Absent where questions are proposed. */
        given: count.optional(),
      })
      .readonly(),
    /** Questions in the replay pool after the step. */
    poolQuestions: count,
    solver: z
      .strictObject({
        ...episodeFacts,
        reward: mean,
        /** Questions with at least one attempt that has a reward. */
        groups: count,
        /** Groups whose attempts differ in reward; only they train under GRPO. */
        mixedGroups: count,
      })
      .readonly(),
    updates: z
      .strictObject({
        proposer: updateFactsSchema.optional(),
        solver: updateFactsSchema.optional(),
        /** In place of the two where they are updated together. */
        combined: updateFactsSchema.optional(),
      })
      .readonly(),
    /** Of the valid questions, where a fictional world's facts are known. */
    truth: z.strictObject({ true: count, false: count, unreadable: count }).readonly().nullable(),
    validation: validationSchema.nullable(),
    /** The same on further sets, by their names; absent where there are none. */
    furtherValidation: z.record(z.string(), validationSchema).readonly().optional(),
    watch: z.array(watchEventSchema).readonly(),
  })
  .readonly();
export type StepMetrics = z.output<typeof stepMetricsSchema>;

const seconds = z.number().min(0);

/** How long a step took: a line of `timings.jsonl`. */
export const stepTimingsSchema = z
  .strictObject({
    step: z.int().min(0),
    seconds: z
      .strictObject({
        propose: seconds,
        verify: seconds,
        solve: seconds,
        /** Log-probs of the policy and of the reference. */
        score: seconds,
        /** Gradients and optimizer steps. */
        update: seconds,
        validate: seconds,
        checkpoint: seconds,
        total: seconds,
      })
      .readonly(),
    sampledTokensPerSecond: mean,
    /** Tokens of trained sequences per second of `score` and `update`. */
    trainedTokensPerSecond: mean,
    search: z
      .strictObject({
        queries: count,
        cacheHits: count,
        joined: count,
        requests: count,
        failedRequests: count,
        meanMs: z.number().min(0),
        maxMs: z.number().min(0),
      })
      .readonly(),
  })
  .readonly();
export type StepTimings = z.output<typeof stepTimingsSchema>;
