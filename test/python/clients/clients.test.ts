import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { Test } from 'tap';
import t, { test } from 'tap';

import { startService } from '../../../services/search/service.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { pythonVariables } from '../../../src/python/process.ts';
import type { Hit } from '../../../src/types/retriever.ts';
import { standInChatServer } from '../../material/judge/stand-in-chat-server.ts';
import { clientsPython, skip } from '../../material/python/clients.ts';
import { rank, standInIndex, towns } from '../../material/search/stand-in-index.ts';

t.setTimeout(300_000); // several Python programs, on whatever machine this is

// The clients' own code from PyPI, and the recipes of docs/trainers.md, with 120 requests in flight.

const words = ['river town', 'glass', 'harbour', 'band', 'quarter television', 'xyzzy'];
const queries = Array.from({ length: 120 }, (_, i) => `${words[i % words.length] ?? ''} q${i}`);
const hitsOf = (query: string): readonly Hit[] => rank(towns, query, 3).hits;
const contentsOf = ({ title, text }: Hit): string => `"${title}"\n${text}`;

/** A service over HTTP that is ready once `whenReady` is. */
async function serve(t: Test, settings: object = {}, whenReady = Promise.resolve()) {
  const config = serviceConfig.parse({ port: 0, selfTestPassages: 0, ...settings });
  const open = async () => whenReady.then(() => standInIndex());
  const service = await startService({ config, progress: silentProgress, open });
  t.teardown(() => service.stop());
  return service;
}

/** What the client makes of each query. */
async function drive<Answer>(client: string, job: object): Promise<Answer[]> {
  const script = fileURLToPath(new URL('drive.py', import.meta.url));
  const options = { env: pythonVariables(), maxBuffer: 2 ** 26 };
  const args = [script, client, JSON.stringify({ queries, ...job })];
  const { stdout } = await promisify(execFile)(clientsPython ?? '', args, options);
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n[') + 1)) as Answer[];
}

test('ten lines of Python; a run over its quota reads why', { skip }, async (t) => {
  const { url } = await serve(t, { runQueriesPerMinute: 100 });
  const answers = await drive<string[] | string>('plain', { url });
  const right = queries.map((query) => hitsOf(query).map(({ id }) => id));
  const answered = answers.flatMap((answer, i) => (Array.isArray(answer) ? [i] : []));
  t.ok(answered.length >= 100 && answered.length < 120, `${answered.length} answered`);
  for (const i of answered) t.strictSame(answers[i], right[i]);
  for (const refused of answers.filter((answer) => typeof answer === 'string')) {
    t.match(refused, /^SSP_RUN_QUOTA: .*Repeat the request after \d+ seconds/);
  }
});

test("veRL's search client waits until a service is ready", { skip }, async (t) => {
  const ready = Promise.withResolvers<undefined>();
  const service = await serve(t, {}, ready.promise);
  const refused = /ssp_requests_total\{route="\/retrieve".*status="503"/;
  const untilRefused = async (): Promise<void> => {
    while (!refused.test(await (await fetch(`${service.url}/metrics`)).text())) await sleep(50);
    ready.resolve(undefined);
  };
  void untilRefused();
  const answers = await drive('verl', { url: service.url });
  const text = (query: string): string =>
    hitsOf(query)
      .map((hit, row) => `Doc ${row + 1} (Title: "${hit.title}")\n${hit.text}\n\n`)
      .join('')
      .trim();
  t.strictSame(
    answers,
    queries.map((query) => ({ text: text(query), status: 'success' })),
  );
});

test("SkyRL's search environment; what is refused is text to its model", { skip }, async (t) => {
  const { url } = await serve(t, { runQueriesPerMinute: 100 });
  const answers = await drive<string>('skyrl', { url });
  const right = queries.map((query) => {
    const documents = hitsOf(query).map((hit, row) => `Doc ${row + 1}: ${contentsOf(hit)}\n`);
    return `\n<information>${JSON.stringify({ result: documents.join('') })}</information>\n`;
  });
  const refused = answers.filter((answer) => answer.includes('429 Client Error'));
  t.ok(refused.length > 0 && refused.length <= 20, `${refused.length} refused`);
  for (const [i, answer] of answers.entries()) {
    if (!refused.includes(answer)) t.equal(plain(answer), plain(right[i] ?? ''));
  }
});

/** JSON as Python writes it has escapes and spaces of its own. */
function plain(observation: string): unknown {
  const json = observation.replace(/^\s*<information>/, '').replace(/<\/information>\s*$/, '');
  return (JSON.parse(json) as { result: string }).result;
}

const recipeText = (query: string): string =>
  hitsOf(query)
    .map(({ title, text }) => `${title}\n${text}`)
    .join('\n\n');

test('a toolset of verifiers', { skip }, async (t) => {
  const { url } = await serve(t);
  t.strictSame(await drive('verifiers', { url }), queries.map(recipeText));
});

test('a loop of the OpenAI client: the model searches, then answers', { skip }, async (t) => {
  const { url } = await serve(t);
  const model = await standInChatServer(t, ({ body }) => {
    const last = body.messages.at(-1) ?? { role: '', content: '' };
    if (last.role === 'tool') return `read: ${last.content}`;
    const call = { name: 'search', arguments: JSON.stringify({ query: last.content }) };
    const tool_calls = [{ id: 'call-1', type: 'function', function: call }];
    const message = { role: 'assistant', content: null, tool_calls };
    return { choice: { index: 0, message, finish_reason: 'tool_calls' } };
  });
  const answers = await drive('openai', { url, modelUrl: `${model.url}/v1` });
  t.strictSame(
    answers,
    queries.map((query) => `read: ${recipeText(query)}`),
  );
});
