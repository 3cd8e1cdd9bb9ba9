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
