import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Returns a function that closes every connection of `server` on which nothing is under way. Node's
 * own `closeIdleConnections` keeps those that have not carried a request yet; HTTP clients open
 * such ones in advance. They are closed at the second call that finds them so: what has arrived on
 * them is read in between. Likewise a call waits until the event loop has read what was there: a
 * busy process must not take a request that it has not seen for none.
 */
export function idleConnectionsCloser(server: Server): () => void {
  const sockets = new Set<Socket>();
  const unused = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    setImmediate(() => {
      server.closeIdleConnections();
      for (const socket of sockets) {
        if (socket.bytesRead > 0) continue;
        if (unused.has(socket)) socket.destroy();
        unused.add(socket);
      }
    });
  };
}
