import { z } from 'zod';

import type { ConfigSection } from './schema.ts';
import { configSchema } from './schema.ts';

/** What the schema says of one key: its type, text, default and range. */
export interface KeySchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  /** Of what is on by default: what leaving it out does. */
  readonly off?: string;
  /** Of what has no default: the command that does not begin without it. */
  readonly needed?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, KeySchema>>;
  readonly items?: KeySchema;
}

/** The keys of a section in their order. */
export function keysOf(section: ConfigSection): Readonly<Record<string, KeySchema>> {
  const schema = z.toJSONSchema(configSchema.shape[section], { io: 'input' }) as KeySchema;
  return schema.properties ?? {};
}

/** The values that a key may have, in words: `1 to 1000`; undefined where the type says it all. */
export function rangeOf(schema: KeySchema): string | undefined {
  if (schema.enum !== undefined) return schema.enum.join(', ');
  if (schema.items?.enum !== undefined) return `of ${schema.items.enum.join(', ')}`;
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum } = schema;
  const most = maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (exclusiveMinimum !== undefined) {
    return most === undefined
      ? `more than ${exclusiveMinimum}`
      : `more than ${exclusiveMinimum}, up to ${most}`;
  }
  const least = minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  if (least !== undefined) return most === undefined ? `from ${least}` : `${least} to ${most}`;
  return most === undefined ? undefined : `up to ${most}`;
}

/** A value as it is typed on the command line. */
export function shownValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' ? 'none' : text;
}
