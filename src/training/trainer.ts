import type { PolicyClient } from '../clients/policy/policy-client.ts';
import type { GameConfig } from '../config/game.ts';
import type { TrainingConfig, WatchConfig } from '../config/training.ts';
import { SspError } from '../errors/error.ts';
import type { Progress } from '../progress/progress.ts';
import { createRandom } from '../random/random.ts';
import type { RunFolder } from '../run/run-folder.ts';
import type { QuestionRecord } from '../types/question-record.ts';
import type { SearchService } from '../types/search-service.ts';
import type { StepMetrics, UpdateFacts, WatchEvent } from '../types/step-metrics.ts';
import { withAdvantages } from './advantages.ts';
import { Checkpoints } from './checkpoints.ts';
import { checkFailures, watchStep } from './collapse-watch.ts';
import { playStep } from './play-step.ts';
import type { QuestionSource } from './question-source.ts';
import type { Rollouts, StepContext } from './rollouts.ts';
import type { TrainerState } from './run-writer.ts';
import { cutBack, writeEvent, writeState, writeStep, writeTimings } from './run-writer.ts';
import { samplesOf } from './samples.ts';
import type { Validations } from './step-metrics.ts';
import { stepLine, stepMetrics } from './step-metrics.ts';
import { StepTimer, stepTimings } from './step-timer.ts';
import type { TruthOf } from './truth.ts';
import { withTruth } from './truth.ts';
import { updatePolicy } from './update.ts';

/** What a run is made of. */
export interface TrainerParts {
  readonly folder: RunFolder;
  readonly config: {
    readonly game: GameConfig;
    readonly training: TrainingConfig;
    readonly watch: WatchConfig;
  };
  /** Where its questions come from, after so many draws. */
  readonly openQuestions: (drawn: number) => QuestionSource;
  readonly client: PolicyClient;
  /** Of the names of checkpoints, where the policy service is not this run's alone. */
  readonly checkpointPrefix?: string;
  /** What the rollouts search with. */
  readonly search: Pick<SearchService, 'takeFacts'>;
  readonly rollouts: Rollouts;
  /** The score of the live policy on held-out questions; without it there is no validation. */
  readonly validate: ((signal: AbortSignal) => Promise<Validations>) | undefined;
  readonly truthOf: TruthOf | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The training loop over a run directory: self-play, or the solver alone on given questions. */
export class Trainer {
  readonly #parts: TrainerParts;
  readonly #checkpoints: Checkpoints;
  #state: TrainerState;
  #questions: QuestionSource;
  /** Of the weights that the policy service should have. */
  #version = '';

  constructor(parts: TrainerParts, state: TrainerState) {
    const { folder, client, checkpointPrefix, config } = parts;
    this.#parts = parts;
    const { keepCheckpoints } = config.training;
    this.#checkpoints = new Checkpoints(folder, client, keepCheckpoints, checkpointPrefix);
    this.#state = state;
    this.#questions = parts.openQuestions(state.drawnSeeds);
  }

  get state(): TrainerState {
    return this.#state;
  }

  /**
   * Trains up to the configured number of steps. A failure or an abort leaves the run as it was
   * after its last checkpoint. Throws SSP_TRAINING_FAILURES, SSP_TRAINING_WEIGHTS_CHANGED,
   * SSP_TRAINING_COLLAPSED, the SSP_POLICY_ errors, and the signal's reason once it is aborted.
   */
  async run(): Promise<TrainerState> {
    const { training } = this.#parts.config;
    this.#version = await this.#weightsVersion();
    if (this.#state.checkpoint === null) await this.#begin();
    while (this.#state.step < training.steps) {
      const events = await this.#step();
      await this.#obey(events);
    }
    return this.#state;
  }

  /** Puts the newest checkpoint up to `step` back and removes what came after it. */
  async resume(step = Infinity): Promise<TrainerState> {
    const state = await this.#checkpoints.load(step, this.#parts.signal);
    await this.#goOnFrom(state);
    return this.#state;
  }

  /** The state before the first step: its score, and a checkpoint to fall back to. */
  async #begin(): Promise<void> {
    const { folder, config, search, progress, signal } = this.#parts;
    const timer = new StepTimer();
    const validation = await this.#validation(0, timer);
    if (validation !== null) {
      const { isProposed } = this.#questions;
      const beside = {
        ...{ step: 0, dummies: 0, poolQuestions: 0, updates: {}, validation, isProposed },
      };
      const metrics = { ...stepMetrics([], beside), watch: [] };
      await writeStep(folder, [], metrics);
      await writeTimings(folder, stepTimings(0, [], timer, search.takeFacts()));
      progress.note(stepLine(metrics, timer.seconds(), config.training.steps));
    }
    const state = { ...this.#state, best: this.#best(0, validation) };
    this.#state = await this.#checkpoints.save(state, signal);
  }

  async #step(): Promise<readonly WatchEvent[]> {
    const { folder, config, rollouts, search, progress, signal } = this.#parts;
    const { training } = config;
    const timer = new StepTimer();
    const step = this.#state.step + 1;
    const context = this.#context(step);
    const played = await playStep(this.#questions, this.#state.pool, context, timer);
    const records = withAdvantages(
      withTruth(played.records, this.#parts.truthOf),
      training,
      context.random('shuffle'),
    );
    const beside = {
      ...{ step, dummies: played.dummies, poolQuestions: played.pool.questions.length },
      ...{ updates: {}, validation: null, isProposed: this.#questions.isProposed },
    };
    checkFailures(stepMetrics(records, beside), training.maxFailedShare, rollouts);
    const { updates, version } = await this.#learn(records, timer);
    this.#version = version;
    const validation = await this.#validation(step, timer);
    const measured = stepMetrics(records, { ...beside, updates, validation });
    const { events, streaks } = watchStep(measured, config.watch, this.#state.streaks);
    const metrics: StepMetrics = { ...measured, watch: events };
    await writeStep(folder, records, metrics);
    const next: TrainerState = {
      ...this.#state,
      ...{ step, drawnSeeds: this.#questions.drawn, pool: played.pool, streaks },
      best: this.#best(step, validation),
    };
    const isDue = step % training.checkpointSteps === 0 || step === training.steps;
    this.#state = isDue
      ? await timer.run('checkpoint', () => this.#checkpoints.save(next, signal))
      : next;
    const timings = stepTimings(step, records, timer, search.takeFacts());
    await writeTimings(folder, timings);
    progress.note(stepLine(metrics, timings.seconds, training.steps));
    return events;
  }

  #context(step: number): StepContext {
    const { config, rollouts, progress, signal } = this.#parts;
    const { training, game } = config;
    const { rollbacks } = this.#state;
    return {
      ...{ step, rollouts, training, attempts: game.attempts, progress, signal },
      // After a rollback the same steps are played with other chances.
      random: (...path) => createRandom(training.seed, 'run', rollbacks, 'step', step, ...path),
    };
  }

  async #learn(
    records: readonly QuestionRecord[],
    timer: StepTimer,
  ): Promise<{ updates: StepMetrics['updates']; version: string }> {
    const { client, config, progress, signal } = this.#parts;
    const { training, game } = config;
    const samples = samplesOf(records, training);
    const options = {
      ...{ client, training, timer, progress, signal },
      step: this.#state.step + 1,
      temperatures: {
        proposer: game.proposerTemperature ?? game.temperature,
        solver: game.temperature,
      },
    };
    const names = updatesOf(training);
    const parts = names.map((name, i) => ({
      samples: samples.filter(({ role }) => name === 'combined' || role === name),
      learningRate: this.#learningRate(i, names.length),
    }));
    const { facts, version } = await updatePolicy(parts, this.#version, options);
    return { updates: named(names.map((name, i) => [name, facts[i]])), version };
  }

  /** Of update `part` (from 0) of `parts` in this step: rises at first, shrinks with each rollback. */
  #learningRate(part: number, parts: number): number {
    const { training, watch } = this.#parts.config;
    const { step, rollbacks } = this.#state;
    return training.lr * warmUp(training, step, part, parts) * watch.rollbackLrFactor ** rollbacks;
  }

  async #validation(step: number, timer: StepTimer): Promise<Validations | null> {
    const { validate, config, signal } = this.#parts;
    const { validationSteps, steps } = config.training;
    if (validate === undefined || validationSteps === 0) return null;
    if (step % validationSteps !== 0 && step !== steps) return null;
    const validation = await timer.run('validate', () => validate(signal));
    return validation;
  }

  /** The best step so far, this one included; a later one must be better. */
  #best(step: number, validations: Validations | null): TrainerState['best'] {
    const { best } = this.#state;
    const measure = this.#parts.config.training.bestBy;
    const score = validations?.validation[measure] ?? null;
    if (score === null || (best !== null && score <= best.score)) return best;
    return { step, measure, score };
  }

  /** Does what the alarms ask for, the strictest first. */
  async #obey(events: readonly WatchEvent[]): Promise<void> {
    const { folder, config, progress, signal } = this.#parts;
    const { step, rollbacks, streaks } = this.#state;
    for (const event of events) {
      await writeEvent(folder, { event: 'alarm', step, ...event });
      const { measure, value, limit, action } = event;
      progress.note(
        `warning: step ${step}, ${measure} is ${value.toPrecision(3)}, limit ${limit} (${action})`,
      );
    }
    const stop = events.find(({ action }) => action === 'stop');
    const back = events.find(({ action }) => action === 'rollback');
    const last = stop ?? (rollbacks >= config.watch.maxRollbacks ? back : undefined);
    if (last !== undefined) {
      const { measure, value, limit } = last;
      const collapsed = new SspError('SSP_TRAINING_COLLAPSED', { step, measure, value, limit });
      await writeEvent(folder, { event: 'stopped', step, reason: collapsed.message });
      throw collapsed;
    }
    if (back === undefined) return;
    const state = await this.#checkpoints.load(step - (streaks[back.measure] ?? 0), signal);
    const lowered = { ...state, rollbacks: rollbacks + 1, streaks: {} };
    await writeState(folder, lowered); // first, so that a kill in here forgets nothing
    await this.#goOnFrom(lowered);
    progress.note(`rolled back to step ${this.#state.step}; the learning rate is lowered`);
  }

  async #goOnFrom(state: TrainerState): Promise<void> {
    const { folder, openQuestions } = this.#parts;
    this.#state = state;
    await cutBack(folder, state.step);
    this.#questions = openQuestions(state.drawnSeeds);
    this.#version = await this.#weightsVersion();
  }

  async #weightsVersion(): Promise<string> {
    const facts = await this.#parts.client.facts(this.#parts.signal);
    return String(facts['weights_version']);
  }
}

/** The updates of a step in their order. */
function updatesOf({ updates, learners }: TrainingConfig): (keyof StepMetrics['updates'])[] {
  if (updates === 'combined') return ['combined'];
  return learners === 'both' ? ['proposer', 'solver'] : [learners];
}

/**
 * The share of the learning rate, 0..1, after `step` steps of `parts` updates each. Counted in steps the
 * first has one part of `warmupSteps`; counted in updates the first has nothing.
 */
export function warmUp(
  { warmupSteps, warmupOf }: Pick<TrainingConfig, 'warmupSteps' | 'warmupOf'>,
  step: number,
  part: number,
  parts: number,
): number {
  if (warmupSteps === 0) return 1;
  const done = warmupOf === 'steps' ? step + 1 : step * parts + part;
  return Math.min(1, done / warmupSteps);
}

/** Without the updates that there were none of. */
function named(
  updates: readonly (readonly [string, UpdateFacts | undefined])[],
): StepMetrics['updates'] {
  return Object.fromEntries(
    updates.filter(([, facts]) => facts !== undefined && facts.sequences > 0),
  );
}
