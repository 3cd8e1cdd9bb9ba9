import { runAll } from '../concurrency/limits.ts';
import type { GameConfig } from '../config/game.ts';
import type { TrainingConfig } from '../config/training.ts';
import type { SspError } from '../errors/error.ts';
import type { Judge } from '../judge/judge.ts';
import type { Progress } from '../progress/progress.ts';
import type { gameOptions } from '../rollout/game-options.ts';
import { playEpisode } from '../rollout/play-episode.ts';
import type { Player } from '../rollout/player.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import type { EpisodeRecord, Role } from '../types/episode.ts';
import type { Random } from '../types/random.ts';

/** What rollouts are played by: the rules of the game, and everything that plays. */
export interface RolloutParts {
  readonly game: ReturnType<typeof gameOptions>;
  readonly players: Readonly<Record<Role, Player>>;
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

/** A phase of a step. */
interface Phase {
  /** For the progress. */
  readonly name: string;
  readonly step: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
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
    { name, step, progress, signal }: Phase,
  ): Promise<EpisodeRecord[]> {
    if (starts.length === 0) return [];
    const { game, players, searcher, maxConcurrent } = this.parts;
    const { format, limits, endsSpoiledTurns } = game;
    const rules = { role, format, limits: limits[role], endsSpoiledTurns };
    const player = players[role];
    const asker = { step: String(step), agent: role };
    const stage = progress.stage(name, 'episodes', starts.length);
    const onFailure = (_: unknown, error: SspError): void => {
      this.noteFailure(error);
    };
    const playOne = async ({ chat, seed }: RolloutStart, _: number, ends: AbortSignal) => {
      const { prompt, sampler } = player.open(chat);
      const at = { sampler, searcher, tokenizer: player.tokenizer, asker };
      const record = await playEpisode({ rules, prompt, seed }, at, ends, onFailure);
      stage.add(1);
      return record;
    };
    return runAll(starts, maxConcurrent, playOne, signal);
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
export function phase({ step, progress, signal }: StepContext, name: string): Phase {
  return { name: `step ${step}, ${name}`, step, progress, signal };
}
