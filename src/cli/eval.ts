import { Command } from 'commander';

import { runAction } from './run-action.ts';
import {
  addConfigOptions,
  markRequired,
  resolveConfig,
  serviceAddress,
} from './section-options.ts';

const help = `
Lines of a set are {"id", "question", "golden_answers"}, as FlashRAG writes them. The model is one of
the policy service (--policy-url with --tokenizer) or any behind a chat server (--api-url with
--api-model). The result goes into --out: scores.json, scores.md and every episode. The same command
takes up an evaluation that was broken off. Tokens: SSP_TOKEN (search), SSP_POLICY_TOKEN,
SSP_API_TOKEN, SSP_JUDGE_TOKEN.

Examples:
  $ npx ssp eval --data qa --search-url http://127.0.0.1:8000 --policy-url http://127.0.0.1:8001 \\
      --tokenizer my-model --out scores
  $ npx ssp eval --data qa --set nq --set bamboogle --search-url http://127.0.0.1:8000 \\
      --api-url http://127.0.0.1:8080/v1 --api-model my-model --questions 100 --out scores`;

/** What it cannot do without. */
const required = {
  '--data': 'or --set',
  '--search-url': 'or --index',
  '--policy-url': 'with --tokenizer; or --api-url with --api-model; or --player-url',
};

/** `ssp eval`: scores of a model as the solver on question sets. */
export function evalCommand(): Command {
  const command = new Command('eval')
    .option('--data <folder>', 'folder of question sets, <name>.jsonl or <name>.jsonl.gz')
    .option('--set <name[=file]>', 'a set of --data, or a file under a name; repeatable', collect)
    .option('--search-url <address>', 'a running search service', serviceAddress)
    .option(
      '--index <dir>',
      'an index to search in this process instead: a folder, or elasticsearch+https://host/name',
    )
    .option('--policy-url <address>', 'a running policy service', serviceAddress)
    .option('--model <name>', 'its model: policy, reference or a snapshot (default: policy)')
    .option('--tokenizer <folder>', 'its model folder, with tokenizer and chat template')
    .option(
      '--api-url <address>',
      'an OpenAI-compatible chat server instead; or --player-url',
      serviceAddress,
    )
    .option('--api-model <name>', 'its model')
    .requiredOption('--out <folder>', 'folder of the result')
    .addHelpText('after', help);
  return markRequired(
    addConfigOptions(command, 'evaluation', 'game', 'judge', 'player'),
    required,
  ).action(
    runAction(async (context, options) => {
      const config = await resolveConfig(options, 'evaluation', 'game', 'judge', 'player');
      const { evaluate } = await import('../app/evaluate/evaluate.ts');
      const { evalOptionsSchema } = await import('../app/evaluate/asked-sets.ts');
      const { scoresTable } = await import('../evaluation/scores-document.ts');
      const named = evalOptionsSchema.parse(options);
      const scores = await evaluate(named, config, context);
      context.print(
        scores,
        `${scoresTable(scores)}\n\nEverything is in ${named.out}: scores.json, scores.md, episodes`,
      );
    }),
  );
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
