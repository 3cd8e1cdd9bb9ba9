import type { JobContext } from '../../progress/progress.ts';
import { eachEpisode } from '../../run/read-run.ts';
import { episodeSteps } from '../../run/run-contents.ts';
import { runFolder } from '../../run/run-folder.ts';
import { writeJsonAtomic } from '../../storage/atomic-file.ts';
import type { ProposalFacts } from '../../training/depth-metrics.ts';
import { factsByDepth, proposalFacts } from '../../training/depth-metrics.ts';
import type { ProbeResult } from '../../types/probe.ts';
import type { RolloutRequest } from './as-training.ts';
import { rollout } from './rollout.ts';

type ProbedDepth = ProbeResult['byDepth'][string];

/**
 * Plays seeds in both roles as {@link rollout} does, into the same kind of folder, and counts what came
 * of them by number of searches, in `probe.json` too. Throws what it throws.
 */
export async function probe(request: RolloutRequest, context: JobContext): Promise<ProbeResult> {
  const { config } = request;
  await rollout(
    { ...request, config: { ...config, rollout: { ...config.rollout, role: 'both' } } },
    context,
  );
  const folder = runFolder(request.out);
  const proposals: ProposalFacts[] = [];
  for (const step of await episodeSteps(folder)) {
    for await (const record of eachEpisode(folder, step)) {
      const facts = proposalFacts(record);
      if (facts !== undefined) proposals.push(facts);
    }
  }
  const result = probeResult(proposals);
  await writeJsonAtomic(folder.probe, result);
  return result;
}

/** Of these proposals; nothing by depth for none. */
export function probeResult(proposals: readonly ProposalFacts[]): ProbeResult {
  const byDepth = Object.fromEntries(
    Object.entries(factsByDepth(proposals)).map(([depth, facts]): [string, ProbedDepth] => {
      const rewards = proposals.flatMap(({ searches, reward }) =>
        String(searches) === depth ? (reward ?? []) : [],
      );
      return [depth, { ...facts, rewardError: standardError(rewards) }];
    }),
  );
  const [one, two] = [byDepth['1']?.reward ?? null, byDepth['2']?.reward ?? null];
  const deeperPays = one === null || two === null ? null : two > one;
  return { proposals: proposals.length, byDepth, deeperPays };
}

function standardError(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1) / values.length);
}

/** A table for the eye, a row a number of searches, and whether deeper questions pay more. */
export function probeText({ proposals, byDepth, deeperPays }: ProbeResult): string {
  const head = ['searches', 'proposals', 'share', 'valid', 'true', 'success', 'reward'];
  const rows = Object.entries(byDepth).map(([depth, facts]) => [
    depth,
    String(facts.proposals),
    share(facts.proposals, proposals),
    share(facts.valid, facts.proposals),
    facts.true === undefined ? '-' : share(facts.true, facts.valid),
    number(facts.success),
    number(facts.reward) + (facts.rewardError === null ? '' : ` ± ${number(facts.rewardError)}`),
  ]);
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((row) =>
    row.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  '),
  );
  return [...lines, '', deeperText(deeperPays)].join('\n');
}

function deeperText(deeperPays: boolean | null): string {
  if (deeperPays === null)
    return 'It asks too few questions of one or of two searches to compare what they pay.';
  return deeperPays
    ? 'Two searches pay more than one: training can learn to ask deeper questions.'
    : 'Two searches pay no more than one: training has no reason to ask deeper questions.';
}

function share(part: number, whole: number): string {
  return whole === 0 ? '-' : (part / whole).toFixed(2);
}

function number(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
