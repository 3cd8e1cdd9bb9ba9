import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';

import type { ConfigOverrides } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import type { Config, ConfigSection } from '../config/schema.ts';
import { configSchema } from '../config/schema.ts';

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
}

/**
 * Gives `command` one flag per key of the configuration sections, with the schema's text, range and
 * default, and `--config <file>`. A list is given with commas, or by its flag several times. A key that holds keys itself, as the limits of the section watch, is
 * for files alone. {@link resolveConfig} reads them back.
 */
export function addConfigOptions(command: Command, ...sections: readonly ConfigSection[]): Command {
  command.option('--config <file>', 'YAML or JSON file; flags win over it');
  for (const section of sections) {
    for (const [key, schema] of Object.entries(propertiesOf(section))) {
      if (schema.type === 'object') continue;
      command.addOption(flagOf(flagName(section, key, sections), schema));
    }
  }
  return command;
}

/** Gives `command` the flags of some keys of `section`, bare, where the others mean nothing to it. */
export function addKeyOptions(
  command: Command,
  section: ConfigSection,
  keys: readonly string[],
): Command {
  const properties = propertiesOf(section);
  for (const key of keys) command.addOption(flagOf(key, properties[key] ?? {}));
  return command;
}

/** The configuration from the parsed options of a command made by {@link addConfigOptions}. */
export async function resolveConfig(
  options: Readonly<Record<string, unknown>>,
  ...sections: readonly ConfigSection[]
): Promise<Config> {
  const overrides: Record<string, Record<string, unknown>> = {};
  for (const section of sections) {
    const values: Record<string, unknown> = {};
    for (const key of Object.keys(propertiesOf(section))) {
      const value = options[flagName(section, key, sections)];
      if (value !== undefined && value !== null) values[key] = value;
    }
    if (Object.keys(values).length > 0) overrides[section] = values;
  }
  const path = options['config'];
  return loadConfig(
    typeof path === 'string' ? path : undefined,
    overrides satisfies ConfigOverrides,
  );
}

function propertiesOf(section: ConfigSection): Readonly<Record<string, JsonSchema>> {
  const schema = z.toJSONSchema(configSchema.shape[section], { io: 'input' }) as JsonSchema;
  return schema.properties ?? {};
}

/**
 * The keys of the first section are flags by their bare names, those of further ones carry their
 * section, as they might say the same; encoder keys always do: `--encoder-model`.
 */
function flagName(section: ConfigSection, key: string, sections: readonly ConfigSection[]): string {
  const isBare = section === sections[0] && section !== 'encoder';
  return isBare ? key : `${section}${key.slice(0, 1).toUpperCase()}${key.slice(1)}`;
}

function flagOf(key: string, schema: JsonSchema): Option {
  const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const text = schema.description ?? '';
  if (schema.type === 'boolean') {
    // Without a default of our own commander would say true, and win over the file.
    return schema.default === true
      ? new Option(`--no-${name}`, `${text} (default: on)`).default(null)
      : new Option(`--${name}`, text);
  }
  const shown = schema.default === undefined ? '' : ` (default: ${showDefault(schema.default)})`;
  const option = new Option(
    `--${name} <${schema.type === 'array' ? 'list' : 'value'}>`,
    text + shown,
  );
  if (schema.enum !== undefined) return option.choices([...schema.enum]);
  return option.argParser<unknown>((value, before) => {
    const parsed = parseValue(value, schema);
    return Array.isArray(before) ? (before as unknown[]).concat(parsed) : parsed;
  });
}

function showDefault(value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return text === '' ? 'none' : text;
}

function parseValue(value: string, schema: JsonSchema): unknown {
  if (schema.type === 'array') {
    return value.split(',').map((part) => parseValue(part.trim(), schema.items ?? {}));
  }
  if (schema.type !== 'integer' && schema.type !== 'number') return value;
  const number = Number(value);
  const { minimum = -Infinity, maximum = Infinity } = schema;
  const isWrong = value.trim() === '' || Number.isNaN(number);
  if (isWrong || (schema.type === 'integer' && !Number.isInteger(number))) {
    throw new InvalidArgumentError(`Give a ${schema.type === 'integer' ? 'whole ' : ''}number.`);
  }
  if (number < minimum || number > maximum) {
    throw new InvalidArgumentError(`Give a number from ${minimum} to ${maximum}.`);
  }
  return number;
}

/** Parses a flag of a command that is no key of the configuration: a whole number from 0. */
export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}
