import { setTimeout as sleep } from 'node:timers/promises';

import type { McpServerFactory, ServerContext } from '@modelcontextprotocol/server';
import { fromJsonSchema, McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';

/** One red pixel as PNG, and a WAV file without sound. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const silence = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';

const image = { type: 'image', data: pixel, mimeType: 'image/png' } as const;
const text = (content: string): { type: 'text'; text: string } => ({ type: 'text', text: content });
const resource = (uri: string, mimeType: string, content: string) =>
  ({ type: 'resource', resource: { uri, mimeType, text: content } }) as const;

/** The tools, resources and prompts that the scenarios of `@modelcontextprotocol/conformance` ask for. */
export const trialServers: McpServerFactory = () => {
  const server = new McpServer(
    { name: 'trial', version: '1' },
    { capabilities: { logging: {}, completions: {} } },
  );
  addTools(server);
  addResources(server);
  addPrompts(server);
  server.server.setRequestHandler('completion/complete', () => ({ completion: { values: [] } }));
  return server;
};

function addTools(server: McpServer): void {
  const tools = {
    test_simple_text: [text('a text')],
    test_image_content: [image],
    test_audio_content: [{ type: 'audio', data: silence, mimeType: 'audio/wav' }],
    test_embedded_resource: [resource('test://embedded', 'text/plain', 'embedded')],
    test_multiple_content_types: [text('three'), image, resource('test://m', 'text/plain', 'm')],
  } as const;
  for (const [name, content] of Object.entries(tools)) {
    server.registerTool(name, { description: name }, () => ({ content: [...content] }));
  }
  server.registerTool('test_error_handling', { description: 'fails' }, () => {
    throw new Error('this tool fails');
  });
  server.registerTool('test_tool_with_progress', { description: 'tells' }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 0;
    for (const progress of [0, 50, 100]) {
      const params = { progressToken, progress, total: 100 };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
    return { content: [text('told')] };
  });
  server.registerTool('test_tool_with_logging', { description: 'logs' }, async ({ mcpReq }) => {
    await logThrice(mcpReq);
    return { content: [text('logged')] };
  });
  const inputSchema = fromJsonSchema({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { type: 'object', properties: { street: { type: 'string' } } } },
    properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
    additionalProperties: false,
  });
  server.registerTool('json_schema_2020_12_tool', { description: 'a', inputSchema }, () => ({
    content: [text('valid')],
  }));
}

async function logThrice({ notify }: ServerContext['mcpReq']): Promise<void> {
  for (const data of ['begun', 'at work', 'done']) {
    await notify({ method: 'notifications/message', params: { level: 'info', data } });
    await sleep(20);
  }
}

function addResources(server: McpServer): void {
  server.registerResource('text', 'test://static-text', {}, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'text/plain', text: 'a text' }],
  }));
  server.registerResource('binary', 'test://static-binary', {}, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'image/png', blob: pixel }],
  }));
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  server.registerResource('template', template, {}, ({ href }, { id }) => ({
    contents: [{ uri: href, mimeType: 'application/json', text: JSON.stringify({ id }) }],
  }));
}

function addPrompts(server: McpServer): void {
  const said = <Content>(content: Content) => ({ role: 'user' as const, content });
  server.registerPrompt('test_simple_prompt', { description: 'simple' }, () => ({
    messages: [said(text('simple'))],
  }));
  server.registerPrompt('test_prompt_with_image', { description: 'image' }, () => ({
    messages: [said(image), said(text('what is it'))],
  }));
  const both = z.object({ arg1: z.string(), arg2: z.string() });
  server.registerPrompt(
    'test_prompt_with_arguments',
    { description: 'two', argsSchema: both },
    ({ arg1, arg2 }) => ({
      messages: [said(text(`arg1='${arg1}', arg2='${arg2}'`))],
    }),
  );
  const argsSchema = z.object({ resourceUri: z.string() });
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'one', argsSchema },
    (given) => ({
      messages: [said(resource(given.resourceUri, 'text/plain', 'embedded'))],
    }),
  );
}
