import { createReadStream } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

import type { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { isSspError, messageOf, SspError } from '../errors/error.ts';
import { writeFileAtomic } from '../storage/atomic-file.ts';

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
  await writeFileAtomic(path, isGzip(path) ? Readable.from(lines).pipe(createGzip()) : lines);
}

/**
 * Reads what {@link writeJsonLines} wrote; a last line without its end was being written, and is left
 * out. Throws SSP_FILE_INVALID with the line that does not fit the schema, SSP_FILE_UNREADABLE.
 */
export async function readJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  const values: z.output<Schema>[] = [];
  const take = (line: string): void => {
    const parsed = schema.safeParse(parseJson(line));
    if (!parsed.success) {
      const problem = `line ${values.length + 1}: ${describeIssues(parsed.error)}`;
      throw new SspError('SSP_FILE_INVALID', { what: 'evaluation', path, problem });
    }
    values.push(parsed.data);
  };
  try {
    const unpack = isGzip(path) ? createGunzip() : new PassThrough();
    await pipeline(
      createReadStream(path),
      unpack.setEncoding('utf8'),
      (text: AsyncIterable<string>) => eachLine(text, take),
    );
  } catch (error) {
    if (isSspError(error)) throw error;
    throw new SspError('SSP_FILE_UNREADABLE', { path, problem: messageOf(error) });
  }
  return values;
}

function isGzip(path: string): boolean {
  return path.endsWith('.gz');
}

function* linesOf(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield jsonLine(value);
}

async function eachLine(text: AsyncIterable<string>, take: (line: string) => void): Promise<void> {
  let rest = '';
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
