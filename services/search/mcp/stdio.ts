import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { PassThrough } from 'node:stream';

import type { JSONRPCMessage, McpServerFactory } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';

import { SspError } from '../../../src/errors/error.ts';

/** The streams of one connection, and what ends it. */
export interface StdioOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Ends the connection at once. */
  readonly signal: AbortSignal;
  /** Time for the replies under way once the input has ended. */
  readonly graceMs: number;
  /** Told of what was no message. */
  readonly onProblem: (error: Error) => void;
}

/** The most bytes of one message. */
const mostBytes = 16_777_216;

/**
 * Serves one client until its input ends, the output breaks or `signal` is aborted. What was asked before the input's end is answered, if that takes no longer than
 * `graceMs`: so a file of messages can be piped in. Throws SSP_BODY_TOO_LARGE for a message of more than 16 MiB.
 */
export async function serveOverStdio(
  servers: McpServerFactory,
  { input, output, signal, graceMs, onProblem }: StdioOptions,
): Promise<void> {
  const messages = new PassThrough();
  const wire = new StdioServerTransport(messages, output, { maxBufferSize: mostBytes });
  const replies = countReplies(wire);
  const { promise: isEnd, resolve: end } = Promise.withResolvers<undefined>();
  const connection = serveStdio(servers, { transport: wire, onerror: onProblem });
  onClose(wire, () => {
    end(undefined);
  });
  const aborted = signal.aborted ? undefined : once(signal, 'abort');
  input.on('data', (chunk) => messages.write(chunk));
  let isOver = false;
  input.once('end', () => {
    isOver = true;
    void replies.allSent(graceMs).then(() => messages.end());
  });
  input.once('error', () => messages.end());
  await Promise.race([isEnd, aborted]);
  isOver ||= signal.aborted || !output.writable;
  await connection.close();
  input.destroy();
  if (!isOver) throw new SspError('SSP_BODY_TOO_LARGE', { limitBytes: mostBytes });
}

function onClose(wire: StdioServerTransport, told: () => void): void {
  const before = wire.onclose?.bind(wire);
  wire.onclose = () => {
    before?.();
    told();
  };
}

const lookMs = 10;

/** Counts the requests of a transport that have no reply, from its first message on. */
function countReplies(wire: StdioServerTransport): {
  allSent(withinMs: number): Promise<void>;
} {
  const open = new Set<string | number>();
  const send = wire.send.bind(wire);
  wire.send = async (message) => {
    await send(message);
    if ('id' in message && message.id !== undefined && !('method' in message)) {
      open.delete(message.id);
    }
  };
  const start = wire.start.bind(wire);
  wire.start = () => {
    const hear = wire.onmessage?.bind(wire);
    wire.onmessage = (message) => {
      if ('method' in message && 'id' in message) open.add(message.id);
      else if (cancelled(message) !== undefined) open.delete(cancelled(message) ?? '');
      hear?.(message);
    };
    return start();
  };
  return {
    async allSent(withinMs) {
      const endMs = performance.now() + withinMs;
      do await new Promise((resolve) => setTimeout(resolve, lookMs));
      while (open.size > 0 && performance.now() < endMs);
    },
  };
}

/** The request that gets no reply any more. */
function cancelled(message: JSONRPCMessage): string | number | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined;
  return message.params?.['requestId'] as string | number | undefined;
}
