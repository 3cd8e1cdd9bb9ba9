// `npm run tiny-policy`: makes the shipped policy anew, or one of another habit from it.
import { parseArgs } from 'node:util';

import { runScript, UsageProblem } from '../../scripts/script.ts';
import { makeHabit } from './habit.ts';
import { makePolicy } from './make.ts';

const help = `Usage: npm run tiny-policy -- [options]

Makes the shipped policy anew, in src/models/tiny-policy.

  --habit one-hop   instead, below --out, a policy for the experiment of co-evolution: it can ask
                    questions of two searches, and seldom does. Also the encyclopedia that the
                    experiment is played in and its configuration. Each command is shown before it
                    runs; the same call goes on where one was stopped.
  --out <folder>    of everything that --habit makes (runs/one-hop)
  --help

The first takes half an hour on two quiet cores, the other a quarter; docs/training.md says what
the second is for.
`;

process.exitCode = await runScript(async (context) => {
  const { values } = parseArgs({
    options: { habit: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } },
  });
  const { habit, out } = values;
  if (values.help) {
    process.stdout.write(help);
  } else if (habit === undefined) {
    if (out !== undefined) throw new UsageProblem('--out goes with --habit');
    await makePolicy(context);
  } else {
    if (habit !== 'one-hop') throw new UsageProblem(`there is no habit ${habit}, only one-hop`);
    await makeHabit(out ?? 'runs/one-hop', context);
  }
});
