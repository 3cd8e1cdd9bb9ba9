import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Test } from 'tap';

import { requestJson } from '../../material/clients/request-json.ts';

/** A request as it arrived. */
export interface Arrived {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** What the service does with one request: replies, breaks the connection, or says nothing. */
export type Answer =
  | { readonly status: number; readonly json: unknown; readonly headers?: Record<string, string> }
  | 'break'
  | 'silence';

/**
 * A stand-in for a policy service in trouble, over real HTTP: `answers` are used one a request, the
 * last one for all that follow. The service itself cannot be told to fail like this.
 */
export async function faultyService(
  t: Test,
  answers: readonly [Answer, ...Answer[]],
): Promise<{ readonly url: string; readonly arrived: Arrived[]; readonly broken: () => number }> {
  const arrived: Arrived[] = [];
  let broken = 0;
  const server = createServer((request, response) => {
    response.on('close', () => (broken += response.writableFinished ? 0 : 1));
    void (async () => {
      const body = (await requestJson(request)) as Arrived['body'] | undefined;
      if (body === undefined) return;
      arrived.push({ path: request.url ?? '', body });
      reply(response, answers[Math.min(arrived.length, answers.length) - 1] ?? 'break');
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, arrived, broken: () => broken };
}

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === 'silence') return;
  if (answer === 'break') response.destroy();
  else response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.json));
}
