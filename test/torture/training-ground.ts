import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { readTimings } from '../../src/run/read-run.ts';
import { runFolder, stepName } from '../../src/run/run-folder.ts';
import type { Random } from '../../src/types/random.ts';
import { outcomeOf } from '../material/training/run-outcome.ts';
import { makeWorld, writeRunConfig } from '../python/training/world.ts';
import type { End, ProgramOptions } from './program.ts';
import { errorCodeOf, Program, runProgram } from './program.ts';
import { hold, holdSame } from './trial.ts';

/** What a step of training does, in order; `begin` is all before the first step. */
const phases = [
  ...(['begin', 'propose', 'verify', 'solve', 'score', 'update'] as const),
  ...(['validate', 'save'] as const),
] as const;
export type Phase = (typeof phases)[number];

/** A moment within a phase of a step. */
export interface TrainingMoment {
  readonly phase: Phase;
  readonly step: number;
}

/** A tiny policy in a small world, and what two steps with real updates of its weights give. */
export interface TrainingGround {
  readonly config: string;
  readonly index: string;
  readonly outcome: string;
  /** By phase, in the slower of two steps. */
  readonly lengthMs: ReadonlyMap<Phase, number>;
}

const trainingSteps = 2;

const grounds = new Map<AbortSignal, Promise<TrainingGround>>();

/** The ground of this run of all trials, made when first wanted. */
export function trainingGround(folder: string, signal: AbortSignal): Promise<TrainingGround> {
  const made = grounds.get(signal) ?? makeGround(folder, signal);
  grounds.set(signal, made);
  return made;
}

async function makeGround(folder: string, signal: AbortSignal): Promise<TrainingGround> {
  const world = await makeWorld(folder, { entities: 200, questions: 60 });
  const training = {
    ...{ steps: trainingSteps, batchQuestions: 4, miniBatchQuestions: 2 },
    ...{ validationSteps: 1, validationQuestions: 4 },
  };
  const config = await writeRunConfig(folder, world, { training });
  const run = join(folder, 'run');
  const startMs = performance.now();
  const { code, stderr } = await new Program(trainArguments(config, run), { signal }).ended;
  hold(code === 0, () => `undisturbed: ${stderr.slice(-3000)}`);
  const timings = await readTimings(runFolder(run));
  const slower = (phase: Exclude<Phase, 'begin' | 'save'> | 'checkpoint' | 'total'): number =>
    1000 * Math.max(...timings.map(({ seconds }) => seconds[phase]));
  const stepsMs = timings.reduce((sum, { seconds }) => sum + 1000 * seconds.total, 0);
  const lengthMs = new Map<Phase, number>(
    phases.map((phase) => {
      if (phase === 'begin') return [phase, performance.now() - startMs - stepsMs];
      return [phase, slower(phase === 'save' ? 'checkpoint' : phase)];
    }),
  );
  return { config, index: world.index, outcome: await outcomeOf(run), lengthMs };
}

export function trainArguments(config: string, run: string): string[] {
  return ['train', '--config', config, '--run', run];
}

/**
 * Waits until the training is in the phase of the step, and then for a part of that phase's length;
 * false where it ends before.
 */
export async function reachPhase(
  program: Program,
  run: string,
  { phase, step }: TrainingMoment,
  { lengthMs }: TrainingGround,
  random: Random,
): Promise<boolean> {
  const delayMs = random.below(1 + Math.round(lengthMs.get(phase) ?? 0));
  const isIn = (): boolean => isInPhase(program, run, { phase, step });
  if (!(await program.until(isIn))) return false;
  return program.wait(delayMs);
}

function isInPhase({ stages }: Program, run: string, { phase, step }: TrainingMoment): boolean {
  if (phase === 'begin') return true;
  if (phase === 'save') return isSaving(run, step);
  const names = stages.map(({ name }) => name);
  if (phase !== 'validate') return names.includes(`step ${step}, ${phase}`);
  return names.lastIndexOf('validate') > names.indexOf(`step ${step}, update`);
}

/** Whether the weights of a step are being written, or are there without the trainer's state. */
function isSaving(run: string, step: number): boolean {
  const { checkpoints, states } = runFolder(run);
  const name = stepName(step);
  if (!existsSync(checkpoints) || existsSync(join(states, `${name}.json`))) return false;
  return readdirSync(checkpoints).some((one) => one.includes(name));
}

/**
 * Goes on with a training that was disturbed until it is done, and holds it against the undisturbed
 * one: metrics and episodes, byte for byte. `here` is where this process finds the run.
 */
export async function goOn(
  { config, outcome }: TrainingGround,
  run: string,
  options: ProgramOptions,
  { more = [], here = run }: { readonly more?: readonly string[]; readonly here?: string } = {},
): Promise<void> {
  const args = [...trainArguments(config, run), ...resumption(here), ...more];
  const { code, endedBy, stderr } = await runProgram(args, options);
  hold(code === 0, () => `going on ends with ${code ?? endedBy ?? ''}: ${stderr.slice(-3000)}`);
  holdSame(await outcomeOf(here), outcome, 'what the run did');
}

/** A step that the run has not done yet; undefined where it is at its end. */
export function stepToCome(run: string, random: Random): number | undefined {
  const { states } = runFolder(run);
  const done = existsSync(states) ? readdirSync(states).sort().at(-1) : undefined;
  const left = trainingSteps - Number(/\d+/.exec(done ?? '0')?.[0]);
  return left === 0 ? undefined : trainingSteps - random.below(left);
}

/** A run that had not begun is not resumed but begun. */
export function resumption(run: string): string[] {
  const { states } = runFolder(run);
  return existsSync(states) && readdirSync(states).length > 0 ? ['--resume'] : [];
}

/** Holds that a training ended with one of the codes, and no step is half there. */
export function holdCoded(end: End, codes: RegExp, what: string): string {
  const code = errorCodeOf(end);
  hold(
    codes.test(code),
    () =>
      `${what}: ended with ${end.code ?? end.endedBy ?? ''} ${code}\n${end.stderr.slice(-3000)}`,
  );
  return code;
}
