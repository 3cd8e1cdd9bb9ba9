import { Readable } from 'node:stream';

import type { FastifyReply } from 'fastify';

const pieceChars = 65_536;
/** A text of this length is made in some milliseconds. */
const wholeChars = 1_048_576;

/**
 * What a route gives for `body`, which holds the texts of `passages`: the body itself, or its JSON in
 * pieces where making it at once would hold up everybody else, or be longer than a text can be.
 */
export function replyInPieces(
  reply: FastifyReply,
  body: unknown,
  passages: readonly { readonly text: string }[],
): unknown {
  const chars = passages.reduce((sum, { text }) => sum + text.length, 0);
  if (chars <= wholeChars) return body;
  void reply.type('application/json; charset=utf-8');
  return Readable.from(jsonPieces(body));
}

/**
 * The JSON text of `value`: lists, and what holds lists, part by part. `value` is as JSON has it, with
 * undefined only as the value of a key, which is left out.
 */
export function jsonPieces(value: unknown): Generator<string> {
  return inPieces(partsOf(value));
}

function* inPieces(parts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const part of parts) {
    piece += part;
    if (piece.length < pieceChars) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}

function* partsOf(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    yield* listed('[', value.entries(), ']', function* ([, item]) {
      yield* partsOf(item);
    });
  } else if (typeof value === 'object' && value !== null && Object.values(value).some(isTree)) {
    const pairs = Object.entries(value).filter(([, item]) => item !== undefined);
    yield* listed('{', pairs, '}', function* ([key, item]) {
      yield `${JSON.stringify(key)}:`;
      yield* partsOf(item);
    });
  } else {
    yield JSON.stringify(value);
  }
}

function* listed<Item>(
  open: string,
  items: Iterable<Item>,
  close: string,
  write: (item: Item) => Iterable<string>,
): Generator<string> {
  let before = open;
  for (const item of items) {
    yield before;
    yield* write(item);
    before = ',';
  }
  yield before === open ? `${open}${close}` : close;
}

function isTree(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
