import { z } from 'zod';

import { toolVersion } from '../../src/version.ts';
import { openApiDocument } from './openapi.ts';
import type { Route, ServiceContext } from './route.ts';
import type { AboutReply } from './schemas.ts';
import { replySchemas, serviceName } from './schemas.ts';

/** `GET /` and `GET /openapi.json`: the service of itself. They describe `routes`, which they join. */
export function addDescriptionRoutes(
  routes: Route[],
  { readiness }: ServiceContext,
  access: { readonly text: string; readonly needsToken: boolean },
): void {
  routes.push(
    {
      method: 'GET',
      path: '/',
      summary: 'What this service is, and its routes',
      open: true,
      reply: replySchemas.about,
      handle(_request, reply): AboutReply {
        void reply.type('application/json; charset=utf-8').serializer(readableJson);
        return {
          service: serviceName,
          version: toolVersion,
          status: readiness.state,
          access: access.text,
          routes: routeSummaries(routes),
          documents: {
            openapi: '/openapi.json',
            guide: 'docs/search-service.md',
            errors: 'ERRORS.md',
          },
        };
      },
    },
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'The OpenAPI document of this service',
      reply: z.record(z.string(), z.unknown()),
      handle: () => openApiDocument(routes, access.needsToken),
    },
  );
}

function routeSummaries(routes: readonly Route[]): Record<string, string> {
  const named = routes.filter(({ aliasOf }) => aliasOf === undefined);
  return Object.fromEntries(
    named.map(({ method, path, summary }) => [`${method} ${path}`, summary]),
  );
}

/** For people who open the address in a browser. */
function readableJson(body: unknown): string {
  return `${JSON.stringify(body, null, 2)}\n`;
}
