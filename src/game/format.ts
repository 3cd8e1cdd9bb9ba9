import type { Role, TurnAction } from '../types/episode.ts';

/** Names of a format’s tags, without brackets: letters, digits and `_`. */
export interface FormatTags {
  readonly search: string;
  readonly answer: string;
  readonly question: string;
  /** Around what a search found. */
  readonly result: string;
  readonly think: string;
  /** Around what the model quotes from results before it answers. */
  readonly evidence?: string;
}

/** A chat's first messages as templates with holes such as `{question}`. */
interface PromptTemplate {
  readonly system?: string;
  readonly user: string;
}

/**
 * How a family of models writes the game: all of it is data, from a file (src/game/formats has those that
 * ship). The holes of the prompts are `{answer}` and perhaps `{hops}` and `{examples}` for the proposer,
 * `{question}` for the solver, `{question}` and `{material}` for the verifier.
 */
export interface GameFormat {
  readonly tags: FormatTags;
  readonly prompts: Readonly<Record<Role, PromptTemplate>>;
  /** What stands in the hole `{examples}` for a seed that brings example questions; hole `{examples}`. */
  readonly examples?: string;
  readonly results: {
    /**
     * The message that a result stands in. `assistant`: right after the query, in the model's own
     * message, which then goes on.
     */
    readonly role: 'assistant';
    /** What is appended after a query; hole `{passages}`. */
    readonly block: string;
    /** One passage; holes `{rank}` (from 1), `{title}`, `{text}`. */
    readonly passage: string;
    readonly separator: string;
    /** Stands for the passages where there are none. */
    readonly none: string;
  };
  /** Said after a turn that did nothing, which then may be tried again; without it the episode ends. */
  readonly remark?: string;
}

type Action = Exclude<TurnAction['kind'], 'none'>;

/** What each role may do. */
const actions: Readonly<Record<Role, readonly Action[]>> = {
  proposer: ['search', 'question'],
  solver: ['search', 'answer'],
  verifier: ['answer'],
};

/** Whether the role may do this. */
export function isAllowed(action: Action, role: Role): boolean {
  return actions[role].includes(action);
}

/** Why a turn cannot come to anything any more. */
type Spoiling = 'repeated-tags' | 'nested-tags';

/**
 * Texts after which a turn of the role is spoiled, with the reason, at most a dozen: a tag right after
 * itself, also in the next line, and a tag right inside that of an action. A model that loops writes them
 * until its limit.
 */
export function spoilingTexts({ tags }: GameFormat, role: Role): ReadonlyMap<string, Spoiling> {
  const open = (name: string): string => `<${name}>`;
  const acting = actions[role].map((action) => open(tags[action]));
  const repeated = [...acting, open(tags.think), `</${tags.think}>`];
  const nested = acting.flatMap((outer) =>
    [...acting, open(tags.think)].filter((inner) => inner !== outer).map((inner) => outer + inner),
  );
  return new Map<string, Spoiling>([
    ...repeated.flatMap((tag): [string, Spoiling][] => [
      [`${tag}${tag}`, 'repeated-tags'],
      [`${tag}\n${tag}`, 'repeated-tags'],
    ]),
    ...nested.map((text): [string, Spoiling] => [text, 'nested-tags']),
  ]);
}

/** The texts that end a turn of the role: the closing tags of what it may do. */
export function stopTexts({ tags }: GameFormat, role: Role): string[] {
  return actions[role].map((action) => `</${tags[action]}>`);
}
