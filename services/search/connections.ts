import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const surplusMs = 2_000;
const surplusShare = 2;

const surplus = new WeakSet<Socket>();

/**
 * Counts the connections of `server`; gives a function that tells how many are open. Those beyond
 * `limit` are surplus: they have two seconds to be told so. Beyond twice the limit they are closed at
 * once.
 */
export function limitConnections(server: Server, limit: number): () => number {
  let open = 0;
  server.maxConnections = surplusShare * limit;
  server.on('connection', (socket: Socket) => {
    open += 1;
    const end = open > limit ? setTimeout(() => socket.destroy(), surplusMs).unref() : undefined;
    if (end !== undefined) surplus.add(socket);
    socket.once('close', () => {
      open -= 1;
      clearTimeout(end);
    });
  });
  return () => open;
}

/** Whether the connection was one too many when it came. */
export function isSurplus(socket: Socket): boolean {
  return surplus.has(socket);
}
