import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { validate } from 'dockerfile-utils';
import { test } from 'tap';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'docker');
const names = await readdir(folder);
const files = (end: string): string[] => names.filter((name) => name.endsWith(end));

interface ComposeService {
  readonly build?: { readonly dockerfile: string };
  readonly image?: string;
  readonly command?: readonly string[];
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: object;
}

const composed = await Promise.all(
  files('.compose.yaml').map(async (name) => {
    const text = await readFile(join(folder, name), 'utf8');
    return {
      name,
      services: (parse(text) as { services: Record<string, ComposeService> }).services,
    };
  }),
);

test('compose files are what the specification says, and lint without a finding', async (t) => {
  t.equal(composed.length, 3);
  const dclint = join(root, 'node_modules/dclint/bin/dclint.cjs');
  const paths = composed.map(({ name }) => join(folder, name));
  await t.resolves(
    promisify(execFile)(process.execPath, [dclint, '--max-warnings', '0', ...paths], { cwd: root }),
  );
});

test('services have no rights to spare, and nothing to write to but what is named', (t) => {
  for (const { name, services } of composed) {
    for (const [service, settings] of Object.entries(services)) {
      const at = `${name}, ${service}`;
      t.strictSame(settings.cap_drop, ['ALL'], at);
      t.ok(settings.tmpfs, at);
      // Elasticsearch writes its configuration at the start.
      if (settings.image === undefined) t.equal(settings.read_only, true, at);
    }
  }
  t.end();
});

test('what they build and run is there: Dockerfiles, and flags of our own commands', async (t) => {
  const { createProgram } = await import('../../../src/cli/program.ts');
  for (const { name, services } of composed) {
    for (const { build, command = [] } of Object.values(services)) {
      if (build === undefined) continue;
      t.ok(existsSync(join(root, build.dockerfile)), `${name}: ${build.dockerfile}`);
      const [called = 'serve'] = command;
      const program = await createProgram([called]);
      const flags = program.commands.find((one) => one.name() === called)?.options ?? [];
      for (const flag of command.filter((word) => word.startsWith('--'))) {
        t.ok(
          flags.some(({ long }) => long === flag),
          `${name}: ${called} ${flag}`,
        );
      }
    }
  }
});

test('Dockerfiles: no finding, pinned bases, not root, a health check', async (t) => {
  t.equal(files('.Dockerfile').length, 2);
  for (const name of files('.Dockerfile')) {
    const text = await readFile(join(folder, name), 'utf8');
    t.strictSame(validate(text), [], name);
    for (const [, base = ''] of text.matchAll(/^FROM (\S+)/gm))
      t.match(base, /@sha256:[0-9a-f]{64}$/);
    t.match(text, /^USER (?!root)\w+$/m, name);
    t.match(text, /^HEALTHCHECK /m, name);
    for (const [, source = ''] of text.matchAll(/^COPY (?!--)(\S+) /gm)) {
      t.ok(existsSync(join(root, source)), `${name}: ${source}`);
    }
  }
});
