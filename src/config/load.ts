import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { messageOf, SspError } from '../errors/error.ts';
import { throwKindOr } from '../storage/input-kind.ts';
import { describeIssues } from './issues.ts';
import type { Config } from './schema.ts';
import { configSchema } from './schema.ts';

/** Values from flags, by section and key; they win over the file's. */
export type ConfigOverrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * The configuration of a command: defaults, then the YAML (or JSON) files of `paths`, of which later ones
 * win key by key, then the flags. Throws SSP_CONFIG_INVALID for unknown keys and values out of range,
 * SSP_FILE_NOT_FOUND without a file.
 */
export async function loadConfig(
  paths: string | readonly string[] | undefined,
  overrides: ConfigOverrides = {},
): Promise<Config> {
  const files = [paths ?? []].flat();
  let merged: Readonly<Record<string, unknown>> = {};
  for (const path of files) merged = withSections(merged, await parse(await read(path), path));
  const parsed = configSchema.safeParse(withSections(merged, overrides));
  if (parsed.success) return parsed.data;
  const source = files.length === 0 ? 'of the command line' : files.join(', ');
  throw new SspError('SSP_CONFIG_INVALID', {
    source,
    problem: describeIssues(parsed.error, knownKeys()),
  });
}

/** `base` with the keys of `over`; a section that is no table stays for the schema to refuse. */
function withSections(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const sections = Object.entries(over).map(([name, values]): [string, unknown] => {
    const isTable = typeof values === 'object' && values !== null && !Array.isArray(values);
    return [name, isTable ? { ...(base[name] as object | undefined), ...values } : values];
  });
  return { ...base, ...Object.fromEntries<unknown>(sections) };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    const error = new SspError('SSP_FILE_NOT_FOUND', { what: 'configuration file', path });
    return throwKindOr(error, path, 'file');
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
