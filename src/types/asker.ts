/** For whom queries are asked, as far as that is known; a search service counts and logs by it. */
export interface Asker {
  readonly run?: string;
  /** A whole number, as text. */
  readonly step?: string;
  /** Who asks within the step, such as `solver`. */
  readonly agent?: string;
}
