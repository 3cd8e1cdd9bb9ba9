import { once } from 'node:events';
import { isatty } from 'node:tty';

import { Command } from 'commander';

import type { CommandContext, CommandOptions } from './run-action.ts';
import { runAction } from './run-action.ts';
import { addConfigOptions, resolveConfig } from './section-options.ts';

const help = `
The port is open from the start: GET /readyz tells when searches are answered.
Ctrl-C (or SIGTERM) finishes the requests under way and ends with exit code 0, or with 2 where the
index was damaged and nothing could be answered any more. SIGHUP opens the index again, and so does
--watch when \`ssp index build\` has put another one into the folder: no request is lost. A file that
--verify-files finds damaged ends the command with 2; with --watch it waits for another index.

Examples:
  $ npx ssp serve --index my-index
  $ npx ssp serve --index my-index --port 0 --json
  $ npx ssp serve --index my-index --watch --verify-files
  $ SSP_TOKEN=$(openssl rand -hex 16) npx ssp serve --index my-index --host 0.0.0.0
  $ npx ssp serve --index my-index --host 0.0.0.0 --allow 10.0.0.0/8 --allow fd00::/8
  $ npx ssp serve --index my-index --query-log logs/ --run-queries-per-minute 60000

  $ curl -s localhost:8000/retrieve -H 'content-type: application/json' \\
      -d '{"queries": ["who discovered radium"], "topk": 3, "return_scores": true}'`;

/** `ssp serve`: the search service over one index, until it is told to stop. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .requiredOption('--index <dir>', 'index folder, made by `ssp index build`')
    .addHelpText('after', help);
  return addConfigOptions(command, 'service', 'encoder').action(
    runAction(serve, { isTheEnd: true }),
  );
}

async function serve(context: CommandContext, options: CommandOptions): Promise<void> {
  const { service: config, encoder } = await resolveConfig(options, 'service', 'encoder');
  const { accessOf, serviceToken } = await import('../../services/search/access.ts');
  const { serveIndex } = await import('../app/search-service.ts');
  const token = await serviceToken(config, process.env);
  const { signal, progress } = context;
  const used = { service: config, encoder };
  const service = await serveIndex(String(options['index']), used, { progress, token });
  const hangUp = onHangUp(() => void service.reload());
  const access = accessOf(config, token).text;
  context.print({ url: service.url, pid: process.pid, access }, `listening on ${service.url}`);
  progress.note(`answers ${access}`);
  const ends = [hangUp.isEnd, ...(config.watch ? [] : [service.damage])];
  const stopped = signal.aborted ? undefined : Promise.race([once(signal, 'abort'), ...ends]);
  try {
    const ready = service.ready.then(() => {
      progress.note(`ready: ${service.url} answers searches`);
    });
    await Promise.race([ready, stopped]);
    await stopped;
  } finally {
    await service.stop();
    hangUp.ignore();
  }
  progress.note('stopped');
  if (service.failure !== undefined) throw service.failure;
}

/**
 * Calls `reload` at each SIGHUP. One that comes since the terminal was closed is the end of the
 * command: `isEnd` then resolves.
 */
function onHangUp(reload: () => void): { readonly isEnd: Promise<void>; ignore(): void } {
  const { promise: isEnd, resolve } = Promise.withResolvers<undefined>();
  const hadTerminal = isatty(0);
  const hear = (): void => {
    if (hadTerminal && !isatty(0)) resolve(undefined);
    else reload();
  };
  process.on('SIGHUP', hear);
  return { isEnd, ignore: () => process.off('SIGHUP', hear) };
}
