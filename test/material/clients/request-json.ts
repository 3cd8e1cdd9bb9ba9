import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * The JSON body of a request to a stand-in server, {} for an empty one; undefined where the client
 * went away before it had sent all, as a client does that is aborted or killed.
 */
export async function requestJson(request: IncomingMessage): Promise<unknown> {
  try {
    const body = await text(request);
    return body === '' ? {} : JSON.parse(body);
  } catch (error) {
    if (!request.complete) return undefined;
    throw error;
  }
}
