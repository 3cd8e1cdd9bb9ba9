import type { PolicyClient } from '../clients/policy/policy-client.ts';
import type { GameConfig } from '../config/game.ts';
import { SspError } from '../errors/error.ts';
import { formatOf } from '../rollout/game-formats.ts';
import { hashOfValue } from '../storage/hash.ts';
import type { EvaluationSetting } from '../types/evaluation.ts';

type PolicyModel = Extract<EvaluationSetting['model'], { kind: 'policy' }>;

/** Facts that hold as long as the model does; memory, for one, does not. */
const lastingFacts = [
  'architecture',
  'family',
  'parameters',
  'mode',
  'lora_rank',
  'context_length',
  'vocab',
  'dtype',
  'exact_sampling',
];
const fingerprintTokens = 17;
/** Log-probs of the same weights differ by rounding, and in bf16 from machine to machine. */
const fingerprintTolerance = 0.05;
const shownChars = 300;

/** What the policy service says of the model that is evaluated, and what tells its weights apart. */
export async function policyModel(
  client: PolicyClient,
  model: string,
  signal: AbortSignal,
): Promise<PolicyModel> {
  const facts = await client.facts(signal);
  const vocabulary = Number(facts['vocab']);
  const tokens = Array.from({ length: fingerprintTokens }, (_, i) => i % vocabulary);
  const { logProbs, weightsVersion } = await client.logProbs(
    { model, sequences: [tokens] },
    signal,
  );
  return {
    kind: 'policy',
    model,
    facts: Object.fromEntries(lastingFacts.map((name) => [name, facts[name] ?? null])),
    weightsVersion,
    fingerprint: (logProbs[0] ?? []).slice(1).map((logProb) => Number(logProb.toFixed(4))),
  };
}

/** The part of the game that the solver sees. */
export function solverGame(game: GameConfig): EvaluationSetting['game'] {
  const { format, maxTurns, maxSearches, topPassages, maxTurnTokens, endSpoiledTurns } = game;
  const { maxPromptTokens, maxResponseTokens, maxQueryChars } = game;
  return {
    ...{ format, maxTurns, maxSearches, topPassages },
    ...{ maxPromptTokens, maxResponseTokens, maxQueryChars },
    ...(maxTurnTokens.solver !== undefined && { maxTurnTokens: maxTurnTokens.solver }),
    ...{ endSpoiledTurns, prompts: solverPromptsHash(game) },
  };
}

/** Of all that the solver is told and reads, wherever the prompts come from: their name can stay. */
function solverPromptsHash(game: GameConfig): string {
  const { tags, prompts, results, remark } = formatOf(game);
  return hashOfValue({ tags, prompt: prompts.solver, results, remark });
}

/** Throws SSP_EVALUATION_DIFFERS with the first place where the two settings differ, if they do. */
export function refuseOtherSetting(
  path: string,
  found: EvaluationSetting,
  wanted: EvaluationSetting,
): void {
  const difference = firstDifference(found, wanted, '');
  if (difference === undefined) return;
  const show = (value: unknown): string =>
    value === undefined ? 'none' : JSON.stringify(value).slice(0, shownChars);
  const values = { found: show(difference.found), wanted: show(difference.wanted) };
  throw new SspError('SSP_EVALUATION_DIFFERS', { path, what: difference.what, ...values });
}

interface Difference {
  readonly what: string;
  readonly found: unknown;
  readonly wanted: unknown;
}

/** Of two JSON values; `what` is their place. */
function firstDifference(found: unknown, wanted: unknown, what: string): Difference | undefined {
  if (!isTable(found) || !isTable(wanted)) {
    return isSame(found, wanted, what) ? undefined : { what, found, wanted };
  }
  for (const key of new Set([...Object.keys(found), ...Object.keys(wanted)])) {
    const place = what === '' ? key : `${what}.${key}`;
    const difference = firstDifference(found[key], wanted[key], place);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/** An object or an array. */
function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSame(found: unknown, wanted: unknown, what: string): boolean {
  if (!what.startsWith('model.fingerprint')) return found === wanted;
  return Math.abs(Number(found) - Number(wanted)) <= fingerprintTolerance;
}
