import type { EpisodeRecord, FailureKind, Outcome, RetrievedPassage } from '../types/episode.ts';
import type { Random } from '../types/random.ts';
import type { Containment } from './containment.ts';
import { isContainmentMatch } from './containment.ts';
import type { FormatTags } from './format.ts';
import type { JudgeResult } from './grading.ts';
import { grade } from './grading.ts';
import { parseTurn } from './turn-parser.ts';

/** How verification reads. In parentheses the SSP paper's values. */
export interface VerificationOptions {
  /**
   * Who reads: the policy in the verifier's role (the paper), a judge model (its released code), or
   * another model in the verifier's role.
   */
  readonly reader: 'policy' | 'judge' | 'server';
  /** How many units of noise are mixed in (4), 0 or more. */
  readonly noise: number;
  /**
   * One unit: `trajectory` is everything that another proposer's episode retrieved (the released
   * code), `passage` one passage of any of them.
   */
  readonly noiseUnit: 'trajectory' | 'passage';
  /** What counts as right beside the match (`off`). */
  readonly containment: Containment;
}

interface Material {
  /** In random order, each id once. */
  readonly passages: readonly RetrievedPassage[];
  /** How many of them are noise; fewer than asked for where the others retrieved too little. */
  readonly noisePassages: number;
}

type Verdict =
  /** `by` where the match alone would have rejected it; a judge's verdict is none of these. */
  | { readonly kind: 'accepted'; readonly by?: 'containment' }
  | { readonly kind: 'rejected'; readonly reason: 'no-answer' | 'length-limit' | 'wrong-answer' }
  | { readonly kind: 'failed'; readonly failure: FailureKind };

/**
 * What the reader answers from: every passage that the proposer retrieved, mixed with noise from the
 * other proposers' episodes of the batch. Noise never repeats a passage of the proposer's.
 */
export function verificationMaterial(
  proposal: EpisodeRecord,
  others: readonly EpisodeRecord[],
  { noise, noiseUnit }: Pick<VerificationOptions, 'noise' | 'noiseUnit'>,
  random: Random,
): Material {
  const own = retrievedPassages([proposal]);
  const ownIds = new Set(own.map(({ id }) => id));
  const foreign = (episodes: readonly EpisodeRecord[]): RetrievedPassage[] =>
    retrievedPassages(episodes).filter(({ id }) => !ownIds.has(id));
  const useful = others.filter((other) => foreign([other]).length > 0);
  const chosen =
    noiseUnit === 'passage'
      ? random.sample(foreign(useful), noise)
      : foreign(random.sample(useful, noise));
  return { passages: random.shuffled([...own, ...chosen]), noisePassages: chosen.length };
}

/** The outcome of a judge's reading, which comes as plain text: its last answer, or none. */
export function readAnswer(text: string, tags: FormatTags): Outcome {
  const action = parseTurn(text, tags);
  if (action.kind === 'answer') return { kind: 'answered', text: action.text };
  return { kind: 'no-answer', reason: action.kind === 'none' ? action.reason : 'not-allowed' };
}

/**
 * Whether the reader's answer makes the question valid: by exact match, by containment where that
 * counts, then by the judge where one was asked. The policy's outcome is that of its episode as
 * verifier, a judge's that of {@link readAnswer}. Material or reading over the limit is a reason of its
 * own, as it says nothing of the question. A failure of reader or judge is no verdict.
 */
export function verdictOf(
  reader: Outcome,
  answers: readonly string[],
  containment: Containment,
  judge?: JudgeResult,
): Verdict {
  if (reader.kind === 'failed') return reader;
  if (reader.kind === 'length-limit') return { kind: 'rejected', reason: 'length-limit' };
  if (reader.kind !== 'answered') return { kind: 'rejected', reason: 'no-answer' };
  if (isContainmentMatch(reader.text, answers, containment)) {
    return { kind: 'accepted', by: 'containment' };
  }
  switch (grade(reader.text, answers, judge)) {
    case 'correct':
      return { kind: 'accepted' };
    case 'incorrect':
      return { kind: 'rejected', reason: 'wrong-answer' };
    case 'failed':
      return { kind: 'failed', failure: 'judge' };
  }
}

/** The passages of all results, each id once, in the order in which they were found. */
function retrievedPassages(episodes: readonly EpisodeRecord[]): RetrievedPassage[] {
  const steps = episodes.flatMap((episode) => episode.steps);
  const passages = steps.flatMap((step) => (step.kind === 'result' ? step.passages : []));
  const byId = new Map(passages.map((passage) => [passage.id, passage]));
  return [...byId.values()];
}
