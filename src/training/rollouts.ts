import type { ChatFormat } from '../chat/chat-format.ts';
import type { GameConfig } from '../config/game.ts';
import type { TrainingConfig } from '../config/training.ts';
import type { SspError } from '../errors/error.ts';
import type { Judge } from '../judge/judge.ts';
import type { Progress } from '../progress/progress.ts';
import type { gameOptions } from '../rollout/game-options.ts';
import type { EpisodeTask } from '../rollout/play-episode.ts';
import { playEpisodes } from '../rollout/play-episode.ts';
import type { Sampler } from '../rollout/sampler.ts';
import { promptIds } from '../rollout/sampler.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import type { EpisodeRecord, Role } from '../types/episode.ts';
import type { Random } from '../types/random.ts';

/** What rollouts are played by: the rules of the game, and everything that plays. */
export interface RolloutParts {
  readonly game: ReturnType<typeof gameOptions>;
  /** Of the model that plays. */
  readonly chat: ChatFormat;
  readonly samplers: Readonly<Record<Role, Sampler>>;
  readonly searcher: Searcher;
  readonly judge: Judge | undefined;
  /** Episodes under way at once. */
  readonly maxConcurrent: number;
}

/** Where a rollout starts: its first messages, and what decides its tokens. */
export interface RolloutStart {
  readonly chat: readonly ChatMessage[];
  readonly seed: number;
}

/** Plays the rollouts of a run, and remembers the first failure of a service until it is asked for. */
export class Rollouts {
  readonly parts: RolloutParts;
  #firstFailure: SspError | undefined;

  constructor(parts: RolloutParts) {
    this.parts = parts;
  }

  /** Plays rollouts in one role, all from their starts; record i belongs to start i, none for none. */
  async play(
    role: Role,
    starts: readonly RolloutStart[],
    { name, progress, signal }: { name: string; progress: Progress; signal: AbortSignal },
  ): Promise<EpisodeRecord[]> {
    if (starts.length === 0) return [];
    const { game, chat, samplers, searcher, maxConcurrent } = this.parts;
    const { format, limits, endsSpoiledTurns } = game;
    const rules = { role, format, limits: limits[role], endsSpoiledTurns };
    const tasks = starts.map((start): EpisodeTask => ({
      rules,
      prompt: promptIds(chat, start.chat),
      seed: start.seed,
    }));
    const players = { sampler: samplers[role], searcher, tokenizer: chat.tokenizer };
    const stage = progress.stage(name, 'episodes', starts.length);
    const onEnd = (): void => {
      stage.add(1);
    };
    const onFailure = (_: unknown, error: SspError): void => {
      this.noteFailure(error);
    };
    return playEpisodes(tasks, players, { maxConcurrent, onEnd, onFailure }, signal);
  }

  noteFailure(error: SspError): void {
    this.#firstFailure ??= error;
  }

  /** Why a service failed first since the last call of this. */
  takeFailure(): SspError | undefined {
    const failure = this.#firstFailure;
    this.#firstFailure = undefined;
    return failure;
  }
}

/** What the parts of one step share. */
export interface StepContext {
  /** From 1. */
  readonly step: number;
  readonly rollouts: Rollouts;
  readonly training: TrainingConfig;
  readonly attempts: GameConfig['attempts'];
  /** The stream of random numbers of that name in this step. */
  readonly random: (...path: readonly (string | number)[]) => Random;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The options of `Rollouts.play` for a phase of the step. */
export function phase(
  { step, progress, signal }: StepContext,
  name: string,
): { name: string; progress: Progress; signal: AbortSignal } {
  return { name: `step ${step}, ${name}`, progress, signal };
}
