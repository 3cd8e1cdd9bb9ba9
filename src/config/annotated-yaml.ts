import { stringify } from 'yaml';

import type { KeySchema } from './key-schema.ts';
import { keysOf, rangeOf, shownValue } from './key-schema.ts';
import type { Config, ConfigSection } from './schema.ts';
import { sectionTitles } from './section-titles.ts';

const lineChars = 100;

/**
 * Sections of a configuration as YAML with what the schema says of each key in a comment before it: text,
 * range, default. Keys without a value stand there too, commented out. Read back, it is the configuration.
 */
export function annotatedYaml(config: Config, sections: readonly ConfigSection[]): string {
  return sections
    .map((section) => {
      const values = config[section] as Readonly<Record<string, unknown>>;
      const keys = Object.entries(keysOf(section)).map(([key, schema]) =>
        keyLines(key, schema, values[key]),
      );
      return [`# ${sectionTitles[section]}`, `${section}:`, ...keys].join('\n');
    })
    .join('\n\n');
}

function keyLines(key: string, schema: KeySchema, value: unknown): string {
  const comment = wrapped(commentOf(schema, value), lineChars - 4).map((line) => `  # ${line}`);
  return [...comment, ...valueLines(key, value).map((line) => `  ${line}`)].join('\n');
}

function commentOf(schema: KeySchema, value: unknown): string {
  const { description = '', properties } = schema;
  if (properties !== undefined) return `${description}: ${innerKeys(properties)}`;
  const facts = [
    rangeOf(schema),
    schema.default === undefined ? undefined : `default ${shownValue(schema.default)}`,
    value === undefined ? notSet(schema) : undefined,
  ].filter((fact) => fact !== undefined);
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}

function notSet({ needed }: KeySchema): string {
  return needed === undefined ? 'not set' : `NOT SET: ${needed}`;
}

/** Of a key that holds keys itself, as a rule of the collapse watch: their names and ranges. */
function innerKeys(properties: Readonly<Record<string, KeySchema>>): string {
  return Object.entries(properties)
    .map(([name, schema]) => {
      const range = rangeOf(schema);
      return range === undefined ? name : `${name} ${range}`;
    })
    .join('; ');
}

/** A key without a value is commented out: YAML would say null. */
function valueLines(key: string, value: unknown): string[] {
  if (value === undefined) return [`# ${key}:`];
  return stringify({ [key]: value }, { flowCollectionPadding: true, lineWidth: 0 })
    .trimEnd()
    .split('\n');
}

function wrapped(text: string, chars: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= chars) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
