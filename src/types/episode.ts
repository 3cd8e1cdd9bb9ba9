import { z } from 'zod';

import { passageSchema } from './passage.ts';

/** Who plays: the verifier answers from given material and never searches. */
export const roles = ['proposer', 'solver', 'verifier'] as const;
export type Role = (typeof roles)[number];

/** Which service failed. A failure is no reward: it leaves the sample out and is counted. */
export const failureKinds = ['policy', 'search', 'judge'] as const;
export type FailureKind = (typeof failureKinds)[number];

/**
 * Why a turn did nothing: no tag of an action; a closing tag without an opening one; an opening tag
 * without its closing one; another tag between the two; nothing between them; an action that is not
 * the role's; a query over the limit; the limit of a turn. The last two end a turn while it is sampled,
 * where the rules say so: a tag again right after itself, and a tag right inside another.
 */
export const noActionReasons = [
  'no-tag',
  'unopened-tag',
  'unclosed-tag',
  'tag-inside',
  'empty',
  'not-allowed',
  'query-too-long',
  'turn-too-long',
  'repeated-tags',
  'nested-tags',
] as const;

const text = z.string().min(1);
const tokens = z.array(z.int().min(0)).readonly();

/** What the model asked for in one turn. */
export const turnActionSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('search'), query: text }).readonly(),
  z.strictObject({ kind: z.literal('answer'), text }).readonly(),
  z.strictObject({ kind: z.literal('question'), text }).readonly(),
  z.strictObject({ kind: z.literal('none'), reason: z.enum(noActionReasons) }).readonly(),
]);
export type TurnAction = z.output<typeof turnActionSchema>;

/** What of a passage goes to the model and into the record. */
export const retrievedPassageSchema = passageSchema
  .pick({ id: true, title: true, text: true })
  .readonly();
export type RetrievedPassage = z.output<typeof retrievedPassageSchema>;

/** One piece of a response: what the model sampled, or what was put after it. */
const episodeStepSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('sampled'),
      tokens,
      /** Of each token by the policy that drew it, in nats; empty where the sampler gave none. */
      logProbs: z.array(z.number()).readonly(),
      text: z.string(),
      action: turnActionSchema,
    })
    .readonly(),
  z
    .strictObject({
      kind: z.literal('result'),
      query: text,
      /** Best first; empty where the search found nothing. */
      passages: z.array(retrievedPassageSchema).readonly(),
      tokens,
    })
    .readonly(),
  /** Said to the model after a turn that did nothing. */
  z.strictObject({ kind: z.literal('remark'), text, tokens }).readonly(),
]);
export type EpisodeStep = z.output<typeof episodeStepSchema>;

/**
 * How an episode ended. `answered` holds the proposer's question or the answer; `turn-limit` means
 * that turns or searches were used up, `length-limit` that prompt, response or turn was too long.
 */
const outcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('answered'), text }).readonly(),
  z.strictObject({ kind: z.literal('no-answer'), reason: z.enum(noActionReasons) }).readonly(),
  z.strictObject({ kind: z.literal('turn-limit') }).readonly(),
  z.strictObject({ kind: z.literal('length-limit') }).readonly(),
  z.strictObject({ kind: z.literal('failed'), failure: z.enum(failureKinds) }).readonly(),
]);
export type Outcome = z.output<typeof outcomeSchema>;

/** A finished episode, as it is trained on, stored and shown. */
export const episodeRecordSchema = z
  .strictObject({
    role: z.enum(roles),
    /** Token ids of the rendered prompt. */
    prompt: tokens,
    steps: z.array(episodeStepSchema).readonly(),
    outcome: outcomeSchema,
  })
  .readonly();
export type EpisodeRecord = z.output<typeof episodeRecordSchema>;
