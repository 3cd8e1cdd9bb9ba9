import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';

import type { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { messageOf, SspError } from '../errors/error.ts';
import { writeFileAtomic } from './atomic-file.ts';

/**
 * Reads a JSON file and checks it against `schema`. `what` names the file in errors
 * ("corpus manifest"). Throws SSP_FILE_NOT_FOUND or SSP_FILE_INVALID.
 */
export async function readJsonFile<Schema extends z.ZodType>(
  path: string,
  what: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(parseJson(await readText(path, what), path, what));
  if (parsed.success) return parsed.data;
  throw new SspError('SSP_FILE_INVALID', { what, path, problem: describeIssues(parsed.error) });
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new SspError('SSP_FILE_NOT_FOUND', { what, path });
    }
    throw new SspError('SSP_FILE_UNREADABLE', { path, problem: messageOf(error) });
  }
}

function parseJson(text: string, path: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SspError('SSP_FILE_INVALID', { what, path, problem: messageOf(error) });
  }
}

// A failure anywhere in a `pipeline` comes out of its last stream, so callbacks have nothing to do.

/** A value as a line. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/**
 * Writes values as JSON lines, whole or not at all, gzipped where the name ends in `.gz`. Line by
 * line: the text of all may be longer than a string can be.
 */
export async function writeJsonLines(path: string, values: Iterable<unknown>): Promise<void> {
  const lines = linesOf(values);
  const packed = (): Readable => pipeline(Readable.from(lines), createGzip(), () => undefined);
  await writeFileAtomic(path, isGzip(path) ? packed() : lines);
}

/** Told what is wrong with a file whose reader goes on with what is whole. */
export type OnDamage = (error: SspError) => void;

/**
 * The values that {@link writeJsonLines} wrote, one after the other; a last line without its end was
 * being written, and is left out. `what` names the file in errors ("episodes"). Throws
 * SSP_FILE_NOT_FOUND, SSP_FILE_UNREADABLE, and SSP_FILE_INVALID with the line that does not fit the
 * schema; with `onDamage` the last two are told to it, and the whole lines are given.
 */
export async function* eachJsonLine<Schema extends z.ZodType>(
  path: string,
  what: string,
  schema: Schema,
  onDamage: OnDamage = throwIt,
): AsyncGenerator<z.output<Schema>> {
  let line = 0;
  for await (const text of eachLine(path, what, onDamage)) {
    line += 1;
    const parsed = schema.safeParse(parsedLine(text));
    if (parsed.success) yield parsed.data;
    else {
      const problem = `line ${line}: ${describeIssues(parsed.error)}`;
      onDamage(new SspError('SSP_FILE_INVALID', { what, path, problem }));
    }
  }
}

function throwIt(error: SspError): never {
  throw error;
}

/** All values of {@link eachJsonLine} at once. */
export async function readJsonLines<Schema extends z.ZodType>(
  path: string,
  what: string,
  schema: Schema,
  onDamage?: OnDamage,
): Promise<z.output<Schema>[]> {
  const values: z.output<Schema>[] = [];
  for await (const value of eachJsonLine(path, what, schema, onDamage)) values.push(value);
  return values;
}

async function* eachLine(path: string, what: string, onDamage: OnDamage): AsyncGenerator<string> {
  try {
    let begun: string[] = [];
    for await (const text of textOf(path)) {
      const [end = '', ...further] = text.split('\n');
      begun.push(end);
      for (const next of further) {
        yield begun.join('');
        begun = [next];
      }
    }
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) throw new SspError('SSP_FILE_NOT_FOUND', { what, path });
    onDamage(new SspError('SSP_FILE_UNREADABLE', { path, problem: messageOf(error) }));
  }
}

/** In pieces that end anywhere between two letters. */
function textOf(path: string): AsyncIterable<string> {
  const file = createReadStream(path);
  const bytes = isGzip(path) ? pipeline(file, createGunzip(), () => undefined) : file;
  return bytes.setEncoding('utf8');
}

function isGzip(path: string): boolean {
  return path.endsWith('.gz');
}

function* linesOf(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield jsonLine(value);
}

/** Undefined, which no schema takes, for what is no JSON. */
function parsedLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
