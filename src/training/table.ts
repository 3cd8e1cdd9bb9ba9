import type { SspError } from '../errors/error.ts';
import type { Judge } from '../judge/judge.ts';
import type { ChatFormat } from '../policy/chat-format.ts';
import type { Progress } from '../progress/progress.ts';
import type { gameOptions } from '../rollout/game-options.ts';
import type { EpisodeTask } from '../rollout/play-episode.ts';
import { playEpisodes } from '../rollout/play-episodes.ts';
import { promptIds } from '../rollout/prompt-ids.ts';
import type { Sampler } from '../rollout/sampler.ts';
import type { Searcher } from '../rollout/searcher.ts';
import type { ChatMessage } from '../types/chat-message.ts';
import type { EpisodeRecord, Role } from '../types/episode.ts';

/** Where the game is played: its rules, and everything that plays. */
export interface TableParts {
  readonly game: ReturnType<typeof gameOptions>;
  /** Of the model that plays. */
  readonly chat: ChatFormat;
  readonly samplers: Readonly<Record<Role, Sampler>>;
  readonly searcher: Searcher;
  readonly judge: Judge | undefined;
  /** Episodes under way at once. */
  readonly maxConcurrent: number;
}

/** One episode to play: the first messages, and what decides its tokens. */
export interface Seat {
  readonly chat: readonly ChatMessage[];
  readonly seed: number;
}

/** A table in use: it remembers the first failure of a service since the last question for it. */
export class Table {
  readonly parts: TableParts;
  #firstFailure: SspError | undefined;

  constructor(parts: TableParts) {
    this.parts = parts;
  }

  /** Plays the seats in one role; record i belongs to seat i. */
  async play(
    role: Role,
    seats: readonly Seat[],
    { name, progress, signal }: { name: string; progress: Progress; signal: AbortSignal },
  ): Promise<EpisodeRecord[]> {
    if (seats.length === 0) return [];
    const { game, chat, samplers, searcher, maxConcurrent } = this.parts;
    const rules = { role, format: game.format, limits: game.limits };
    const tasks = seats.map((seat): EpisodeTask => ({
      rules,
      prompt: promptIds(chat, seat.chat),
      seed: seat.seed,
    }));
    const players = { sampler: samplers[role], searcher, tokenizer: chat.tokenizer };
    const stage = progress.stage(name, 'episodes', seats.length);
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
