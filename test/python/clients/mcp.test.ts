import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { test } from 'tap';

import { clientsPython, skip } from '../../material/python/clients.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { RunningApp } from '../../unit/search/running-app.ts';

test('the client of the Python package mcp', { skip }, async (t) => {
  const { app } = new RunningApp(standInIndex({ aliases: { 'Velmora town': 'Velmora' } }));
  t.teardown(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const script = fileURLToPath(new URL('../../material/search/mcp_client.py', import.meta.url));
  const { stdout } = await promisify(execFile)(clientsPython ?? '', [script, `${url}/mcp`]);
  const answers = stdout.trimEnd().split('\n');
  t.equal(answers.length, 2, 'by both revisions');
  for (const answer of answers) {
    t.match(JSON.parse(answer), {
      tools: ['search', 'read_passage', 'read_page', 'explain'],
      found: [/^\d hits for 2 queries/, /^\[1\.1\] Velmora > Economy \(id 1-1/],
      facts: 'bm25',
      page: [/^Velmora \(for Velmora town\): this is the end of the page\.$/, /^\(id 1-0\)\n/],
      missing: [true, /^SSP_PAGE_UNKNOWN: /],
      resource: /^Velmora\n\nVelmora is a town/,
      unknown: /SSP_TOOL_UNKNOWN/,
      progress: [2, 2],
    });
  }
});
