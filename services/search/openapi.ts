import { z } from 'zod';

import { catalogue } from '../../src/errors/catalogue.ts';
import { toolVersion } from '../../src/version.ts';
import type { Route } from './route.ts';
import { replySchemas, serviceName } from './schemas.ts';

/** Statuses that any route may give for a reason of the catalogue. */
const errorStatuses = [
  ...new Set(
    Object.entries(catalogue)
      .filter(([code]) => code.startsWith('SSP_'))
      .map(([, { status }]) => status),
  ),
];

/** The OpenAPI 3.1 document of `routes`, made from the schemas that validate their requests. */
export function openApiDocument(routes: readonly Route[], needsToken: boolean): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route, needsToken),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: serviceName,
      version: toolVersion,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Error: jsonSchema(replySchemas.error, 'output') },
      ...(needsToken ? { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } : {}),
    },
  };
}

function operationOf(route: Route, needsToken: boolean): object {
  const { summary, open, body } = route;
  const parameters = parametersOf(route);
  return {
    summary,
    ...(needsToken && open !== true ? { security: [{ token: [] }] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: jsonContent(jsonSchema(body, 'input')) } }),
    responses: {
      ...repliesOf(route),
      default: {
        description: `An error of the catalogue; its status is one of ${errorStatuses.join(', ')}`,
        content: jsonContent({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
}

function parametersOf({ path, query }: Route): object[] {
  const ofPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true, schema: { type: 'string' } },
  }));
  const ofQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    ...{ name, in: 'query', required: false, schema: jsonSchema(schema as z.ZodType, 'input') },
  }));
  return [...ofPath, ...ofQuery];
}

function repliesOf({ reply, otherStatuses }: Route): Record<string, object> {
  const content =
    reply === undefined
      ? { 'text/plain': { schema: { type: 'string' } } }
      : jsonContent(jsonSchema(reply, 'output'));
  const descriptions = Object.entries({ 200: 'Done', ...otherStatuses });
  return Object.fromEntries(
    descriptions.map(([status, description]) => [status, { description, content }]),
  );
}

function jsonContent(schema: object): object {
  return { 'application/json': { schema } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): object {
  const whole = z.toJSONSchema(schema, { io });
  delete whole.$schema; // the document names the dialect
  return whole;
}
