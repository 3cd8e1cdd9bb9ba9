import { fileURLToPath } from 'node:url';

import { openChatFormat } from '../../../src/chat/chat-format.ts';
import type { GameConfig } from '../../../src/config/game.ts';
import { gameConfig } from '../../../src/config/game.ts';
import type { TrainingConfig } from '../../../src/config/training.ts';
import { trainingConfig } from '../../../src/config/training.ts';
import { SspError } from '../../../src/errors/error.ts';
import { episodeTokens } from '../../../src/game/episode.ts';
import type { Judge } from '../../../src/judge/judge.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { createRandom } from '../../../src/random/random.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';
import type { Player } from '../../../src/rollout/player.ts';
import type { Sampler } from '../../../src/rollout/sampler.ts';
import { promptIds } from '../../../src/rollout/sampler.ts';
import type { Searcher } from '../../../src/rollout/searcher.ts';
import type { StepContext } from '../../../src/training/rollouts.ts';
import { Rollouts } from '../../../src/training/rollouts.ts';
import type { Seed } from '../../../src/types/seed.ts';

/** Of the scripted players. */
export const chat = await openChatFormat(
  fileURLToPath(new URL('../../material/chat/fixtures/qwen2.5', import.meta.url)),
);

/** What a player says in turn `turn` (from 0) after `text`, all that it has read. */
export type Say = (text: string, turn: number, seed: number) => string;

/** Players that say what the test wants; a model cannot be told what to say. */
export interface Script {
  readonly proposer: Say;
  readonly solver: Say;
  readonly verifier?: Say;
  readonly search?: Searcher['search'];
  readonly judge?: Judge;
}

/** The context of a step played by a script, with the terse format. */
export function scriptedStep(
  script: Script,
  game: Partial<GameConfig> = {},
  training: Partial<TrainingConfig> = {},
  step = 1,
): StepContext {
  const config = gameConfig.parse({
    ...{ format: 'tiny', minQuestionWords: 3, minSearches: 1, attempts: 2 },
    ...game,
  });
  const rollouts = new Rollouts({
    game: gameOptions(config),
    searcher: { search: script.search ?? ((query) => Promise.resolve([passageOf(query)])) },
    players: {
      proposer: saying(script.proposer),
      solver: saying(script.solver),
      verifier: saying(script.verifier ?? (() => '<answer>unknown</answer>')),
    },
    judge: script.judge,
    maxConcurrent: 8,
  });
  return {
    ...{ step, rollouts, attempts: config.attempts, progress: silentProgress },
    training: trainingConfig.parse({ batchQuestions: 2, ...training }),
    random: (...path) => createRandom(7, 'step', step, ...path),
    signal: new AbortController().signal,
  };
}

function saying(say: Say): Player {
  const sampler: Sampler = {
    sample({ episode, seed }) {
      const turn = episode.steps.filter(({ kind }) => kind === 'sampled').length;
      const text = say(chat.tokenizer.decode(episodeTokens(episode)), turn, seed);
      const tokens = chat.tokenizer.encode(text);
      const logProbs = tokens.map(() => -0.5);
      return Promise.resolve({ tokens, logProbs, text, finishReason: 'stop' as const });
    },
  };
  return {
    tokenizer: chat.tokenizer,
    open: (messages) => ({ prompt: promptIds(chat, messages), sampler }),
  };
}

/** The one passage that a query finds. */
export function passageOf(query: string): { id: string; title: string; text: string } {
  return { id: `id of ${query}`, title: query, text: `Text about ${query}.` };
}

/** A service that is away. */
export function unreachable(): SspError {
  const details = { url: 'http://127.0.0.1:9', problem: 'ECONNREFUSED' };
  return new SspError('SSP_SERVICE_UNREACHABLE', details);
}

/** Seeds `answer 0`, `answer 1`, ... as many as are taken, and how many were. */
export function seedSource(): { take: (count: number) => Seed[]; taken: () => number } {
  let next = 0;
  return {
    take: (count) =>
      Array.from({ length: count }, () => ({ answers: [`answer ${(next += 1) - 1}`], hops: 1 })),
    taken: () => next,
  };
}

/** The text after `head` of the last line that has it. */
export function after(head: string, text: string): string {
  return (
    text
      .slice(text.lastIndexOf(head) + head.length)
      .split(/\n|<\|/)[0]
      ?.trim() ?? ''
  );
}
