import type { RetrievedPassage } from '../types/episode.ts';
import type { EvaluationOverlap } from '../types/evaluation.ts';
import type { ProbeResult } from '../types/probe.ts';
import type { RunManifest } from '../types/run.ts';
import type { StepMetrics, StepTimings, WatchEvent } from '../types/step-metrics.ts';
import type { QuestionView } from './question-view.ts';

/** What the collapse watch said, and at which step. */
export interface Alarm extends WatchEvent {
  readonly step: number;
}

/** What is known of one step. */
export interface StepRow {
  readonly step: number;
  readonly metrics: StepMetrics;
  /** Undefined where the step's line was not written. */
  readonly timings: StepTimings | undefined;
}

/** The questions of a run that are in the page, and how many there are in all. */
export interface SampledQuestions {
  /** By step, then by index. */
  readonly questions: readonly QuestionView[];
  /** Every passage that they name, by id. */
  readonly passages: Readonly<Record<string, Pick<RetrievedPassage, 'title' | 'text'>>>;
  /** Bytes of the two as JSON, about. */
  readonly bytes: number;
  readonly totalQuestions: number;
  /** Steps that have episodes, and how many of them were read. */
  readonly totalSteps: number;
  readonly readSteps: number;
}

/** One run, as it is shown. */
export interface RunData {
  /** Unique in the report. */
  readonly name: string;
  readonly manifest: RunManifest;
  /** The resolved configuration, YAML; undefined where the folder has none. */
  readonly config: string | undefined;
  /** Steps that the configuration asks for, where it says so. */
  readonly plannedSteps: number | undefined;
  /** In order of the steps, each once. */
  readonly rows: readonly StepRow[];
  /** In the order of time, those of steps too that a rollback took back. */
  readonly events: readonly Alarm[];
  readonly sampled: SampledQuestions;
  /** Of a folder of `ssp probe`; undefined of others. */
  readonly probe: ProbeResult | undefined;
  /** With evaluation sets; undefined where it was not asked for. */
  readonly overlap: EvaluationOverlap | undefined;
  /** What could not be read or is missing, a sentence each; empty for a whole run. */
  readonly damage: readonly string[];
}

/** Runs that differ in their seed alone: `noise-0-seed1` and `noise-0-seed2` are `noise-0`. */
export interface RunGroup {
  readonly name: string;
  readonly runs: readonly RunData[];
}

/** In the order of their first runs. A run without `-seed<number>` at its end stands alone. */
export function runGroups(runs: readonly RunData[]): RunGroup[] {
  const groups = Map.groupBy(runs, ({ name }) => name.replace(/[-_]?seed[-_]?\d+$/, '') || name);
  return [...groups].map(([name, members]) =>
    members.length === 1
      ? { name: members[0]?.name ?? name, runs: members }
      : { name, runs: members },
  );
}
