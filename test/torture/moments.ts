import type { Random } from '../../src/types/random.ts';
import type { Program, StageSeen } from './program.ts';

/** A part of a command's life: from the start of a stage to that of the next one. */
export interface Span {
  /** `start` is what comes before the first stage. */
  readonly stage: string;
  readonly lengthMs: number;
}

/** The spans of a command that has ended after `wholeMs`. */
export function spansOf(stages: readonly StageSeen[], wholeMs: number): Span[] {
  const starts = [{ name: 'start', atMs: 0 }, ...stages];
  return starts.map(({ name, atMs }, at) => ({
    stage: name,
    lengthMs: (starts[at + 1]?.atMs ?? wholeMs) - atMs,
  }));
}

/** Waits for a moment drawn from the span; false where the program has ended before. */
export async function reach(
  program: Program,
  { stage, lengthMs }: Span,
  random: Random,
): Promise<boolean> {
  const isIn = (): boolean => program.stages.some(({ name }) => name === stage);
  const delayMs = random.below(Math.max(1, Math.round(lengthMs)));
  if (stage !== 'start' && !(await program.until(isIn))) return false;
  return program.wait(delayMs);
}
