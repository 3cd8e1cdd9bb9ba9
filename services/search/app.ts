import type { Server } from 'node:http';
import { METHODS } from 'node:http';
import type { Socket } from 'node:net';

import type { McpServerFactory } from '@modelcontextprotocol/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Fastify from 'fastify';

import { nearest } from '../../src/config/issues.ts';
import type { ServiceConfig } from '../../src/config/service.ts';
import { lineChars, shown, SspError } from '../../src/errors/error.ts';
import type { Access } from './access.ts';
import { accessOf } from './access.ts';
import { accessRoute } from './access-route.ts';
import { BrokerBackend } from './agent-backend.ts';
import { addDescriptionRoutes } from './description-routes.ts';
import {
  malformed,
  replyToClientError,
  replyToOddRequests,
  replyWithCodes,
  sendError,
} from './error-replies.ts';
import { flashRagRoutes } from './flashrag-routes.ts';
import { lookupRoutes } from './lookup-routes.ts';
import { mcpRoute } from './mcp/route.ts';
import { agentServers } from './mcp/server.ts';
import type { Metrics } from './metrics.ts';
import { watchRequests } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { readJsonBodies } from './request-body.ts';
import { retrieveRoute } from './retrieve-route.ts';
import type { Route } from './route.ts';
import { requestSchemas } from './schemas.ts';
import { searchRoute } from './search-route.ts';
import { statusRoutes } from './status-routes.ts';
import { guardAgainstPages } from './web-access.ts';

/** What a service is made of. */
export interface SearchAppOptions {
  readonly config: ServiceConfig;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  /** Required where given, but for the routes that are `open` and the networks of `config.allow`. */
  readonly token?: string | undefined;
  /** What answers at /mcp, where it is not the index: the protocol's own trials want other tools. */
  readonly mcpServers?: McpServerFactory;
}

const headersTimeoutMs = 10_000;
const checkConnectionsMs = 1_000;
const maxParamLength = 8_192;
/** The service's routes without a socket: `inject` requests into it, or let `startService` listen. */
export function createSearchApp(options: SearchAppOptions): FastifyInstance {
  const { config } = options;
  const app = Fastify({
    bodyLimit: config.maxBodyBytes,
    requestTimeout: config.requestTimeoutMs,
    http: {
      headersTimeout: Math.min(headersTimeoutMs, config.requestTimeoutMs),
      connectionsCheckingInterval: checkConnectionsMs,
      requireHostHeader: false, // Node would refuse without a body
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength },
    clientErrorHandler: replyToClientError,
    frameworkErrors: (error, request, reply) => {
      sendError(reply, request, malformed(error));
    },
  });
  const access = accessOf(config, options.token);
  const routes = routesOf(options, access);
  knowAllMethods(app);
  readJsonBodies(app);
  replyWithCodes(app, config.maxBodyBytes);
  replyToOddRequests(app.server);
  const connections = limitConnections(app.server, config.maxConnections);
  options.metrics.watch('ssp_connections', 'Open connections', connections);
  watchRequests(app, options.metrics, config.requestLog);
  guardAgainstPages(app, config, access);
  guardRequests(app, routes, config, access);
  for (const route of routes) {
    const { method, path, errorBody } = route;
    const config = { errorBody };
    app.route({ method, url: routerPath(path), config, handler: handlerOf(route) });
  }
  refuseOtherMethods(app, routes);
  return app;
}

/** Fastify knows a few methods only and would answer 404 to the others, where 405 is meant. */
function knowAllMethods(app: FastifyInstance): void {
  const unknown = METHODS.filter((method) => !app.supportedMethods.includes(method));
  for (const method of unknown) app.addHttpMethod(method, { hasBody: true });
}

function routesOf(options: SearchAppOptions, access: Access): Route[] {
  const { config, readiness } = options;
  const schemas = requestSchemas(config);
  const backend = new BrokerBackend((body) => readiness.use(body), schemas);
  const context = { ...options, schemas, backend };
  const servers =
    options.mcpServers ??
    agentServers(backend, config, (tool, result) => {
      options.metrics.toolCalls.inc({ tool, result });
    });
  const routes = [
    retrieveRoute(context),
    searchRoute(context),
    ...flashRagRoutes(context),
    accessRoute(context),
    ...lookupRoutes(context),
    mcpRoute(servers),
    ...statusRoutes(context),
  ];
  addDescriptionRoutes(routes, context, {
    text: access.text,
    needsToken: options.token !== undefined,
  });
  return routes;
}

function handlerOf(route: Route): (request: FastifyRequest, reply: FastifyReply) => unknown {
  return async (request, reply) => route.handle(request, reply);
}

/** `/v1/passages/{id}` as the router writes it: the parameter takes the rest of the path. */
function routerPath(path: string): string {
  return path.replace(/\{\w+\}$/, '*');
}

/**
 * Refuses, before any body is read, what comes over a connection too many, from callers who have no
 * access, and for paths that are no route.
 */
function guardRequests(
  app: FastifyInstance,
  routes: readonly Route[],
  config: ServiceConfig,
  access: Access,
): void {
  const open = new Set(routes.filter((route) => route.open === true).map(({ path }) => path));
  app.addHook('onRequest', (request, reply, done) => {
    const { authorization } = request.headers;
    const isOpen = open.has(request.routeOptions.url ?? '');
    const isOneTooMany = isSurplus(request.raw.socket);
    if (isOneTooMany) void reply.header('connection', 'close');
    if (isOneTooMany && !isOpen) {
      done(new SspError('SSP_TOO_MANY_CONNECTIONS', { limit: config.maxConnections }));
      return;
    }
    const refusal = isOpen
      ? undefined
      : access.refusal(request.raw.socket.remoteAddress, authorization);
    done(refusal ?? (request.is404 ? unknownRoute(request, routes) : undefined));
  });
  app.setNotFoundHandler((request) => {
    throw unknownRoute(request, routes);
  });
}

function unknownRoute(request: FastifyRequest, routes: readonly Route[]): SspError {
  const path = request.url.split('?', 1)[0] ?? '';
  const known = routes.map((route) => route.path).filter((each) => each !== '/');
  const near = nearest(path, known);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  return new SspError('SSP_ROUTE_UNKNOWN', {
    ...{ method: request.method, path: shown(path, lineChars), hint },
  });
}

/** Answers 405, naming what is allowed, for the other methods of every route's path. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  for (const [path, own] of Map.groupBy(routes, (route) => route.path)) {
    const allowed = own.flatMap(({ method }) => (method === 'GET' ? [method, 'HEAD'] : [method]));
    const refuse = (request: FastifyRequest, reply: FastifyReply): void => {
      const { method } = request;
      const error = new SspError('SSP_METHOD_NOT_ALLOWED', {
        ...{ path, method, allowed: allowed.join(' or ') },
      });
      sendError(reply.header('allow', allowed.join(', ')), request, error);
    };
    app.route({
      method: app.supportedMethods.filter((method) => !allowed.includes(method)),
      url: routerPath(path),
      onRequest: refuse,
      handler: refuse,
    });
  }
}

const surplusMs = 2_000;
const surplusShare = 2;

const surplus = new WeakSet<Socket>();

/**
 * Counts the connections of `server`; gives a function that tells how many are open. Those beyond
 * `limit` are surplus: they have two seconds to be told so. Beyond twice the limit they are closed at
 * once.
 */
function limitConnections(server: Server, limit: number): () => number {
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
function isSurplus(socket: Socket): boolean {
  return surplus.has(socket);
}
