import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';

import { describeIssues } from '../../src/config/issues.ts';
import { messageOf, SspError } from '../../src/errors/error.ts';
import { lineChars, shown } from '../../src/errors/error.ts';

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

const empty = 'it is empty';

function parseJson(body: Buffer): unknown {
  if (body.length === 0) throw new Error(empty);
  refuseDeep(body);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(shown(messageOf(error), lineChars), { cause: error });
  }
}

const deepest = 100;
/** The bytes of `"`, `\`, `[`, `]`, `{` and `}`. */
const byteOf = {
  quote: 0x22,
  escape: 0x5c,
  list: 0x5b,
  listEnd: 0x5d,
  table: 0x7b,
  tableEnd: 0x7d,
};

/** Throws for a JSON text that is nested deeper than any request: a parser takes seconds for millions. */
function refuseDeep(body: Buffer): void {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === byteOf.quote) {
      isText = !isText;
    } else if (isText) {
      if (byte === byteOf.escape) at += 1;
    } else if (byte === byteOf.list || byte === byteOf.table) {
      depth += 1;
      if (depth > deepest) throw new Error(`it is nested deeper than ${deepest} levels`);
    } else if (byte === byteOf.listEnd || byte === byteOf.tableEnd) {
      depth -= 1;
    }
  }
}

/**
 * `body` as `schema` describes it. Throws SSP_BODY_MALFORMED where there is none, SSP_LIMIT_EXCEEDED
 * where only sizes are wrong, else SSP_REQUEST_INVALID; unknown keys come with the nearest known one.
 */
export function parseBody<Schema extends z.ZodObject>(
  schema: Schema,
  body: unknown,
): z.output<Schema> {
  requireBody(body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const onlySizes = parsed.error.issues.every(({ code }) => code === 'too_big');
  const code = onlySizes ? 'SSP_LIMIT_EXCEEDED' : 'SSP_REQUEST_INVALID';
  throw new SspError(code, { problem: describeIssues(parsed.error, Object.keys(schema.shape)) });
}

/** Throws SSP_BODY_MALFORMED where a request came without a body. */
export function requireBody(body: unknown): void {
  if (body === undefined) throw new SspError('SSP_BODY_MALFORMED', { problem: empty });
}
