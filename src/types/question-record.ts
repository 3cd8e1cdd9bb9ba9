import { z } from 'zod';

import { episodeRecordSchema, failureKinds, retrievedPassageSchema } from './episode.ts';
import { seedSchema } from './seed.ts';

/** A rollout's reward, or why it has none: it is left out of its group and counted. */
const rewardSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reward'), reward: z.number() }).readonly(),
  z
    .strictObject({ kind: z.literal('left-out'), cause: z.enum([...failureKinds, 'no-attempts']) })
    .readonly(),
]);

export type Reward = z.output<typeof rewardSchema>;

/** One of the solver's attempts at a question. */
const attemptSchema = z
  .strictObject({
    episode: episodeRecordSchema,
    reward: rewardSchema,
    /** What the judge said, where it was asked. */
    judged: z.enum(['correct', 'incorrect', 'failed']).optional(),
    /** Undefined where the attempt was left out or the solver does not learn. */
    advantage: z.number().optional(),
  })
  .readonly();
export type Attempt = z.output<typeof attemptSchema>;

/** What became of a proposer's episode. */
const proposalVerdictSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('valid') }).readonly(),
  z
    .strictObject({
      kind: z.literal('rejected'),
      by: z.enum(['filter', 'verification']),
      reason: z.string().min(1),
    })
    .readonly(),
  z.strictObject({ kind: z.literal('failed'), failure: z.enum(failureKinds) }).readonly(),
]);
export type ProposalVerdict = z.output<typeof proposalVerdictSchema>;

const proposalSchema = z
  .strictObject({
    episode: episodeRecordSchema,
    verdict: proposalVerdictSchema,
    /** Undefined for a valid question that found no place in the solver's batch. */
    reward: rewardSchema.optional(),
    advantage: z.number().optional(),
  })
  .readonly();

const verificationSchema = z
  .strictObject({
    reader: z.enum(['policy', 'judge', 'server']),
    /** What was read, in its order. */
    passages: z.array(retrievedPassageSchema).readonly(),
    noisePassages: z.int().min(0),
    /** What accepted an answer that matches no form of the seed's; absent otherwise, or by a judge. */
    acceptedBy: z.literal('containment').optional(),
    /** The reading of a player in the verifier's role. */
    episode: episodeRecordSchema.optional(),
    /** The judge's reading; undefined where it failed. */
    text: z.string().optional(),
  })
  .readonly();

/**
 * Everything that happened around one seed, or one reused or given question, in one step: a line of
 * the run's episodes.
 */
export const questionRecordSchema = z
  .strictObject({
    /** From 1. */
    step: z.int().min(1),
    /** Its place in the step, from 0: first the seeds in the order they were drawn, then reused. */
    index: z.int().min(0),
    /** Absent for a reused and for a given question. */
    seed: seedSchema.optional(),
    /** Absent for a reused and for a given question. */
    proposal: proposalSchema.optional(),
    /** Absent where the filter rejected the question, and where verification is off. */
    verification: verificationSchema.optional(),
    /** Absent where the proposer asked none. */
    question: z.string().optional(),
    answers: z.array(z.string().min(1)).min(1).readonly(),
    /** Whether it took a place in the solver's batch, and as what; `given` comes from a file. */
    place: z.enum(['fresh', 'reused', 'given', 'none']),
    attempts: z.array(attemptSchema).readonly(),
    /**
     * Whether the question's answer is right by the facts of a fictional world, which no reward ever
     * sees; absent where they are not known.
     */
    truth: z.enum(['true', 'false', 'unreadable']).optional(),
  })
  .readonly();
export type QuestionRecord = z.output<typeof questionRecordSchema>;

/** A valid question with all forms of its answer. */
const playedQuestionSchema = z
  .strictObject({
    question: z.string().min(1),
    answers: z.array(z.string().min(1)).min(1).readonly(),
    /** Mean reward of the solver's attempts when it was last played. */
    successRate: z.number().min(0).max(1),
  })
  .readonly();
export type PlayedQuestion = z.output<typeof playedQuestionSchema>;

/** Earlier valid questions, in the order of their last play; it goes into checkpoints as it is. */
export const replayPoolSchema = z
  .strictObject({ questions: z.array(playedQuestionSchema).readonly() })
  .readonly();
export type ReplayPool = z.output<typeof replayPoolSchema>;
