import { join } from 'node:path';

import { SspError } from '../errors/error.ts';
import type { LockHolder } from '../storage/lock.ts';
import { withLock } from '../storage/lock.ts';
import type { OwnFolder } from '../storage/own-folder.ts';

/** Names in a run directory. */
export interface RunFolder {
  readonly path: string;
  /** The resolved configuration, YAML. */
  readonly config: string;
  /** `run.json`: a RunManifest. */
  readonly manifest: string;
  /** A StepMetrics a line. */
  readonly metrics: string;
  /** A StepTimings a line. */
  readonly timings: string;
  /** A RunEvent a line. */
  readonly events: string;
  /** Gzipped JSON lines, a file a step, a QuestionRecord a line. */
  readonly episodes: string;
  /** The policy service's checkpoints, by name. */
  readonly checkpoints: string;
  /** The trainer's own state of each checkpoint; a checkpoint without it is not whole. */
  readonly states: string;
  readonly report: string;
  /** `probe.json`, of `ssp probe`: a ProbeResult. */
  readonly probe: string;
}

/** The names below `path`; nothing is made. */
export function runFolder(path: string): RunFolder {
  return {
    path,
    config: join(path, 'config.yaml'),
    manifest: join(path, 'run.json'),
    metrics: join(path, 'metrics.jsonl'),
    timings: join(path, 'timings.jsonl'),
    events: join(path, 'events.jsonl'),
    episodes: join(path, 'episodes'),
    checkpoints: join(path, 'checkpoints'),
    states: join(path, 'states'),
    report: join(path, 'report.html'),
    probe: join(path, 'probe.json'),
  };
}

/** There while a command works in the folder of a run, or of several. */
const runLockName = '.lock';

const { config, manifest, metrics, timings, events, report, probe, ...folders } = runFolder('.');
const [episodes, states, checkpoints] = [folders.episodes, folders.states, folders.checkpoints];

/**
 * What a training leaves in its directory. The states go first: without them no run has begun. A
 * checkpoint that was copied to a name of its own belongs to whoever did it.
 */
export const ownRunFolder: OwnFolder = {
  first: [states, manifest],
  files: [config, metrics, timings, events, report, probe],
  folders: [
    [states, { files: [/^step-\d+\.json$/] }],
    [episodes, { files: [/^step-\d+\.jsonl\.gz$/] }],
    [checkpoints, { folders: [[/^(?:step-\d+|\.step-\d+\.(?:partial|replaced))$/, 'anything']] }],
  ],
  lock: runLockName,
};

/** The file of a step's episodes, of checkpoint `step`, of its state: names sort as numbers. */
export function stepName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`;
}

/** Where a step's episodes are. */
export function episodesFile({ episodes }: RunFolder, step: number): string {
  return join(episodes, `${stepName(step)}.jsonl.gz`);
}

/**
 * Runs `body` while no other command works in the folder `path`. Throws SSP_RUN_IN_USE where one
 * does.
 */
export function withRunLock<Result>(path: string, body: () => Promise<Result>): Promise<Result> {
  const refuse = (holder: LockHolder): Error => new SspError('SSP_RUN_IN_USE', { path, ...holder });
  return withLock(join(path, runLockName), { refuse }, body);
}
