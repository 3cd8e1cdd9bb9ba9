import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What befalls a request: a reply of its own, no reply, or a cut connection. */
type Fault =
  | { readonly status: number; readonly type?: string; readonly reason?: string }
  | 'silence'
  | 'cut'
  | 'not-elasticsearch';

/** Stands before a real cluster and does to requests what a test wants. */
export interface FaultyProxy {
  readonly url: string;
  /** Given a request's method and path, and its number among those that were asked since `set`. */
  set(fault: (path: string, number: number) => Fault | undefined): void;
  /** Headers `authorization` that have come. */
  readonly authorizations: Set<string>;
  stop(): Promise<void>;
}

/** Starts a proxy before the node at `target`. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  let fault: (path: string, number: number) => Fault | undefined = () => undefined;
  let number = 0;
  const authorizations = new Set<string>();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    if (headers.authorization !== undefined) authorizations.add(headers.authorization);
    const body = await buffer(request);
    const found = fault(`${method} ${url}`, number++);
    if (found === 'silence') return;
    if (found === 'cut') {
      request.socket.destroy();
      return;
    }
    if (found === 'not-elasticsearch') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
      return;
    }
    if (found !== undefined) {
      const { status, type = 'made_up_exception', reason = 'made up' } = found;
      const error = { type, reason, root_cause: [{ type, reason }] };
      response
        .writeHead(status, {
          'content-type': 'application/json',
          'x-elastic-product': 'Elasticsearch',
        })
        .end(JSON.stringify({ error, status }));
      return;
    }
    const passed = ['accept', 'content-type', 'authorization'].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as const] : [];
    });
    const reply = await fetch(`${target}${url}`, {
      method,
      headers: Object.fromEntries(passed),
      ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
    });
    const own = ['content-type', 'x-elastic-product'].flatMap((name) => {
      const value = reply.headers.get(name);
      return value === null ? [] : [[name, value] as const];
    });
    const content = Buffer.from(await reply.arrayBuffer());
    response.writeHead(reply.status, Object.fromEntries(own)).end(content);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set(next) {
      fault = next;
      number = 0;
    },
    authorizations,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
