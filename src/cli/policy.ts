import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Command } from 'commander';

import type { PolicyConfig } from '../config/policy.ts';
import { SspError } from '../errors/error.ts';
import type { PythonEnvironment } from '../python/environment.ts';
import type { ServiceEnd } from '../python/service-process.ts';
import type { CommandContext } from './context.ts';
import { PolicyEvents } from './policy-events.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

const help = `
The first start makes the Python environment. The port is open from the start: GET /ready tells when
requests are answered. Ctrl-C (or SIGTERM) finishes the requests under way and ends with exit code 0.
On other addresses than this machine's own, SSP_POLICY_TOKEN (or SSP_TOKEN) must be set.

Examples:
  $ ssp policy --model Qwen/Qwen2.5-0.5B-Instruct
  $ ssp policy --model my-model --full --checkpoints runs/first/checkpoints
  $ ssp policy --model my-model --full --optimizer-device cpu --preflight

  $ curl -s localhost:8001/v1/completions -H 'content-type: application/json' \\
      -d '{"prompt": "The capital of France is", "max_tokens": 8, "temperature": 0}'`;

const packageFolder = fileURLToPath(new URL('../../services/policy', import.meta.url));

/** `ssp policy`: the policy service in its Python process, until it is told to stop. */
export function policyCommand(): Command {
  const command = new Command('policy')
    .description('sample from, score and train one language model over HTTP')
    .option('--preflight', 'print the memory that these settings need, and end')
    .addHelpText('after', help);
  return addConfigOptions(command, 'policy').action(
    runAction(async (context, options) => {
      const { policy: config } = await resolveConfig(options, 'policy');
      const folder = await modelFolder(config.model, context);
      const { ensurePythonEnvironment } = await import('../python/environment.ts');
      const { runService } = await import('../python/service-process.ts');
      const environment = await ensurePythonEnvironment(context);
      const events = new PolicyEvents(context);
      const end = await runService(
        environment.python,
        ['-m', 'ssp_policy', ...flagsOf(config, folder, options['preflight'] === true)],
        { PYTHONPATH: packageFolder, TOKENIZERS_PARALLELISM: 'false' },
        context.signal,
        (line) => {
          events.take(line);
        },
      );
      // Until PyTorch is imported the service ends by the very signal.
      const isStopped = context.signal.aborted && /^SIG(TERM|INT)$/.test(end.endedBy ?? '');
      if (end.code !== 0 && !isStopped) throw events.error ?? crash(end, environment);
    }),
  );
}

/** The folder that is meant, downloaded first where it is a hub id. */
async function modelFolder(model: string | undefined, context: CommandContext): Promise<string> {
  if (model === undefined) {
    throw new SspError('SSP_USAGE', { problem: 'give --model <folder or hub id>' });
  }
  if (await isFolder(model)) return resolve(model);
  const { isHubId, modelFromHub } = await import('../http/model-hub.ts');
  const { hubLanguageModel } = await import('../policy/hub-model.ts');
  if (isHubId(model)) return modelFromHub(hubLanguageModel(model), context);
  throw new SspError('SSP_FILE_NOT_FOUND', { what: 'model folder', path: model });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The settings as the service's flags: `microBatchTokens` is `--micro-batch-tokens`. */
function flagsOf(config: PolicyConfig, folder: string, isPreflight: boolean): string[] {
  const settings = { ...config, model: folder, checkpoints: resolve(config.checkpoints) };
  const flags = Object.entries(settings).flatMap(([key, value]) => {
    const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  return [...flags, ...(isPreflight ? ['--preflight'] : ['--stop-with-input'])];
}

function crash({ code, endedBy, tail }: ServiceEnd, { folder }: PythonEnvironment): SspError {
  const last = tail.findLast((line) => line.trim() !== '') ?? 'no output';
  const end = endedBy === null ? `exit code ${code}` : `ended by ${endedBy}`;
  const problem = `${end}; ${last}`;
  return new SspError('SSP_PYTHON_PROGRAM_FAILED', {
    ...{ program: 'ssp_policy', problem, environment: folder },
  });
}
