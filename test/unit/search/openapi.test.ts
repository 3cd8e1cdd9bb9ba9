import { Validator } from '@seriousme/openapi-schema-validator';
import { test } from 'tap';

import { replySchemas } from '../../../services/search/schemas.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { RunningApp } from './running-app.ts';

interface Operation {
  readonly summary: string;
  readonly security?: unknown;
  readonly requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
}

async function documentOf(
  service: RunningApp,
): Promise<{ paths: Record<string, Record<string, Operation>> }> {
  return (await service.get('/openapi.json', { authorization: 'Bearer 0123456789abcdef' }))
    .body as never;
}

test('the document is valid OpenAPI 3.1, with a token and without', async (t) => {
  for (const token of [undefined, '0123456789abcdef']) {
    const validator = new Validator();
    const result = await validator.validate(
      await documentOf(new RunningApp(standInIndex(), {}, token)),
    );
    t.strictSame(result, { valid: true });
    t.equal(validator.version, '3.1');
  }
});

test('it names every route and the limits that are enforced', async (t) => {
  const { paths } = await documentOf(new RunningApp(standInIndex(), { maxQueries: 7 }));
  t.strictSame(Object.keys(paths), [
    '/retrieve',
    '/v1/search',
    '/search',
    '/batch_search',
    '/access',
    '/v1/passages/{id}',
    '/v1/pages/{title}',
    '/v1/explain',
    '/mcp',
    '/healthz',
    '/health',
    '/readyz',
    '/ready',
    '/metrics',
    '/',
    '/openapi.json',
  ]);
  const schema = paths['/v1/search']?.['post']?.requestBody?.content['application/json']?.schema;
  t.match(schema, {
    additionalProperties: false,
    properties: { queries: { maxItems: 7 }, topK: { minimum: 1, maximum: 1000, default: 3 } },
  });
});

test('with a token, all but the open routes ask for it', async (t) => {
  const { paths } = await documentOf(new RunningApp(standInIndex(), {}, '0123456789abcdef'));
  const open = Object.entries(paths).filter(
    ([, { get, post }]) => (get ?? post)?.security === undefined,
  );
  t.strictSame(
    open.map(([path]) => path),
    ['/healthz', '/health', '/readyz', '/ready', '/'],
  );
});

test('what the service says of itself is as documented', async (t) => {
  const service = new RunningApp(standInIndex());
  const { about, health, ready } = replySchemas;
  const routes = { '/': about, '/healthz': health, '/readyz': ready };
  for (const [path, schema] of Object.entries(routes)) {
    const { body } = await service.get(path);
    t.strictSame(schema.parse(body), body, path);
  }
  t.match((await service.get('/')).text, /^\{\n {2}"service": "ssp search service",\n/, 'indented');
});
