import { readdir, readFile } from 'node:fs/promises';

import type { RunFolder } from './run-folder.ts';

/** How far a run has got, by what lies in its folder; damaged files count too. */
export interface RunContents {
  /** Whether there is a configuration, with which a run begins. */
  readonly hasConfig: boolean;
  /** Steps with a state of the trainer, in order. */
  readonly states: readonly number[];
  /** Steps with episodes, in order. */
  readonly episodes: readonly number[];
  /** Lines of metrics, that of the score before the first step not counted. */
  readonly metrics: number;
  /** Names in the folder of checkpoints. */
  readonly checkpoints: readonly string[];
}

/** Looks into the folder; there may be none. Throws what the file system says of one that is there. */
export async function runContents(folder: RunFolder): Promise<RunContents> {
  const metrics = await readIfThere(folder.metrics);
  return {
    hasConfig: (await readIfThere(folder.config)) !== undefined,
    states: await stateSteps(folder),
    episodes: await episodeSteps(folder),
    metrics: (metrics ?? '').split('\n').filter((line) => !/^(|\{"step":0\D.*)$/.test(line)).length,
    checkpoints: (await namesIn(folder.checkpoints)).filter((name) => !name.startsWith('.')),
  };
}

/** The steps that have a state, in order. Throws as {@link runContents}. */
export function stateSteps({ states }: RunFolder): Promise<number[]> {
  return numberedFiles(states, /^step-(\d+)\.json$/);
}

/** The steps that have episodes, in order. Throws as {@link runContents}. */
export function episodeSteps({ episodes }: RunFolder): Promise<number[]> {
  return numberedFiles(episodes, /^step-(\d+)\.jsonl\.gz$/);
}

/** Whether a start would delete finished steps. */
export function hasFinishedSteps({ states, episodes, metrics }: RunContents): boolean {
  return states.length > 0 || episodes.length > 0 || metrics > 0;
}

/** What is there, in words: `metrics of 7 steps, episodes of 7 steps, the checkpoints step-00005`. */
export function contentsText({ states, episodes, metrics, checkpoints }: RunContents): string {
  const parts = [
    metrics > 0 && `metrics of ${steps(metrics)}`,
    episodes.length > 0 && `episodes of ${steps(episodes.length)}`,
    states.length > 0 && `states of the steps ${states.join(', ')}`,
    checkpoints.length > 0 && `the checkpoints ${checkpoints.join(', ')}`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

function steps(count: number): string {
  return `${count} step${count === 1 ? '' : 's'}`;
}

/** The numbers in the names that match, in order; none without the folder. */
async function numberedFiles(folder: string, pattern: RegExp): Promise<number[]> {
  const names = await namesIn(folder);
  const numbers = names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => a - b);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(undefinedIfMissing)) ?? [];
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(undefinedIfMissing);
}

/** Any other failure is no sign that there is nothing. */
function undefinedIfMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
