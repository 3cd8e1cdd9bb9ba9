import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { messageOf, SspError } from '../errors/error.ts';
import { describeIssues } from './issues.ts';
import type { Config } from './schema.ts';
import { configSchema } from './schema.ts';

/** Values from flags, by section and key; they win over the file's. */
export type ConfigOverrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * The configuration of a command: defaults, then the YAML (or JSON) file at `path` if one is given,
 * then the flags. Throws SSP_CONFIG_INVALID for unknown keys and values out of range,
 * SSP_FILE_NOT_FOUND without the file.
 */
export async function loadConfig(
  path: string | undefined,
  overrides: ConfigOverrides = {},
): Promise<Config> {
  const fromFile = path === undefined ? {} : await parse(await read(path), path);
  const merged: Record<string, unknown> = { ...fromFile };
  for (const [section, values] of Object.entries(overrides)) {
    merged[section] = { ...(merged[section] as object | undefined), ...values };
  }
  const parsed = configSchema.safeParse(merged);
  if (parsed.success) return parsed.data;
  const source = path ?? 'of the command line';
  throw new SspError('SSP_CONFIG_INVALID', {
    source,
    problem: describeIssues(parsed.error, knownKeys()),
  });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'configuration file', path });
  }
}

async function parse(text: string, path: string): Promise<Record<string, unknown>> {
  const { parse: parseYaml } = await import('yaml');
  let value: unknown;
  try {
    value = parseYaml(text) ?? {};
  } catch (error) {
    throw new SspError('SSP_CONFIG_INVALID', { source: path, problem: messageOf(error) });
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SspError('SSP_CONFIG_INVALID', { source: path, problem: 'it must be a table of keys' });
}

function knownKeys(): string[] {
  const sections = Object.entries(configSchema.shape);
  return sections.flatMap(([name, section]) => [name, ...Object.keys(section.unwrap().shape)]);
}
