import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { isSspError, messageOf, SspError } from '../../src/errors/error.ts';
import { lineChars, shown } from '../../src/errors/error.ts';
import { printable } from '../../src/progress/printable.ts';
import type { ErrorBody } from './route.ts';

/** Seconds after which a refused request is worth repeating, by code. */
const retryAfterSeconds: Readonly<Record<string, number>> = {
  SSP_NOT_READY: 1,
  SSP_OVERLOADED: 1,
  SSP_TOO_MANY_CONNECTIONS: 1,
};

/** Makes every error of `app` a reply with a body from the catalogue. */
export function replyWithCodes(app: FastifyInstance, bodyLimit: number): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    sendError(reply, request, codedError(error, request, bodyLimit));
  });
}

/** Sends `error` with its status and headers. Unexpected failures are written to standard error. */
export function sendError(reply: FastifyReply, request: FastifyRequest, error: SspError): void {
  if (!reply.raw.destroyed) tellInternal(`${request.method} ${request.url}`, error);
  const seconds = error.details['retryAfterSeconds'] ?? retryAfterSeconds[error.code];
  if (seconds !== undefined) void reply.header('retry-after', String(seconds));
  if (error.status === 401) void reply.header('www-authenticate', 'Bearer');
  const { errorBody } = request.routeOptions.config as { errorBody?: ErrorBody };
  const body = errorBody?.(error, request.body) ?? error.toJSON();
  void reply.code(error.status).type('application/json; charset=utf-8').send(body);
}

/** Writes a failure that nobody expected to standard error, with what was asked. */
export function tellInternal(asked: string, error: SspError): void {
  if (error.code !== 'SSP_INTERNAL') return;
  process.stderr.write(`${printable(`${asked}: ${stackOf(error)}`)}\n`);
}

/** Codes of Fastify for requests that it refuses by itself. */
function codedError(error: FastifyError, request: FastifyRequest, bodyLimit: number): SspError {
  if (isSspError(error)) return error;
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new SspError('SSP_BODY_TOO_LARGE', { limitBytes: bodyLimit });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_CONTENT_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new SspError('SSP_CONTENT_TYPE', {
        contentType: shown(request.headers['content-type'] ?? '(none)'),
      });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
      return malformed(error);
    default:
      return new SspError('SSP_INTERNAL', { problem: messageOf(error) }, { cause: error });
  }
}

/**
 * Answers what Node's HTTP parser refuses, straight on the socket, and closes it: behind the replies
 * that are under way, as a client would take it for one of them. A connection that has said nothing is
 * closed without a word: what it might still send is not what this would answer.
 */
export function replyToClientError(
  error: NodeJS.ErrnoException & { bytesParsed?: number },
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  if (refused.has(socket)) return;
  refused.add(socket);
  const before = [...(repliesUnderWay.get(socket) ?? [])].findLast(({ req }) => req.complete);
  if (before === undefined) endWith(socket, clientError(error));
  else
    before.once('close', () => {
      endWith(socket, clientError(error));
    });
}

function endWith(socket: Socket, error: SspError): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(error);
  socket.end(
    `HTTP/1.1 ${error.status} ${error.code}\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => {
      socket.destroySoon();
    },
  );
}

/** Connections that get no further reply than the one of `replyToClientError`. */
const refused = new WeakSet<Socket>();
/** In the order of their requests. */
const repliesUnderWay = new WeakMap<Socket, Set<ServerResponse>>();

function watchReplies(server: Server): void {
  server.on('request', ({ socket }: IncomingMessage, reply: ServerResponse) => {
    const replies = repliesUnderWay.get(socket) ?? new Set();
    repliesUnderWay.set(socket, replies.add(reply));
    reply.once('close', () => replies.delete(reply));
  });
}

/** What Node would answer by itself without a body: unknown expectations, and CONNECT. */
export function replyToOddRequests(server: Server): void {
  watchReplies(server);
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('connect', (_request: unknown, socket: Socket) => {
    replyToClientError(new Error('CONNECT is for proxies'), socket);
  });
}

function clientError(error: NodeJS.ErrnoException): SspError {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return new SspError('SSP_REQUEST_TIMEOUT', {});
  if (error.code === 'HPE_HEADER_OVERFLOW') return new SspError('SSP_HEADERS_TOO_LARGE', {});
  return malformed(error);
}

/** A request that HTTP or the router cannot read; the message may repeat its whole path. */
export function malformed({ message }: Error): SspError {
  return new SspError('SSP_HTTP_MALFORMED', { problem: shown(message, lineChars) });
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.stack ?? cause.message;
}
