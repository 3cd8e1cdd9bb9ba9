import { once } from 'node:events';

import { Command } from 'commander';

import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

const help = `
The port is open from the start: GET /readyz tells when searches are answered.
Ctrl-C (or SIGTERM) finishes the requests under way and ends with exit code 0.

Examples:
  $ npx ssp serve --index my-index
  $ npx ssp serve --index my-index --port 0 --json
  $ SSP_TOKEN=$(openssl rand -hex 16) npx ssp serve --index my-index --host 0.0.0.0

  $ curl -s localhost:8000/retrieve -H 'content-type: application/json' \\
      -d '{"queries": ["who discovered radium"], "topk": 3, "return_scores": true}'`;

/** `ssp serve`: the search service over one index, until it is told to stop. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .requiredOption('--index <dir>', 'index folder, made by `ssp index build`')
    .addHelpText('after', help);
  return addConfigOptions(command, 'service', 'encoder').action(
    runAction(async (context, options) => {
      const { service: config, encoder } = await resolveConfig(options, 'service', 'encoder');
      const { serviceToken } = await import('../../services/search/access.ts');
      const { serveIndex } = await import('../app/search-service.ts');
      const token = await serviceToken(config, process.env);
      const { signal, progress } = context;
      const used = { service: config, encoder };
      const service = await serveIndex(String(options['index']), used, { progress, token });
      context.print({ url: service.url, pid: process.pid }, `listening on ${service.url}`);
      try {
        const stopped = signal.aborted ? Promise.resolve() : once(signal, 'abort');
        await Promise.race([service.ready, stopped]);
        if (!signal.aborted) progress.note(`ready: ${service.url} answers searches`);
        await stopped;
      } finally {
        await service.stop();
      }
      progress.note('stopped');
    }),
  );
}
