import { isIP } from 'node:net';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { ServiceConfig } from '../../src/config/service.ts';
import { SspError } from '../../src/errors/error.ts';
import { shown } from '../../src/errors/error.ts';
import type { Access } from './access.ts';
import { isLoopback } from './access.ts';
import { callerHeaders } from './caller.ts';
import { sessionHeader } from './mcp/route.ts';
import { truncatedHeader } from './retrieve-route.ts';

const exposedHeaders = [
  'retry-after',
  ...Object.values(callerHeaders),
  truncatedHeader,
  sessionHeader,
].join(', ');
const allowedMethods = 'GET, HEAD, POST';
const preflightSeconds = '600';

/**
 * Refuses requests of web pages that are none of this service's business, before anything is read: a
 * browser sends them for any page that its user opens, and to names that the page's owner has pointed
 * at this machine (DNS rebinding). Pages of `config.allowedOrigins` get the headers of CORS.
 */
export function guardAgainstPages(
  app: FastifyInstance,
  config: ServiceConfig,
  { takesNone }: Pick<Access, 'takesNone'>,
): void {
  const isAllowedHost = hostRule(config, takesNone);
  const allowedOrigins = new Set(config.allowedOrigins.map((origin) => origin.toLowerCase()));
  app.addHook('onRequest', async (request, reply) => {
    refuseHost(request, isAllowedHost);
    if (allowedOrigins.size > 0) void reply.header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined) return;
    if (allowedOrigins.has(origin.toLowerCase())) return allowPage(request, reply, origin);
    if (!isOwnOrigin(origin, request.headers.host)) {
      throw new SspError('SSP_ORIGIN_REFUSED', { origin: shown(origin) });
    }
  });
}

/**
 * Which names a request may ask for. On a loopback address: its own, and those of `allowedHosts`.
 * Elsewhere any, as a token is what a page lacks, unless `allowedHosts` names some: then these and
 * addresses, which cannot be pointed elsewhere. Where some or all need no token (`allow`, `insecure`)
 * also names without dots, which no public name server has: their browsers open pages too.
 */
function hostRule(config: ServiceConfig, takesNone: boolean): (name: string) => boolean {
  const { host, allowedHosts } = config;
  const own = new Set([host, ...allowedHosts].map((each) => hostName(bracketed(each))));
  const isOwn = (name: string): boolean => isLoopback(name) || own.has(name);
  if (isLoopback(host)) return isOwn;
  const isNamed = (name: string): boolean => isOwn(name) || isIP(name) !== 0;
  if (allowedHosts.length > 0) return isNamed;
  if (!takesNone) return () => true;
  return (name) => isNamed(name) || !name.includes('.');
}

/** Browsers and HTTP/1.1 always send one Host; a request of HTTP/1.0 may have none. */
function refuseHost(request: FastifyRequest, isAllowed: (name: string) => boolean): void {
  const { headers, httpVersion, rawHeaders } = request.raw;
  const { host } = headers;
  if (host === undefined && httpVersion === '1.0') return;
  const count = rawHeaders.filter((each, at) => at % 2 === 0 && /^host$/i.test(each)).length;
  if (host === undefined || count > 1) {
    const problem = `it has ${count} Host headers, not one`;
    throw new SspError('SSP_HTTP_MALFORMED', { problem });
  }
  const name = hostName(host);
  if (name === undefined || !isAllowed(name)) {
    throw new SspError('SSP_HOST_REFUSED', { host: shown(host) });
  }
}

/**
 * The name or address of a Host header in its plain form: lower case, no port, no brackets, no final
 * dot. Undefined for what is no host.
 */
export function hostName(header: string): string | undefined {
  if (/[^\w.:[\]-]/.test(header)) return undefined;
  return URL.parse(`http://${header}`)?.hostname.replaceAll(/^\[|\]$|\.$/g, '');
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}

/** A page that this service could have given: of the same name and port. */
function isOwnOrigin(origin: string, host: string | undefined): boolean {
  const page = URL.parse(origin);
  if (page === null || !/^https?:$/.test(page.protocol)) return false;
  return host !== undefined && URL.parse(`${page.protocol}//${host}`)?.host === page.host;
}

/** Lets the page read the reply; what its browser asks beforehand is answered here. */
function allowPage(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  origin: string,
): FastifyReply | undefined {
  void reply.header('access-control-allow-origin', origin);
  void reply.header('access-control-expose-headers', exposedHeaders);
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) {
    return undefined;
  }
  return reply
    .code(204)
    .header('access-control-allow-methods', allowedMethods)
    .header('access-control-allow-headers', headers['access-control-request-headers'] ?? '')
    .header('access-control-max-age', preflightSeconds)
    .send();
}
