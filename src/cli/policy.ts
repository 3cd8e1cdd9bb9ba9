import { Command } from 'commander';

import { PolicyEvents } from '../app/policy-events.ts';
import { runPolicyProcess } from '../app/policy-process.ts';
import { SspError } from '../errors/error.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, markRequired, resolveConfig } from './section-options.ts';

const help = `
The first start makes the Python environment. The port is open from the start: GET /readyz tells
when requests are answered. Ctrl-C (or SIGTERM) finishes the requests under way and ends with exit
code 0.
On other addresses than this machine's own, SSP_POLICY_TOKEN (or SSP_TOKEN) must be set.

Examples:
  $ npx ssp policy --model Qwen/Qwen2.5-0.5B-Instruct
  $ npx ssp policy --model my-model --full --checkpoints runs/first/checkpoints
  $ npx ssp policy --model my-model --full --optimizer-device cpu --preflight

  $ curl -s localhost:8001/v1/completions -H 'content-type: application/json' \\
      -d '{"prompt": "The capital of France is", "max_tokens": 8, "temperature": 0}'`;

/** `ssp policy`: the policy service in its Python process, until it is told to stop. */
export function policyCommand(): Command {
  const command = new Command('policy')
    .option('--preflight', 'print the memory that these settings need, and end')
    .addHelpText('after', help);
  return markRequired(addConfigOptions(command, 'policy'), { '--model': '' }).action(
    runAction(async (context, options) => {
      const { policy: config } = await resolveConfig(options, 'policy');
      if (config.model === undefined) {
        throw new SspError('SSP_USAGE', { problem: 'give --model <folder or hub id>' });
      }
      const extra = options['preflight'] === true ? '--preflight' : '--stop-with-input';
      await runPolicyProcess(config, [extra], new PolicyEvents(context), context);
    }),
  );
}
