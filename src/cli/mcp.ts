import { Command } from 'commander';

import { isClusterAddress } from '../elasticsearch/cluster-address.ts';
import { messageOf, SspError } from '../errors/error.ts';
import { printableLine } from '../progress/printable.ts';
import { readHead } from '../retrieval/index-head.ts';
import type { CommandContext, CommandOptions } from './run-action.ts';
import { runAction } from './run-action.ts';
import {
  addConfigOptions,
  addKeyOptions,
  markRequired,
  resolveConfig,
  serviceAddress,
} from './section-options.ts';

const help = `
Agents start this command and talk to it: nothing but the protocol goes to standard output, what is
for people goes to standard error. It ends when its input ends, or with Ctrl-C or SIGTERM. The index
is opened while the agent says hello; calls wait for it. Further limits are keys of the section
service of --config. Agents that reach HTTP find the same at POST /mcp of \`ssp serve\`.

In the configuration of an agent (docs/mcp.md has more):
  {"mcpServers": {"wiki": {"command": "npx", "args": ["ssp", "mcp", "--index", "/path/to/my-index"]}}}

Examples:
  $ npx ssp mcp --index my-index
  $ SSP_TOKEN=... npx ssp mcp --search-url http://127.0.0.1:8000`;

/** Keys that mean something without a port. */
const everywhere = ['topK', 'mcpTexts', 'searchTimeoutMs', 'graceMs'];
const forIndex = ['mode', 'threads', 'verifyFiles'];

/** `ssp mcp`: one agent over stdio, until it goes. */
export function mcpCommand(): Command {
  const command = new Command('mcp')
    .option('--index <dir>', 'index folder, or elasticsearch+https://host/name')
    .option(
      '--search-url <address>',
      'a running search service instead; its token in SSP_TOKEN',
      serviceAddress,
    )
    .addHelpText('after', help);
  addKeyOptions(command, 'service', [...everywhere, ...forIndex]);
  markRequired(command, { '--index': 'or --search-url' });
  return addConfigOptions(command, 'encoder', 'elasticsearch').action(
    runAction(mcp, { isTheEnd: true }),
  );
}

async function mcp(context: CommandContext, options: CommandOptions): Promise<void> {
  const { signal, progress } = context;
  const used = await resolveConfig(options, 'service', 'encoder', 'elasticsearch');
  const { service: config } = used;
  keepOutputForProtocol();
  const url = serviceUrl(options);
  // Said before an agent that goes at once is gone.
  const place = String(options['index']);
  if (url === undefined && !isClusterAddress(place)) await readHead(place);
  const { agentsElsewhere, agentsHere } = await import('../app/search-service.ts');
  const { agentServers } = await import('../../services/search/mcp/server.ts');
  const { serveOverStdio } = await import('../../services/search/mcp/stdio.ts');
  const gone = new AbortController();
  const loading = { progress, signal: AbortSignal.any([signal, gone.signal]) };
  const open = url === undefined ? agentsHere(place, used, loading) : agentsElsewhere(url);
  const [input, output] = [process.stdin, process.stdout];
  const { graceMs } = config;
  const connection = serveOverStdio(agentServers(open.backend, config), {
    ...{ input, output, signal, graceMs },
    onProblem(error) {
      progress.note(printableLine(`not understood: ${messageOf(error)}`));
    },
  });
  try {
    const failure = open.ready.then(() => connection);
    await Promise.race([connection, failure]);
  } finally {
    gone.abort(new Error('the agent has gone'));
    input.destroy();
    await open.close();
  }
}

/** The address where `--search-url` was given; throws where not exactly one of the two was. */
function serviceUrl(options: CommandOptions): string | undefined {
  const { index, searchUrl } = options;
  const usage = (problem: string): SspError => new SspError('SSP_USAGE', { problem });
  if ((index === undefined) === (searchUrl === undefined)) {
    throw usage('give exactly one of --index and --search-url');
  }
  if (typeof searchUrl !== 'string') return undefined;
  const own = forIndex.filter((key) => options[key] !== undefined);
  if (own.length > 0) {
    const flags = own.map((key) => (key === 'verifyFiles' ? '--verify-files' : `--${key}`));
    throw usage(`${flags.join(', ')}: the service at --search-url has its own`);
  }
  return searchUrl;
}

/** What a library prints must not end between two messages. */
function keepOutputForProtocol(): void {
  for (const name of ['log', 'info', 'debug'] as const) console[name] = console.error; // eslint-disable-line no-console -- taken away, not used
}
