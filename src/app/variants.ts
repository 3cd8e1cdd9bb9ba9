import { readFile } from 'node:fs/promises';

import leven from 'leven';
import { parse } from 'yaml';
import { z } from 'zod';

import type { ConfigOverrides } from '../config/load.ts';
import { messageOf, SspError } from '../errors/error.ts';

/** A named change to a configuration. */
export interface Variant {
  readonly name: string;
  readonly overrides: ConfigOverrides;
}

const fileSchema = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'is no name: lower-case letters, digits, . and -'),
  z.record(z.string(), z.record(z.string(), z.unknown())),
);

/**
 * The variants of a YAML file by their names. Throws SSP_CONFIG_INVALID for a file of another form
 * and for an unknown name, with a near one or all; SSP_FILE_NOT_FOUND without the file.
 */
export async function readVariants(path: string, names: readonly string[]): Promise<Variant[]> {
  const invalid = (problem: string): SspError =>
    new SspError('SSP_CONFIG_INVALID', { source: path, problem });
  const text = await readFile(path, 'utf8').catch(() => {
    throw new SspError('SSP_FILE_NOT_FOUND', { what: 'file of variants', path });
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw invalid(messageOf(error));
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw invalid(parsed.error.issues[0]?.message ?? 'it has another form');
  return names.map((name) => {
    const overrides = parsed.data[name];
    if (overrides !== undefined) return { name, overrides };
    const known = Object.keys(parsed.data);
    const [nearest = ''] = known.toSorted((a, b) => leven(a, name) - leven(b, name));
    const hint =
      leven(nearest, name) <= 2 ? `the nearest is ${nearest}` : `there are ${known.join(', ')}`;
    throw invalid(`there is no variant ${name}; ${hint}`);
  });
}
