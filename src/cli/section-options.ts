import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';

import { addressHint, addressOf } from '../config/address.ts';
import type { KeySchema } from '../config/key-schema.ts';
import { keysOf, rangeOf, shownValue } from '../config/key-schema.ts';
import type { ConfigOverrides } from '../config/load.ts';
import { loadConfig } from '../config/load.ts';
import { presetFile } from '../config/presets.ts';
import type { Config, ConfigSection } from '../config/schema.ts';
import { sectionTitles } from '../config/section-titles.ts';
import { requiredGroup } from './missing.ts';

/**
 * Gives `command` one flag per key of the configuration sections, with the schema's text, range and
 * default, and `--preset <name>` and `--config <file>`. A list is given with commas, or by its flag several
 * times. A key that holds keys itself, as the limits of the section watch, is for files alone.
 * {@link resolveConfig} reads them back.
 */
export function addConfigOptions(command: Command, ...sections: readonly ConfigSection[]): Command {
  return addSectionFlags(addConfigFiles(command), sections);
}

/** Gives `command` the flags that name files of the configuration. */
export function addConfigFiles(command: Command): Command {
  return command
    .option('--preset <name>', 'a configuration that ships; `ssp presets` lists them')
    .option('--config <file>', 'YAML or JSON file, over the preset; flags win over both');
}

/** What a command has of its sections other than the schema says. */
interface FlagSettings {
  /** What the command uses where no flag says otherwise; the schema's defaults without it. */
  readonly base?: Config;
  /** Keys that the command sets itself, as `training.index`. */
  readonly without?: readonly string[];
}

/** The flags of {@link addConfigOptions} alone, in a group of `--help` a section. */
export function addSectionFlags(
  command: Command,
  sections: readonly ConfigSection[],
  { base, without = [] }: FlagSettings = {},
): Command {
  for (const section of sections) {
    const values = (base?.[section] ?? {}) as Readonly<Record<string, unknown>>;
    for (const [key, schema] of Object.entries(keysOf(section))) {
      if (schema.type === 'object' || without.includes(`${section}.${key}`)) continue;
      const used = { ...schema, default: values[key] ?? schema.default };
      for (const option of optionsOf(flagName(section, key, sections), used)) {
        command.addOption(option.helpGroup(`${sectionTitles[section]} (section ${section}):`));
      }
    }
  }
  return command;
}

/**
 * Puts options that a command cannot do without among the required ones of `--help`, where commander
 * does not know that they are: each with `why`, as `or --questions`.
 */
export function markRequired(command: Command, whys: Readonly<Record<string, string>>): Command {
  for (const [flag, why] of Object.entries(whys)) {
    const option = command.options.find(({ long }) => long === flag);
    if (option === undefined) continue;
    option.helpGroup(requiredGroup);
    if (why !== '') option.description += `; ${why}`;
  }
  return command;
}

/** Gives `command` the flags of some keys of `section`, bare, where the others mean nothing to it. */
export function addKeyOptions(
  command: Command,
  section: ConfigSection,
  keys: readonly string[],
): Command {
  const schemas = keysOf(section);
  for (const key of keys) {
    for (const option of optionsOf(key, schemas[key] ?? {})) command.addOption(option);
  }
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
    for (const key of Object.keys(keysOf(section))) {
      const value = options[flagName(section, key, sections)];
      if (value !== undefined) values[key] = value;
    }
    if (Object.keys(values).length > 0) overrides[section] = values;
  }
  return loadConfig(await configFiles(options), overrides satisfies ConfigOverrides);
}

/** The files that `--preset` and `--config` name; later ones win. */
export async function configFiles({
  preset,
  config,
}: Readonly<Record<string, unknown>>): Promise<string[]> {
  const shipped = typeof preset === 'string' ? [await presetFile(preset)] : [];
  return [...shipped, ...(typeof config === 'string' ? [config] : [])];
}

/**
 * The keys of the first section are flags by their bare names, those of further ones carry their
 * section, as they might say the same; encoder keys always do: `--encoder-model`.
 */
function flagName(section: ConfigSection, key: string, sections: readonly ConfigSection[]): string {
  const isBare = section === sections[0] && section !== 'encoder';
  return isBare ? key : `${section}${key.slice(0, 1).toUpperCase()}${key.slice(1)}`;
}

/** The flags of a key; what is on or off has two, of which the one that changes nothing is not shown. */
function optionsOf(key: string, schema: KeySchema): Option[] {
  const name = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const { type, description = '', off = `Not: ${description}` } = schema;
  if (type === 'boolean') {
    const isOn = schema.default === true;
    const on = new Option(`--${name}`, description).hideHelp(isOn);
    return [on, new Option(`--no-${name}`, off).hideHelp(!isOn)];
  }
  const facts = [
    rangeOf(schema),
    schema.default === undefined ? undefined : `default: ${shownValue(schema.default)}`,
  ].filter((fact) => fact !== undefined);
  const text = facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
  const option = new Option(`--${name} <${type === 'array' ? 'list' : 'value'}>`, text);
  option.argParser<unknown>((value, before) => {
    const parsed = parseValue(value, schema);
    return Array.isArray(before) ? (before as unknown[]).concat(parsed) : parsed;
  });
  return [option];
}

function parseValue(value: string, schema: KeySchema): unknown {
  if (schema.type === 'array') {
    return value.split(',').map((part) => parseValue(part.trim(), schema.items ?? {}));
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    throw new InvalidArgumentError(`Allowed choices are ${schema.enum.join(', ')}.`);
  }
  return schema.type === 'integer' || schema.type === 'number' ? numberOf(value, schema) : value;
}

function numberOf(value: string, schema: KeySchema): number {
  const number = Number(value);
  const isWhole = schema.type === 'integer';
  if (value.trim() === '' || Number.isNaN(number) || (isWhole && !Number.isInteger(number))) {
    throw new InvalidArgumentError(`Give a ${isWhole ? 'whole ' : ''}number.`);
  }
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity } = schema;
  if (number < minimum || number > maximum || number <= exclusiveMinimum) {
    throw new InvalidArgumentError(`Give a number: ${rangeOf(schema) ?? ''}.`);
  }
  return number;
}

/** Parses a flag of a command that is no key of the configuration: the address of a service. */
export function serviceAddress(text: string): string {
  const address = addressOf(text);
  if (address !== undefined) return address;
  throw new InvalidArgumentError(`${addressHint}.`);
}

/** Parses a flag of a command that is no key of the configuration: a whole number from 0. */
export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}

/** Parses a flag of a command that is no key of the configuration: a whole number of a range. */
export function numberIn(minimum: number, maximum: number): (text: string) => number {
  return (text) => numberOf(text, { type: 'integer', minimum, maximum });
}
