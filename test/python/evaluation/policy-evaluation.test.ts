import { join } from 'node:path';

import t, { test } from 'tap';

import type { EvaluationScores } from '../../../src/types/evaluation.ts';
import { evaluationScoresSchema } from '../../../src/types/evaluation.ts';
import type { CommandResult } from '../../material/cli/ssp.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { modelFolder, servePolicy, skip } from '../../material/policy/served-policy.ts';
import { buildIndexOf, serveIndex } from '../../material/search/served-index.ts';
import { towns } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // PyTorch is imported, on whatever machine this is

const questions = Array.from({ length: 6 }, (_, i) => ({
  ...{ id: `q${i}`, question: `Town ${i}?`, golden_answers: ['Velmora'] },
}));

test('a tiny random policy, through the real services', { skip }, async (t) => {
  const dir = testFolder(t, {
    'towns.jsonl': questions.map((line) => `${JSON.stringify(line)}\n`).join(''),
  });
  const search = await serveIndex(await buildIndexOf(dir, towns));
  t.teardown(() => search.stop());
  const model = await modelFolder(dir, 'tiny');
  const policy = await servePolicy(dir, model, ['--full', '--exact-sampling']);
  t.teardown(() => policy.stop());
  const run = (url: string, out: string, ...more: string[]): Promise<CommandResult> =>
    ssp([
      ...['eval', '--json', '--set', `towns=${join(dir, 'towns.jsonl')}`],
      ...['--search-url', search.url, '--policy-url', url, '--tokenizer', model],
      ...['--game-max-prompt-tokens', '1000', '--game-max-response-tokens', '12'],
      ...['--out', join(dir, out), ...more],
    ]);
  const scoresOf = ({ stdout, stderr, exitCode }: CommandResult): EvaluationScores => {
    t.equal(exitCode, 0, stderr);
    return evaluationScoresSchema.parse(JSON.parse(stdout));
  };

  const scores = scoresOf(await run(policy.url, 'first'));
  t.match(scores.sets, [{ questions: 6, failed: 0, exactMatch: { value: 0 } }]);
  t.match(scores.setting.model, {
    ...{ kind: 'policy', model: 'policy', weightsVersion: /^policy@/ },
    facts: { family: 'qwen3', mode: 'full', dtype: 'float32' },
  });
  t.same(scoresOf(await run(policy.url, 'second')), scores, 'greedy: the same again');
  const reference = scoresOf(await run(policy.url, 'third', '--model', 'reference'));
  t.same(reference.sets, scores.sets, 'the reference is what the policy was before any step');
  t.match(reference.setting.model, { model: 'reference', weightsVersion: /^reference/ });

  const unknown = await run(policy.url, 'fourth', '--model', 'nobody');
  t.match(unknown, { exitCode: 3, stderr: /SSP_POLICY_MODEL_UNKNOWN/ });
  const other = await run(policy.url, 'first', '--model', 'reference');
  t.match(other, { exitCode: 2, stderr: /SSP_EVALUATION_DIFFERS.*model\.model: "policy" there/ });
});
