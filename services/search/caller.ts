import type { FastifyRequest } from 'fastify';

import type { Asker, QuerySource } from '../../src/types/asker.ts';

/** The headers in which a caller says for whom it asks; each is echoed where it is taken. */
export const callerHeaders = {
  run: 'x-ssp-run',
  step: 'x-ssp-step',
  agent: 'x-ssp-agent',
} as const;

const name = /^[\w.:/-]{1,128}$/;
const forms = { run: name, step: /^\d{1,9}$/, agent: name };

/**
 * For whom a request asks. A header that is missing, longer than 128 characters or of other ones than
 * letters, digits and `_.:/-` (step: a whole number) counts as none: what it is for fails no search.
 */
export function callerOf({ headers }: Pick<FastifyRequest, 'headers'>): Asker {
  const taken = Object.entries(callerHeaders).flatMap(([key, header]) => {
    const value = headers[header];
    return typeof value === 'string' && forms[key as keyof Asker].test(value) ? [[key, value]] : [];
  });
  return Object.fromEntries(taken) as Asker;
}

/** Where the queries of a request come from. */
export function sourceOf(request: FastifyRequest): QuerySource {
  return { asker: callerOf(request), route: request.routeOptions.url };
}
