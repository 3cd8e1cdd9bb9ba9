/** For whom queries are asked, as far as that is known; a search service counts and logs by it. */
export interface Asker {
  readonly run?: string;
  /** A whole number, as text. */
  readonly step?: string;
  /** Who asks within the step, such as `solver`. */
  readonly agent?: string;
}

/** Where queries come from. */
export interface QuerySource {
  /** For whom they are asked, where that is known. */
  readonly asker?: Asker;
  /** The route of a service that took them: `/retrieve`, `/v1/search`, `/mcp`. */
  readonly route?: string | undefined;
}
