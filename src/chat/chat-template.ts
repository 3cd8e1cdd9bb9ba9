import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { messageOf, SspError } from '../errors/error.ts';
import { readJsonFile } from '../storage/json-files.ts';
import { renderTemplate } from './jinja/interpreter.ts';
import type { Statement } from './jinja/syntax.ts';
import { parseTemplate } from './jinja/syntax.ts';
import { fromJson, UnsupportedError } from './jinja/values.ts';

/** The chat templates of a model folder: one by the name `default`, or several. */
export interface ChatTemplates {
  /**
   * Renders with the template `tool_use` where `values` has tools and the folder such a template,
   * else with `default`. Throws SSP_CHAT_TEMPLATE_FAILED, and SSP_CHAT_TEMPLATE_UNSUPPORTED where
   * it would not be certain to write what Python writes.
   */
  render(values: Readonly<Record<string, unknown>>): string;
}

const templateSchema = z.object({
  chat_template: z
    .union([
      z.string().transform((template) => [{ name: 'default', template }]),
      z.array(z.object({ name: z.string(), template: z.string() })),
    ])
    .nullish(),
});

/**
 * Reads the Jinja templates of a folder: chat_template.jinja and additional_chat_templates/*.jinja,
 * else chat_template of tokenizer_config.json, as a string or as a list of named templates. Throws
 * SSP_CHAT_TEMPLATE_MISSING, SSP_CHAT_TEMPLATE_FAILED for one that is no Jinja, and
 * SSP_CHAT_TEMPLATE_UNSUPPORTED.
 */
export async function openChatTemplates(folder: string): Promise<ChatTemplates> {
  const files = await readTemplateFiles(folder);
  const sources = files.size > 0 ? files : await readConfigTemplates(folder);
  const templates = new Map([...sources].map(([name, text]) => [name, parse(folder, text)]));
  const standard = templates.get('default');
  if (standard === undefined) {
    const problem = `none of them is the default one: ${[...sources.keys()].join(', ')}`;
    throw new SspError('SSP_CHAT_TEMPLATE_MISSING', { path: folder, problem });
  }
  return {
    render(values) {
      const hasTools = values['tools'] !== null && values['tools'] !== undefined;
      const template = (hasTools ? templates.get('tool_use') : undefined) ?? standard;
      return attempt(folder, () => {
        const variables = Object.entries(values).filter(([, value]) => value !== undefined);
        const converted = variables.map(([name, value]) => [name, fromJson(value)] as const);
        return renderTemplate(template, new Map(converted));
      });
    },
  };
}

function parse(folder: string, text: string): readonly Statement[] {
  return attempt(folder, () => parseTemplate(text));
}

function attempt<Result>(folder: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const problem = messageOf(error);
    if (error instanceof UnsupportedError) {
      throw new SspError('SSP_CHAT_TEMPLATE_UNSUPPORTED', { path: folder, problem });
    }
    throw new SspError('SSP_CHAT_TEMPLATE_FAILED', { path: folder, problem });
  }
}

async function readTemplateFiles(folder: string): Promise<Map<string, string>> {
  const extra = join(folder, 'additional_chat_templates');
  const names = (await unlessAbsent(extra, readdir(extra))) ?? [];
  const paths = [
    { name: 'default', path: join(folder, 'chat_template.jinja') },
    ...names
      .filter((name) => name.endsWith('.jinja'))
      .map((name) => ({ name: name.replace(/\.jinja$/, ''), path: join(extra, name) })),
  ];
  const templates = new Map<string, string>();
  for (const { name, path } of paths) {
    const text = await unlessAbsent(path, readFile(path, 'utf8'));
    if (text !== undefined) templates.set(name, text);
  }
  return templates;
}

async function readConfigTemplates(folder: string): Promise<Map<string, string>> {
  const name = 'tokenizer_config.json';
  const path = join(folder, name);
  const isThere = (await unlessAbsent(path, stat(path))) !== undefined;
  const { chat_template: templates } = isThere
    ? await readJsonFile(path, 'tokenizer configuration', templateSchema)
    : { chat_template: undefined };
  if (templates !== undefined && templates !== null) {
    return new Map(templates.map(({ name, template }) => [name, template]));
  }
  const has = isThere ? `${name} has no field chat_template` : `there is no ${name}`;
  const problem = `there is no chat_template.jinja, and ${has}`;
  throw new SspError('SSP_CHAT_TEMPLATE_MISSING', { path: folder, problem });
}

/** What `reading` gives, or undefined where there is no such file or folder. */
async function unlessAbsent<Content>(
  path: string,
  reading: Promise<Content>,
): Promise<Content | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new SspError('SSP_FILE_UNREADABLE', { path, problem: messageOf(error) });
  }
}
