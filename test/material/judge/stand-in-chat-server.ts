import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Test } from 'tap';

import { requestJson } from '../clients/request-json.ts';

/** A request as it arrived. */
export interface ChatCall {
  readonly path: string;
  readonly token: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly temperature: number;
    readonly max_tokens: number;
    readonly stop?: readonly string[];
    readonly seed?: number;
  };
}

/** A text that is said, a choice with more facts, an HTTP status; null breaks the connection. */
export type Saying =
  | string
  | { readonly choice: object }
  | { readonly status: number; readonly body: string }
  | null
  | Promise<string>;

/** A running stand-in. */
export interface StandInChatServer {
  readonly url: string;
  readonly calls: readonly ChatCall[];
  /** Ends it, with all its connections. */
  stop(): void;
}

/**
 * Stands in for a language model behind an OpenAI-compatible server, as no real one can be told what
 * to say: real HTTP, and `say` gives what the model writes.
 */
export async function standInChatServer(
  t: Test,
  say: (call: ChatCall, index: number) => Saying,
): Promise<StandInChatServer> {
  const calls: ChatCall[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = (await requestJson(request)) as ChatCall['body'] | undefined;
      if (body === undefined) return undefined;
      const call = { path: request.url ?? '', token: request.headers.authorization, body };
      calls.push(call);
      const saying = await say(call, calls.length - 1);
      if (saying === null) return response.destroy();
      if (typeof saying === 'object' && 'status' in saying) {
        return response.writeHead(saying.status).end(saying.body);
      }
      const said = { message: { role: 'assistant', content: saying }, finish_reason: 'stop' };
      const choice = typeof saying === 'string' ? said : saying.choice;
      return response.end(JSON.stringify({ object: 'chat.completion', choices: [choice] }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  t.teardown(stop);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls, stop };
}
