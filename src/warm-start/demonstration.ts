import type { ChatFormat } from '../chat/chat-format.ts';
import type { Episode, RoleLimits } from '../game/episode.ts';
import type { FormatTags, GameFormat } from '../game/format.ts';
import { renderPrompt, renderVerifierPrompt } from '../game/prompt.ts';
import { parseTurn } from '../game/turn-parser.ts';
import { playEpisode } from '../rollout/play-episode.ts';
import { promptIds } from '../rollout/sampler.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { EpisodeRecord, RetrievedPassage, TurnAction } from '../types/episode.ts';

/** What a role is asked, by the holes of its prompt. */
export type Task =
  | { readonly role: 'proposer'; readonly answer: string; readonly hops: number }
  | { readonly role: 'solver'; readonly question: string }
  | {
      readonly role: 'verifier';
      readonly question: string;
      readonly material: readonly RetrievedPassage[];
    };

/** What is done next: an action, or the very words of a turn that does it; undefined gives up. */
export type Script = (episode: Episode) => Action | string | undefined;
type Action = Exclude<TurnAction, { kind: 'none' }>;

/** How the game is written and bounded. */
export interface Stage {
  readonly chat: ChatFormat;
  readonly format: GameFormat;
  readonly limits: RoleLimits;
}

/** Token ids of the prompt of a task. */
function taskPrompt(task: Task, { chat, format }: Stage): number[] {
  switch (task.role) {
    case 'proposer':
      return promptIds(chat, renderPrompt(format, 'proposer', { ...task }));
    case 'solver':
      return promptIds(chat, renderPrompt(format, 'solver', { question: task.question }));
    case 'verifier':
      return promptIds(chat, renderVerifierPrompt(format, task.question, task.material));
  }
}

/**
 * Plays the script by the real rules in the model's place: an episode in the format at hand, whatever
 * the script was taken from. It has no log-probs. Undefined where it did not come to its answer or
 * question: the script gave up, or limits were met. Throws what the searcher throws.
 */
export async function demonstrate(
  task: Task,
  script: Script,
  searcher: Searcher,
  stage: Stage,
  signal: AbortSignal,
): Promise<EpisodeRecord | undefined> {
  const { chat, format, limits } = stage;
  const sampler = {
    sample({ episode }: { readonly episode: Episode }) {
      const text = turnText(script(episode), format.tags);
      const tokens = saidTokens(text, stage);
      return Promise.resolve({ tokens, text, logProbs: [], finishReason: 'length' as const });
    },
  };
  let failure: Error | undefined;
  const record = await playEpisode(
    {
      rules: { role: task.role, format, limits: limits[task.role] },
      prompt: taskPrompt(task, stage),
      seed: 0,
    },
    { sampler, searcher, tokenizer: chat.tokenizer },
    signal,
    (_, error) => (failure = error),
  );
  if (failure !== undefined) throw failure;
  return record.outcome.kind === 'answered' ? record : undefined;
}

/**
 * Token ids of what a model would say: a tag is the token that the model has for it. Text that looks
 * like another of its control tokens stays text.
 */
function saidTokens(text: string, { chat: { tokenizer }, format }: Stage): number[] {
  const tags = new Set(Object.values(format.tags).flatMap((tag) => [`<${tag}>`, `</${tag}>`]));
  const others = [...tokenizer.addedTokens.keys()].filter((token) => !tags.has(token));
  return tokenizer.encode(text, { plainText: others.some((token) => text.includes(token)) });
}

/** The words of a turn in these tags; none where the script gives up. */
function turnText(said: Action | string | undefined, tags: FormatTags): string {
  if (said === undefined || typeof said === 'string') return said ?? '';
  return `<${tags[said.kind]}>${said.kind === 'search' ? said.query : said.text}</${tags[said.kind]}>`;
}

/**
 * The script of a recorded episode. Its own words are kept where they do the same in these tags, else
 * the action alone.
 */
export function recordedScript({ steps }: EpisodeRecord, tags: FormatTags): Script {
  const turns = steps.flatMap((step) => {
    if (step.kind !== 'sampled' || step.action.kind === 'none') return [];
    const { text, action } = step;
    return [isSame(parseTurn(text, tags), action) ? text : action];
  });
  return (episode) => turns[episode.steps.filter(({ kind }) => kind === 'sampled').length];
}

/** Finds what the recorded episode found, whatever an index would say today. */
export function recordedSearcher({ steps }: EpisodeRecord): Searcher {
  const found = new Map(
    steps.flatMap((step) => (step.kind === 'result' ? [[step.query, step.passages]] : [])),
  );
  return { search: (query) => Promise.resolve(found.get(query) ?? []) };
}

function isSame(one: TurnAction, other: TurnAction): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
