import type { Config } from '../../config/schema.ts';
import type { EvalOptions } from './asked-sets.ts';
import { usage } from './asked-sets.ts';

/** Throws SSP_USAGE for every choice of an evaluation that is not made, or is made twice. */
export function checkChoices(options: EvalOptions, { player }: Pick<Config, 'player'>): void {
  const { data, set: sets, searchUrl, index, policyUrl, tokenizer, apiUrl, apiModel } = options;
  const solvers = [policyUrl, apiUrl].filter((url) => url !== undefined).length;
  const problems = [
    data === undefined && sets.length === 0 && 'give --data, --set or both',
    (searchUrl === undefined) === (index === undefined) &&
      'give exactly one of --search-url and --index',
    solvers + (solvers === 0 && player.url !== undefined ? 1 : 0) !== 1 &&
      'give exactly one of --policy-url, --api-url and --player-url',
    policyUrl !== undefined && tokenizer === undefined && '--policy-url needs --tokenizer <folder>',
    apiUrl !== undefined && apiModel === undefined && '--api-url needs --api-model',
  ].filter((found) => found !== false);
  if (problems.length > 0) throw usage(problems.join('; '));
}
