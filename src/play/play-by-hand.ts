import { isSspError } from '../errors/error.ts';
import type { Episode, EpisodeRules } from '../game/episode.ts';
import {
  afterRemark,
  afterSampling,
  afterSearch,
  episodeRecord,
  failEpisode,
  startEpisode,
} from '../game/episode.ts';
import { isAllowed } from '../game/format.ts';
import type { ProposerRewardOptions } from '../game/rewards.ts';
import { proposerReward, solverReward } from '../game/rewards.ts';
import type { RuleFilterOptions } from '../game/rule-filter.ts';
import { filterQuestion } from '../game/rule-filter.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { EpisodeRecord } from '../types/episode.ts';
import type { Piece } from './spectator.ts';
import { outcomeText, passagesText, rewardText } from './spectator.ts';
import type { Terminal } from './terminal.ts';

/** What a person types, as the turn that a model would have written. */
const actions = { s: 'search', a: 'answer', q: 'question' } as const;

/**
 * Plays one episode by hand, under the rules that a model plays under: `s <query>` searches,
 * `a <answer>` or `q <question>` ends it. What is typed wrong costs no turn. Undefined where the
 * input ends first. A search that fails ends the episode as `failed`.
 */
export async function playByHand(
  rules: EpisodeRules,
  searcher: Searcher,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<EpisodeRecord | undefined> {
  let episode = startEpisode(rules, []);
  while (episode.next.kind !== 'end') {
    const next = await advance(episode, searcher, terminal, signal);
    if (next === undefined) return undefined;
    episode = next;
  }
  terminal.show('The end', outcomeText(episode.next.outcome));
  return episodeRecord(episode);
}

async function advance(
  episode: Episode,
  searcher: Searcher,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Episode | undefined> {
  const { next } = episode;
  switch (next.kind) {
    case 'sample': {
      const text = await askForTurn(episode, terminal);
      if (text === undefined) return undefined;
      return afterSampling(episode, { tokens: [], logProbs: [], text, finishReason: 'stop' });
    }
    case 'search':
      return search(episode, next.query, searcher, terminal, signal);
    case 'remark':
      terminal.show('That did nothing', next.text);
      return afterRemark(episode, []);
    case 'end':
      return episode;
  }
}

async function askForTurn(
  { rules, steps }: Episode,
  terminal: Terminal,
): Promise<string | undefined> {
  const { role, limits, format } = rules;
  const end = role === 'proposer' ? 'q <question>' : 'a <answer>';
  const turn = steps.filter(({ kind }) => kind === 'sampled').length + 1;
  const searches = steps.filter(({ kind }) => kind === 'result').length;
  for (;;) {
    const line = await terminal.ask(
      `turn ${turn} of ${limits.turns}, ${searches} of ${limits.searches} searches: s <query> or ${end} > `,
    );
    if (line === undefined) return undefined;
    const [, letter = '', text = ''] = /^\s*([saq])\s+(\S.*)$/.exec(line) ?? [];
    const action = letter === '' ? undefined : actions[letter as keyof typeof actions];
    if (action !== undefined && isAllowed(action, role)) {
      return `<${format.tags[action]}>${text}</${format.tags[action]}>`;
    }
    terminal.show(`Type a letter and a text: s <query> to search, ${end} to end.`);
  }
}

async function search(
  episode: Episode,
  query: string,
  searcher: Searcher,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Episode> {
  try {
    const passages = await searcher.search(query, signal);
    terminal.show(`Found for "${query}"`, passagesText(passages));
    return afterSearch(episode, passages, []);
  } catch (error) {
    signal.throwIfAborted();
    if (!isSspError(error)) throw error;
    terminal.show('The search failed', error.message);
    return failEpisode(episode, 'search');
  }
}

/** What the game says to a solver's episode: its reward by exact match, and the answer. */
export function solverResult({ outcome }: EpisodeRecord, answers: readonly string[]): Piece {
  const reward = rewardText(solverReward(outcome, answers));
  return { heading: 'Your reward', text: `${reward}\nThe answer: ${answers.join(' = ')}` };
}

/** What the game says to a proposer's episode: the rule filter's verdict, and the reward of a bad one. */
export function proposerResult(
  episode: EpisodeRecord,
  answers: readonly string[],
  filter: RuleFilterOptions,
  rewards: ProposerRewardOptions,
): Piece {
  const verdict = filterQuestion(episode, answers, filter);
  const heading = "The rule filter's verdict";
  switch (verdict.kind) {
    case 'accepted':
      return {
        heading,
        text: 'Accepted. Verification and the reward need a policy: its reward is what the solver misses.',
      };
    case 'rejected': {
      const reward = rewardText(proposerReward({ kind: 'invalid' }, rewards));
      return { heading, text: `Rejected: ${verdict.reason}.\n${reward}` };
    }
    case 'failed':
      return { heading, text: `The ${verdict.failure} service failed; that is no reward.` };
  }
}
