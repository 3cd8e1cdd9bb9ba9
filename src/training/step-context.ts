import type { GameConfig } from '../config/game.ts';
import type { TrainingConfig } from '../config/training.ts';
import type { Progress } from '../progress/progress.ts';
import type { Random } from '../types/random.ts';
import type { Table } from './table.ts';

/** What the parts of one step share. */
export interface StepContext {
  /** From 1. */
  readonly step: number;
  readonly table: Table;
  readonly training: TrainingConfig;
  readonly attempts: GameConfig['attempts'];
  /** The stream of random numbers of that name in this step. */
  readonly random: (...path: readonly (string | number)[]) => Random;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The options of `Table.play` for a phase of the step. */
export function phase(
  { step, progress, signal }: StepContext,
  name: string,
): { name: string; progress: Progress; signal: AbortSignal } {
  return { name: `step ${step}, ${name}`, progress, signal };
}
