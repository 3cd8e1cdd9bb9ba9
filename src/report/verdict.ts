import { compactDuration } from '../progress/progress.ts';
import { learningOf, reasonText } from '../run/learning.ts';
import type { StepMetrics, Validation, WatchEvent } from '../types/step-metrics.ts';
import { shortNumber } from './axis.ts';
import type { RunData, StepRow } from './report-data.ts';

/** What a tired reader should know of a run first. `tone` is said in colour, the rest in words. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly detail: string;
  readonly tone: 'good' | 'watch' | 'bad' | 'plain';
}

/** Steps that a share is taken over, counted from the last. */
const recentSteps = 10;

/** The same tiles for each run, in the same order. */
export function verdictTiles(run: RunData): Tile[] {
  return [
    reached(run),
    validation(run),
    best(run),
    reward(run),
    validQuestions(run),
    truth(run),
    learnt(run),
    failures(run),
    lastEvent(run),
  ];
}

function reached({ rows, plannedSteps }: RunData): Tile {
  const step = rows.at(-1)?.step ?? 0;
  const planned = plannedSteps === undefined ? '' : ` of ${plannedSteps}`;
  const timed = rows.flatMap(({ timings }) => timings?.seconds.total ?? []);
  const seconds = timed.reduce((sum, each) => sum + each, 0);
  const mean = `${(seconds / timed.length).toFixed(1)}\u00a0s`;
  const detail =
    timed.length === 0 ? 'no timings' : `${compactDuration(1000 * seconds)}, ${mean} a step`;
  return { label: 'Step reached', value: `${step}${planned}`, detail, tone: 'plain' };
}

function validation(run: RunData): Tile {
  const label = 'Validation, then and now';
  const scored = scores(run);
  const [first] = scored;
  const last = scored.at(-1);
  if (first === undefined || last === undefined) {
    return { label, value: '–', detail: 'not measured', tone: 'plain' };
  }
  if (first === last) {
    const detail = `once, at step ${first.step}`;
    return { label, value: percent(first.exactMatch), detail, tone: 'plain' };
  }
  const points = 100 * (last.exactMatch - first.exactMatch);
  const sign = points < 0 ? '−' : '+';
  return {
    label,
    value: `${(100 * first.exactMatch).toFixed(1)} → ${percent(last.exactMatch)}`,
    detail: `${sign}${Math.abs(points).toFixed(1)} points on ${last.validation.questions} questions`,
    tone: points > 0 ? 'good' : points < 0 ? 'bad' : 'plain',
  };
}

function best(run: RunData): Tile {
  const label = 'Best validation';
  const [top] = scores(run).toSorted((a, b) => b.exactMatch - a.exactMatch || a.step - b.step);
  if (top === undefined) return { label, value: '–', detail: 'not measured', tone: 'plain' };
  const hops = Object.entries(top.validation.exactMatchByHops).map(
    ([count, score]) => `${count}\u00a0hop${count === '1' ? '' : 's'}\u00a0${percent(score)}`,
  );
  const detail = [percent(top.exactMatch), ...hops].join(', ');
  return { label, value: `step ${top.step}`, detail, tone: 'plain' };
}

function reward({ rows }: RunData): Tile {
  const label = "Solver's reward";
  const rewards = played(rows).flatMap(({ solver }) => solver.reward ?? []);
  const [first] = rewards;
  const last = rewards.at(-1);
  if (first === undefined || last === undefined) {
    return { label, value: '–', detail: 'nothing was played', tone: 'plain' };
  }
  const detail = `${first.toFixed(3)} in the first step`;
  return { label, value: last.toFixed(3), detail, tone: 'plain' };
}

function validQuestions({ rows }: RunData): Tile {
  const label = 'Valid questions';
  const rates = played(rows).flatMap(({ proposer }) => proposer?.validRate ?? []);
  const [first] = rates;
  const last = rates.at(-1);
  if (first === undefined || last === undefined) {
    return { label, value: '–', detail: 'none proposed', tone: 'plain' };
  }
  const tone = last < 0.05 ? 'bad' : last < 0.2 ? 'watch' : 'good';
  return { label, value: percent(last), detail: `${percent(first)} in the first step`, tone };
}

function truth({ rows }: RunData): Tile {
  const label = 'Truth of valid questions';
  const recent = played(rows).slice(-recentSteps);
  const sum = (key: 'true' | 'false' | 'unreadable'): number =>
    recent.reduce((total, metrics) => total + (metrics.truth?.[key] ?? 0), 0);
  const all = sum('true') + sum('false') + sum('unreadable');
  if (all === 0) return { label, value: '–', detail: 'facts not known', tone: 'plain' };
  const share = sum('true') / all;
  const tone = share >= 0.75 ? 'good' : share >= 0.5 ? 'watch' : 'bad';
  const detail = `${all} questions of the last ${recent.length} steps`;
  return { label, value: percent(share), detail, tone };
}

function learnt({ rows }: RunData): Tile {
  const label = 'Steps that updated';
  const learning = learningOf(rows.map(({ metrics }) => metrics));
  const { steps, updated } = learning;
  if (steps === 0) return { label, value: '–', detail: 'nothing was played', tone: 'plain' };
  const tone = updated === 0 ? 'bad' : 2 * updated <= steps ? 'watch' : 'good';
  const [why = 'the weights moved'] = tone === 'good' ? [] : reasonText(learning);
  return { label, value: `${updated} of ${steps}`, detail: why, tone };
}

function failures({ rows }: RunData): Tile {
  const counts = new Map<string, number>();
  for (const { proposer, verifier, solver } of played(rows)) {
    for (const facts of [proposer, verifier, solver]) {
      for (const [service, count] of Object.entries(facts?.failures ?? {})) {
        counts.set(service, (counts.get(service) ?? 0) + count);
      }
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const named = [...counts].filter(([, count]) => count > 0);
  const detail = named.map(([service, count]) => `${service} ${count}`).join(', ');
  return {
    label: 'Failed episodes',
    value: shortNumber(total),
    detail: total === 0 ? 'every service answered' : `${detail}; left out of the rewards`,
    tone: total === 0 ? 'good' : 'watch',
  };
}

function lastEvent({ events }: RunData): Tile {
  const label = 'Collapse watch';
  const last = events.at(-1);
  if (last === undefined) return { label, value: 'quiet', detail: 'no event', tone: 'good' };
  const tones = { warn: 'watch', rollback: 'watch', stop: 'bad' } as const;
  const detail = `${eventText(last)}; ${events.length} in all`;
  return { label, value: `${last.action} at step ${last.step}`, detail, tone: tones[last.action] };
}

/** `entropy 0.003, limit 0.005`. */
export function eventText({ measure, value, limit }: WatchEvent): string {
  return `${measure} ${shortNumber(value)}, limit ${shortNumber(limit)}`;
}

/** Exact match, 0..1, of every step that was validated, in order. */
export function scores({
  rows,
}: RunData): { readonly step: number; exactMatch: number; validation: Validation }[] {
  return rows.flatMap(({ step, metrics: { validation } }) =>
    validation === null || validation.exactMatch === null
      ? []
      : [{ step, exactMatch: validation.exactMatch, validation }],
  );
}

function played(rows: readonly StepRow[]): StepMetrics[] {
  return rows.flatMap(({ step, metrics }) => (step === 0 ? [] : [metrics]));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}\u00a0%`;
}
