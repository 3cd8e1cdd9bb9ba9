import { Command } from 'commander';

import type { CountedQuery, QueryLogSummary } from '../app/query-log-summary.ts';
import { shown } from '../errors/error.ts';
import { printableLine } from '../progress/printable.ts';
import { runAction } from './run-action.ts';
import { wholeNumber } from './section-options.ts';

const help = `
Files that the log was renamed to (queries.jsonl.1, ...) are read too. A query is repeated where the
same asker, that is run, step and agent, had asked it before.

Examples:
  $ npx ssp serve --index my-index --query-log logs/
  $ npx ssp queries logs/
  $ npx ssp queries logs/queries.jsonl --run first --agent solver --top 20`;

const defaultTop = 10;

/** `ssp queries`: what a query log of `ssp serve` says. */
export function queriesCommand(): Command {
  return new Command('queries')
    .argument('<log>', 'file or folder that `ssp serve --query-log` was given')
    .option('--run <name>', 'queries of this run only (x-ssp-run)')
    .option('--step <number>', 'queries of this step only (x-ssp-step)')
    .option('--agent <name>', 'queries of this agent only (x-ssp-agent)')
    .option('--top <number>', 'queries to name in each list', wholeNumber, defaultTop)
    .addHelpText('after', help)
    .action(
      runAction(async (context, options, [path = '']) => {
        const { summarizeQueryLog } = await import('../app/query-log-summary.ts');
        const text = (name: string): string | undefined => options[name] as string | undefined;
        const wanted = { run: text('run'), step: text('step'), agent: text('agent') };
        const request = { path, ...wanted, top: Number(options['top']) };
        const summary = await summarizeQueryLog(request, context);
        context.print(summary, readable(summary));
      }),
    );
}

function readable(summary: QueryLogSummary): string {
  const { queries, distinct, from, to, unreadLines, files } = summary;
  const unread = unreadLines === 0 ? [] : [`${unreadLines} lines could not be read`];
  if (queries === 0) return [`no queries in ${files.join(', ')}`, ...unread].join('\n');
  return [
    `${queries} queries, ${distinct} different, ${from ?? ''} to ${to ?? ''}`,
    `found nothing ${percent(summary.empty, queries)}, repeated by one asker ` +
      `${percent(summary.repeated, queries)}, from the cache ${percent(summary.cached, queries)}`,
    `median ${summary.medianMs} ms, 95 % within ${summary.p95Ms} ms`,
    ...Object.entries(summary.failures).map(([code, count]) => `failed ${count}: ${code}`),
    ...unread,
    ...runsTable(summary),
    ...list('asked most', summary.mostAsked),
    ...list('found nothing', summary.foundNothing),
    ...list('repeated by one asker', summary.mostRepeated),
  ]
    .map(printableLine)
    .join('\n');
}

function runsTable({ runs }: QueryLogSummary): string[] {
  const rows = runs.slice(0, shownRuns).map(({ run, queries, empty, repeated }) => {
    const name = run === '' ? '(no run named)' : run;
    return `  ${name}: ${queries} queries, ${empty} found nothing, ${repeated} repeated`;
  });
  const more = runs.length - rows.length;
  return ['', 'by run', ...rows, ...(more > 0 ? [`  and ${more} more`] : [])];
}

const shownRuns = 10;
const queryChars = 100;
const countWidth = 8;

function list(name: string, queries: readonly CountedQuery[]): string[] {
  if (queries.length === 0) return [];
  const rows = queries.map(
    ({ query, count }) => `${String(count).padStart(countWidth)}  ${shown(query, queryChars)}`,
  );
  return ['', name, ...rows];
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
