import type { Episode, EpisodeLimits } from '../../../src/game/episode.ts';
import { afterSampling, startEpisode } from '../../../src/game/episode.ts';
import type { GameFormat } from '../../../src/game/format.ts';
import { gameFormats } from '../../../src/rollout/game-formats.ts';
import type { EpisodeRecord, EpisodeStep, Outcome, Role } from '../../../src/types/episode.ts';

/** The paper's limits. */
export const limits: EpisodeLimits = {
  turns: 10,
  searches: 10,
  promptTokens: 4096,
  responseTokens: 8192,
  queryCharacters: 1000,
};

interface Setting {
  readonly role?: Role;
  readonly format?: GameFormat;
  readonly limits?: Partial<EpisodeLimits>;
  readonly prompt?: readonly number[];
}

/** A started episode: a solver's by the paper's limits where nothing else is said. */
export function started(setting: Setting = {}): Episode {
  const { role = 'solver', format = gameFormats.ssp, prompt = [1, 2, 3] } = setting;
  return startEpisode({ role, format, limits: { ...limits, ...setting.limits } }, prompt);
}

/** A turn of `text` in as many tokens as are named; their log-probs are -id / 100. */
export function sampled(
  episode: Episode,
  text: string,
  tokens: readonly number[] = [50],
  finishReason: 'stop' | 'length' = 'stop',
): Episode {
  const logProbs = tokens.map((token) => -token / 100);
  return afterSampling(episode, { tokens, logProbs, text, finishReason });
}

/** A proposer's record with one search a query; `searches` names the ids of what each found. */
export function proposal(
  outcome: Outcome,
  searches: Readonly<Record<string, readonly string[]>>,
): EpisodeRecord {
  const steps = Object.entries(searches).flatMap(([query, ids]): EpisodeStep[] => {
    const passages = ids.map((id) => ({ id, title: `Title ${id}`, text: `Text ${id}` }));
    const turn = { tokens: [], logProbs: [], text: `<search>${query}</search>` };
    return [
      { kind: 'sampled', ...turn, action: { kind: 'search', query } },
      { kind: 'result', query, passages, tokens: [] },
    ];
  });
  return { role: 'proposer', prompt: [], steps, outcome };
}
