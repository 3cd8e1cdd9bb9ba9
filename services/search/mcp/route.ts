import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';

import type { McpServerFactory } from '@modelcontextprotocol/server';
import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

import { isSspError, SspError } from '../../../src/errors/error.ts';
import { callerHeaders } from '../caller.ts';
import { tellInternal } from '../error-replies.ts';
import { asCoded } from '../index-loader.ts';
import { requireBody } from '../request-body.ts';
import type { Route } from '../route.ts';
import { CallsUnderWay } from './calls-under-way.ts';
import { errorBody } from './results.ts';

/** The header that names a client's session. */
export const sessionHeader = 'mcp-session-id';
/** Messages of one body: revision 2025-03-26 knows lists of them. */
const mostMessages = 64;

const path = '/mcp';

const messageSchema = z
  .looseObject({ jsonrpc: z.literal('2.0'), method: z.string() })
  .describe('A message of the Model Context Protocol');

/**
 * `POST /mcp`: the Model Context Protocol over Streamable HTTP. Each message is served by a server of
 * its own, so no state is kept between two, and any process behind one address can answer. The session
 * that `initialize` names is only what a later `notifications/cancelled` finds its call by. There is no
 * stream to `GET`: nothing is ever told that nobody asked for.
 */
export function mcpRoute(servers: McpServerFactory): Route {
  const handler = createMcpHandler(servers, {
    maxSubscriptions: 0,
    onerror(error) {
      if (isSspError(error)) tellInternal('MCP', asCoded(error));
    },
  });
  const calls = new CallsUnderWay();
  return {
    method: 'POST',
    path,
    summary: 'The Model Context Protocol (Streamable HTTP) for agents: tools and pages',
    body: messageSchema,
    reply: z.looseObject({}),
    errorBody,
    async handle({ headers, body }, reply) {
      requireBody(body);
      refuseManyMessages(body);
      const session = String(headers[sessionHeader] ?? '');
      const { signal, end } = calls.begin(session, body);
      reply.raw.once('close', end);
      const request = new Request(`http://localhost${path}`, {
        ...{ method: 'POST', headers: headersOfMessage(headers), signal },
      });
      const response = await handler.fetch(request, { parsedBody: body });
      if (isInitialize(body)) void reply.header(sessionHeader, randomUUID());
      return sendResponse(reply, response);
    },
  };
}

function refuseManyMessages(body: unknown): void {
  if (!Array.isArray(body) || body.length <= mostMessages) return;
  const problem = `${body.length} messages in one body; at most ${mostMessages}`;
  throw new SspError('SSP_LIMIT_EXCEEDED', { problem });
}

function isInitialize(body: unknown): boolean {
  return (body as { method?: unknown } | null)?.method === 'initialize';
}

const callerNames: readonly string[] = Object.values(callerHeaders);

/** The headers that the protocol gives a meaning, and those that say for whom is asked. */
function headersOfMessage(headers: IncomingHttpHeaders): Record<string, string> {
  const own = Object.entries(headers).filter(
    ([name]) => /^(accept|content-type|mcp-.*)$/.test(name) || callerNames.includes(name),
  );
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}

/** What the handler gave, as it comes: its stream ends with the client's connection. */
function sendResponse(reply: FastifyReply, response: Response): FastifyReply {
  void reply.code(response.status);
  for (const [name, value] of response.headers) {
    if (name !== 'connection') void reply.header(name, value); // it is this server's
  }
  if (response.body === null) return reply.send();
  return reply.send(Readable.fromWeb(response.body));
}
