import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { McpServerFactory } from '@modelcontextprotocol/server';
import type { Test } from 'tap';
import t, { test } from 'tap';

import { serviceConfig } from '../../../src/config/service.ts';
import { trialServers } from '../../material/search/mcp-trial-tools.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';
import { RunningApp } from '../../unit/search/running-app.ts';

t.setTimeout(600_000); // a process for each suite, on whatever machine this is

/**
 * Scenarios of the suite that do not apply, and why. The service is stateless and asks nothing of its
 * clients, so whatever the server begins by itself is not there.
 */
const notOurs = {
  'tools-call-sampling': 'the server asks the client for a completion',
  'tools-call-elicitation': 'the server asks the user',
  'elicitation-sep1034-defaults': 'the server asks the user',
  'elicitation-sep1330-enums': 'the server asks the user',
  'server-sse-polling': 'no reply is so long that its stream is taken up again: nothing is tried',
  'resources-subscribe': 'pages of an index do not change',
  'resources-unsubscribe': 'pages of an index do not change',
};
/** Scenarios about other tools, resources and prompts than ours: the same adapter is tried with theirs. */
const aboutTrialTools = [
  ...['logging-set-level', 'completion-complete', 'json-schema-2020-12'],
  ...['tools-call-simple-text', 'tools-call-image', 'tools-call-audio'],
  ...['tools-call-embedded-resource', 'tools-call-mixed-content', 'tools-call-with-logging'],
  ...['tools-call-error', 'tools-call-with-progress'],
  ...['resources-read-text', 'resources-read-binary', 'resources-templates-read'],
  ...['prompts-list', 'prompts-get-simple', 'prompts-get-with-args'],
  ...['prompts-get-embedded-resource', 'prompts-get-with-image'],
];

const command = fileURLToPath(
  new URL('../../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url),
);

test('the service passes every scenario that applies, with its own tools or with theirs', async (t) => {
  const folder = testFolder(t);
  const [own, withTrialTools] = await Promise.all([
    scenariosNotPassed(t, join(folder, 'own')),
    scenariosNotPassed(t, join(folder, 'trial'), trialServers),
  ]);
  t.strictSame(own, [...Object.keys(notOurs), ...aboutTrialTools].sort());
  t.strictSame(withTrialTools, Object.keys(notOurs).sort());
});

/** The scenarios of the whole suite that do not pass against a service in this process, sorted. */
async function scenariosNotPassed(
  t: Test,
  results: string,
  mcpServers?: McpServerFactory,
): Promise<string[]> {
  const { app } = new RunningApp(standInIndex(), serviceConfig.parse({}), undefined, {
    mcpServers,
  });
  t.teardown(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const given = ['server', '--url', `${url}/mcp`, '--suite', 'all', '-o', results];
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [command, ...given], (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
  const rows = [...output.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed/gm)];
  if (rows.length !== 32) throw new Error(output);
  const notPassed = rows.filter(([, , passed, failed]) => passed === '0' || failed !== '0');
  return notPassed.map(([, name = '']) => name).sort();
}
