import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { describeIssues } from '../../src/config/issues.ts';
import { messageOf, SspError } from '../../src/errors/error.ts';

/**
 * The one content type that the service reads: a JSON text in UTF-8, checked strictly so that a
 * wrongly encoded query is refused instead of searched for with replacement characters.
 */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(new SspError('SSP_BODY_MALFORMED', { problem: messageOf(error) }));
    }
  });
}

const shownChars = 200;

function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new Error('it is empty');
  const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(messageOf(error).slice(0, shownChars), { cause: error });
  }
}

/**
 * `body` as `schema` describes it. Throws SSP_LIMIT_EXCEEDED where only sizes are wrong, else
 * SSP_REQUEST_INVALID; unknown keys come with the nearest known one.
 */
export function parseBody<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const onlySizes = parsed.error.issues.every(({ code }) => code === 'too_big');
  const code = onlySizes ? 'SSP_LIMIT_EXCEEDED' : 'SSP_REQUEST_INVALID';
  throw new SspError(code, { problem: describe(parsed.error, Object.keys(schema.shape)) });
}

const shownIssues = 3;

function describe(error: z.ZodError, knownKeys: readonly string[]): string {
  const first = new z.ZodError(error.issues.slice(0, shownIssues));
  const more = error.issues.length - shownIssues;
  return `${describeIssues(first, knownKeys)}${more > 0 ? `; and ${more} more` : ''}`;
}
