import { z } from 'zod';

import { SspError } from '../errors/error.ts';
import type { RetryPolicy } from './retry.ts';
import { RequestError, requestWithRetry } from './retry.ts';

/** Where a search service is, and how long it is tried. */
export interface SearchServiceOptions {
  readonly url: string;
  readonly token?: string | undefined;
  readonly retries: RetryPolicy;
}

const errorSchema = z.looseObject({ code: z.string(), message: z.string() });
const shownChars = 500;

/**
 * The reply to one POST of a search service, as `schema` reads it. Searching changes nothing, so it
 * may be repeated. Throws SSP_SERVICE_UNREACHABLE, SSP_SERVICE_REFUSED with the service's own code
 * and message for every other reply, and the signal's reason once it is aborted.
 */
export async function askSearchService<Schema extends z.ZodType>(
  { url, token, retries }: SearchServiceOptions,
  request: { readonly path: string; readonly body: object; readonly reply: Schema },
  signal?: AbortSignal,
): Promise<z.output<Schema>> {
  const address = url.replace(/\/+$/, '');
  const init: RequestInit = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(request.body),
  };
  try {
    const read = (response: Response): Promise<string> => response.text();
    const text = await requestWithRetry(`${address}${request.path}`, init, retries, read, signal);
    const parsed = request.reply.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw refusal(address, 200, text);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { status, body, message: problem } = error;
    if (status !== undefined) throw refusal(address, status, body);
    throw new SspError('SSP_SERVICE_UNREACHABLE', { url: address, problem }, { cause: error });
  }
}

function refusal(url: string, status: number, text: string): SspError<'SSP_SERVICE_REFUSED'> {
  const parsed = errorSchema.safeParse(parseJson(text));
  const reply = parsed.success
    ? `${parsed.data.code}: ${parsed.data.message}`
    : text.slice(0, shownChars);
  return new SspError('SSP_SERVICE_REFUSED', { url, status, reply });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
