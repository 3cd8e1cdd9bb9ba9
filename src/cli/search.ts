import { Command, Option } from 'commander';

import { serviceConfig } from '../config/service.ts';
import { SspError } from '../errors/error.ts';
import { printableLine } from '../progress/printable.ts';
import { searchModes } from '../types/retriever.ts';
import type { SearchReply } from '../types/search-service.ts';
import type { CommandContext, CommandOptions } from './run-action.ts';
import { runAction } from './run-action.ts';
import {
  addConfigOptions,
  markRequired,
  numberIn,
  resolveConfig,
  serviceAddress,
} from './section-options.ts';

const help = `
Several words are one query. With --json the reply is that of POST /v1/search.

Examples:
  $ npx ssp search --index my-index who discovered radium
  $ npx ssp search --index elasticsearch+http://127.0.0.1:9200/wiki who discovered radium
  $ npx ssp search --url http://127.0.0.1:8000 --mode hybrid --top-k 3 "tallest building in Prague"`;

const defaultTopK = 5;

/** `ssp search`: one query against an index folder or a running service. */
export function searchCommand(): Command {
  const command = new Command('search')
    .argument('<query...>', 'what to look for')
    .option('--index <dir>', 'index folder, or elasticsearch+https://host/name')
    .option('--url <address>', 'a running service instead; its token in SSP_TOKEN', serviceAddress)
    .addOption(
      new Option('--mode <mode>', 'how to search (default: the best that the index has)').choices(
        searchModes,
      ),
    )
    .option('--top-k <number>', `hits to show (default: ${defaultTopK})`, numberIn(1, 1000))
    .option('--max-chars <number>', 'cut texts to this length', numberIn(20, 1_000_000))
    .addHelpText('after', help);
  markRequired(command, { '--index': 'or --url' });
  return addConfigOptions(command, 'encoder', 'elasticsearch').action(
    runAction(async (context, options, words) => {
      const { index, url, mode, topK = defaultTopK, maxChars } = options;
      if ((index === undefined) === (url === undefined)) {
        throw new SspError('SSP_USAGE', { problem: 'give exactly one of --index and --url' });
      }
      if (words.join('').trim() === '') {
        throw new SspError('SSP_USAGE', { problem: 'give some words to look for' });
      }
      const body = { query: words.join(' '), topK, mode, maxChars };
      const reply =
        typeof url === 'string'
          ? await searchElsewhere(url, body, context)
          : await searchIndex(String(index), body, options, context);
      context.print(reply, readable(reply));
    }),
  );
}

async function searchIndex(
  place: string,
  body: object,
  options: CommandOptions,
  context: CommandContext,
): Promise<SearchReply> {
  const { searchHere } = await import('../app/search-service.ts');
  const { encoder, elasticsearch } = await resolveConfig(options, 'encoder', 'elasticsearch');
  const service = serviceConfig.parse({ selfTestPassages: 0 });
  const used = options['mode'] === 'bm25' ? undefined : encoder;
  const search = await searchHere(place, { service, encoder: used, elasticsearch }, context);
  try {
    return await search.service.search(body, context.signal);
  } finally {
    await search.close();
  }
}

async function searchElsewhere(
  url: string,
  body: object,
  { signal }: CommandContext,
): Promise<SearchReply> {
  const { once, SearchClient } = await import('../clients/search-client.ts');
  const client = new SearchClient({ url, token: process.env['SSP_TOKEN'], retries: once });
  return client.search(body, signal);
}

/** Hits as a numbered list: title, section, address, snippet. */
function readable({ mode, results }: SearchReply): string {
  const hits = results[0]?.hits ?? [];
  if (hits.length === 0) return `nothing found (${mode})`;
  const lines = hits.map(({ rank, title, section, url, snippet, score, id }) => {
    const heading = section === undefined ? title : `${title} > ${section}`;
    const facts = [`score ${score.toFixed(3)}`, `id ${id}`, ...(url === null ? [] : [url])];
    const lines = [`${rank}. ${heading}`, snippet, `(${facts.join(', ')})`];
    return lines.map(printableLine).join('\n   ');
  });
  return `${lines.join('\n\n')}\n\n${hits.length} hits, ${mode}`;
}
