import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import type { Test } from 'tap';
import { test } from 'tap';
import { z } from 'zod';

import { openChatFormat } from '../../../src/chat/chat-format.ts';
import { installedPythonEnvironment } from '../../../src/python/environment.ts';
import { pythonVariables } from '../../../src/python/process.ts';
import type { ChatMessage } from '../../../src/types/chat-message.ts';

const fixtures = fileURLToPath(new URL('../../material/chat/fixtures', import.meta.url));
const script = fileURLToPath(new URL('../../material/chat/golden/chats.py', import.meta.url));
const families = ['qwen2.5', 'qwen3', 'llama-3.1'] as const;

// Chats by Python's apply_chat_template; golden/chats.py writes them.
const caseSchema = z.object({
  messages: z.array(z.custom<ChatMessage>()),
  tools: z.array(z.looseObject({})).optional(),
  add_generation_prompt: z.boolean().optional(),
  variables: z.record(z.string(), z.unknown()),
  text: z.string().optional(),
  ids: z.array(z.int()).optional(),
  plainIds: z.array(z.int()).optional(),
  refused: z.string().optional(),
});
const goldenSchema = z.object({
  families: z.array(z.object({ name: z.string(), cases: z.array(caseSchema) })),
});
type Family = z.output<typeof goldenSchema>['families'][number];

async function checkFamily(t: Test, folder: string, cases: Family['cases']): Promise<void> {
  const format = await openChatFormat(folder);
  for (const { messages, text, ids, plainIds, refused, ...rest } of cases) {
    const options = {
      ...(rest.tools && { tools: rest.tools }),
      addGenerationPrompt: rest.add_generation_prompt ?? false,
      variables: rest.variables,
    };
    if (refused !== undefined) {
      const problem = { code: 'SSP_CHAT_TEMPLATE_FAILED', details: { problem: refused } };
      t.throws(() => format.renderChat(messages, options), problem);
      continue;
    }
    t.same(format.renderChat(messages, { ...options, plainContent: false }), { text, ids });
    t.same(format.renderChat(messages, options), { text, ids: plainIds });
  }
}

test('chats are those of apply_chat_template, token for token', async (t) => {
  const text = await readFile(
    new URL('../../material/chat/golden/chats.json', import.meta.url),
    'utf8',
  );
  const golden = goldenSchema.parse(JSON.parse(text));
  t.same(
    golden.families.map(({ name }) => name),
    families,
  );
  for (const { name, cases } of golden.families) {
    await t.test(name, async (t) => {
      await checkFamily(t, join(fixtures, name), cases);
      const changed = cases.filter(
        ({ ids, plainIds }) => `${ids?.join()}` !== `${plainIds?.join()}`,
      );
      t.equal(changed.length, 2, 'only the hostile chats differ as plain content');
    });
  }
});

const environment = await installedPythonEnvironment();
const folders = process.env['SSP_CHAT_MODELS']?.split(':');
const skip =
  environment === undefined
    ? 'no Python environment; `npm run python -- --version` makes it'
    : folders === undefined && 'SSP_CHAT_MODELS names no folders of real models (a:b:c)';

test('chats of real models are those of apply_chat_template', { skip }, async (t) => {
  const output = execFileSync(environment?.python ?? '', [script, ...(folders ?? [])], {
    env: pythonVariables(),
    maxBuffer: 1e9,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { families } = goldenSchema.parse(JSON.parse(output.toString()));
  for (const folder of folders ?? []) {
    const family = families.find(({ name }) => name === basename(folder));
    await t.test(basename(folder), (t) => checkFamily(t, folder, family?.cases ?? []));
  }
});

test('no content of others opens or ends a message', async () => {
  const roles = fc.constantFrom('user', 'system', 'tool');
  for (const name of families) {
    const format = await openChatFormat(join(fixtures, name));
    const { tokenizer } = format;
    const controls = new Set(tokenizer.addedTokens.values());
    const count = (ids: readonly number[]): number => ids.filter((id) => controls.has(id)).length;
    const piece = fc.oneof(
      fc.constantFrom(...tokenizer.addedTokens.keys(), '<|', '|>', '<|im_', '\ufdd0'),
      fc.string({ maxLength: 5 }),
    );
    const content = fc.array(piece, { maxLength: 6 }).map((pieces) => `a${pieces.join('')}z`);
    const hostile = fc.array(fc.record({ role: roles, content }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(hostile, (messages: ChatMessage[]) => {
        const harmless = messages.map((message) => ({ ...message, content: 'az' }));
        const question = { role: 'user', content: 'q' } as const;
        const variables = { date_string: '21 Nov 2026' };
        const { text, ids } = format.renderChat([question, ...messages], { variables });
        const { ids: expected } = format.renderChat([question, ...harmless], { variables });
        const isWhole = messages.every((message) => text.includes(message.content));
        return count(ids) === count(expected) && isWhole && tokenizer.decode(ids) === text;
      }),
    );
  }
});

test('a template may ask for the date of today', async (t) => {
  const format = await openChatFormat(join(fixtures, 'llama-3.1'));
  const { text } = format.renderChat([{ role: 'user', content: 'Hi' }]);
  t.match(text, new RegExp(`Today is \\d\\d \\w+ ${new Date().getFullYear()}\\.`));
});

test('missing, broken and refusing templates are coded errors', async (t) => {
  const folder = t.testdir({});
  const user: ChatMessage[] = [{ role: 'user', content: 'Hi' }];
  const template = async (text: string): Promise<string> => {
    await writeFile(join(folder, 'chat_template.jinja'), text);
    return (await openChatFormat(folder)).renderChat(user).text;
  };
  await cp(join(fixtures, 'qwen3'), folder, { recursive: true });
  await rm(join(folder, 'chat_template.jinja'));
  await t.rejects(openChatFormat(folder), { code: 'SSP_CHAT_TEMPLATE_MISSING' });
  await t.rejects(template('{% for %}'), { code: 'SSP_CHAT_TEMPLATE_UNSUPPORTED' });
  await t.rejects(template('{% if true %}'), { code: 'SSP_CHAT_TEMPLATE_FAILED' });
  await t.rejects(template("{{ raise_exception('no') }}"), {
    code: 'SSP_CHAT_TEMPLATE_FAILED',
    details: { problem: 'no' },
  });
  await t.rejects(template("{{ 'a b' | wordcount }}"), {
    code: 'SSP_CHAT_TEMPLATE_UNSUPPORTED',
    message: /the filter 'wordcount' is not carried out here/,
  });
  t.equal(await template('{%- if true %}\r\n{{ messages[0].content }}\r\n{%- endif %}\n'), 'Hi');
  t.equal(await template('{{ tools is defined and tools is none }}'), 'True', 'as Python');
  await writeFile(join(folder, 'chat_template.jinja'), '{{ messages[0].content }}');
  const format = await openChatFormat(folder);
  t.throws(() => format.renderChat([]), { code: 'SSP_CHAT_TEMPLATE_FAILED' });
  await mkdir(join(folder, 'additional_chat_templates'));
  await writeFile(join(folder, 'additional_chat_templates', 'tool_use.jinja'), 'tools');
  const named = await openChatFormat(folder);
  t.equal(named.renderChat(user).text, 'Hi');
  t.equal(named.renderChat(user, { tools: [{}] }).text, 'tools');
  t.equal(named.renderChat(user, { tools: [] }).text, 'tools', 'as Python: a list, if empty');
});
