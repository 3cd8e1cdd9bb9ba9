import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { Command } from 'commander';
import { test } from 'tap';
import { parse } from 'yaml';

import { commandEntries, createProgram } from '../../../src/cli/program.ts';
import type { KeySchema } from '../../../src/config/key-schema.ts';
import { keysOf } from '../../../src/config/key-schema.ts';
import type { ConfigSection } from '../../../src/config/schema.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { CommandResult } from '../../material/cli/ssp.ts';
import { ssp } from '../../material/cli/ssp.ts';

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

function sectionKeys(): [string, Readonly<Record<string, KeySchema>>][] {
  return Object.keys(configSchema.shape).map((name) => [name, keysOf(name as ConfigSection)]);
}

test('--help and --version end with 0', async (t) => {
  const help = await ssp(['--help']);
  t.equal(help.exitCode, 0);
  t.match(help.stdout, /Usage: ssp/);
  const version = await ssp(['--version']);
  t.equal(version.exitCode, 0);
  t.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test('what is compiled is kept in the cache folder, where that can be written', async (t) => {
  const folder = t.testdir({ cache: {}, other: {}, file: '' });
  const run = (env: NodeJS.ProcessEnv): Promise<CommandResult> => ssp(['--version'], env);
  const kept = (name: string): string[] => readdirSync(join(folder, name));
  // A user's own setting would win.
  const unset = { NODE_COMPILE_CACHE: '' };
  await run({ ...unset, SSP_CACHE_DIR: join(folder, 'cache') });
  t.same(kept('cache'), ['compiled']);
  t.ok(kept('cache/compiled').length > 0);
  await run({ SSP_CACHE_DIR: join(folder, 'cache'), NODE_COMPILE_CACHE: join(folder, 'other') });
  t.ok(kept('other').length > 0, 'NODE_COMPILE_CACHE names another folder');
  for (const unwritable of [join(folder, 'file'), '/proc/none']) {
    const result = await run({ ...unset, SSP_CACHE_DIR: unwritable });
    t.match(result, { exitCode: 0, stderr: '' }, unwritable);
  }
});

test('a mistyped command or option ends with 2 and a suggestion', async (t) => {
  const command = await ssp(['confg']);
  t.equal(command.exitCode, 2);
  t.match(command.stderr, /Did you mean config\?/);
  const option = await ssp(['config', '--wrods', '3']);
  t.equal(option.exitCode, 2);
  t.match(option.stderr, /Did you mean --words\?/);
  const value = await ssp(['config', '--words', 'many', '--json']);
  t.equal(value.exitCode, 2);
  t.match(JSON.parse(value.stdout), { error: { code: 'SSP_USAGE', message: /whole number/ } });
});

test('config prints what would be used, as YAML and as JSON', async (t) => {
  const folder = t.testdir({ 'ssp.yaml': 'corpus:\n  overlap: 7\n' });
  const file = join(folder, 'ssp.yaml');
  const yaml = await ssp(['config', '--config', file, '--words', '50']);
  const config = parse(yaml.stdout) as { corpus: Record<string, unknown> };
  t.match(config.corpus, { words: 50, overlap: 7 });
  t.match(yaml.stdout, /# Words in a passage \(10 to 1000; default 100\)\n  words: 50\n/);
  t.match(yaml.stdout, /NOT[\s#]+SET/);
  t.match(yaml.stdout, /\n {2}# model:\n/);
  const json = await ssp(['config', '--config', file, '--words', '50', '--json']);
  t.strictSame(JSON.parse(json.stdout), config);
});

test('what is on by default stays off where the file says so, and a flag wins over the file', async (t) => {
  const folder = t.testdir({ 'ssp.yaml': 'corpus:\n  infoboxes: false\n  tables: true\n' });
  const { stdout } = await ssp([
    'config',
    '--config',
    join(folder, 'ssp.yaml'),
    '--no-tables',
    '--json',
  ]);
  t.match(JSON.parse(stdout), { corpus: { infoboxes: false, tables: false, lists: true } });
});

test('a coded error reaches both outputs', async (t) => {
  const result = await ssp(['config', '--config', 'no-such-file.yaml', '--json']);
  t.equal(result.exitCode, 2);
  t.match(result.stderr, /error SSP_FILE_NOT_FOUND: There is no configuration file/);
  t.match(JSON.parse(result.stdout), { error: { code: 'SSP_FILE_NOT_FOUND' } });
});

test('every command has a description', async (t) => {
  const visit = (command: Command): void => {
    t.ok(command.description().length > 0, `${command.name()} is described`);
    for (const child of command.commands) visit(child);
  };
  visit(await createProgram(Object.keys(commandEntries)));
});

test('a reader that has enough ends the command without a failure', async (t) => {
  const child = spawn(process.execPath, [entry, 'config'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = text(child.stderr);
  child.stdout.destroy();
  const [code] = (await once(child, 'exit')) as [number | null];
  t.equal(code, 0);
  t.equal(await stderr, '');
});

test('work goes on where nobody reads its progress any more', async (t) => {
  const out = join(t.testdir({}), 'world');
  const args = ['corpus', 'generate', '--out', out, '--entities', '40', '--questions', '9'];
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout = text(child.stdout);
  child.stderr.destroy();
  const [code] = (await once(child, 'exit')) as [number | null];
  t.equal(code, 0);
  t.match(await stdout, /world: 40 entities/);
});

test('what the disk refuses is no defect of ssp', async (t) => {
  const folder = t.testdir({ file: '' });
  const below = join(folder, 'file', 'world');
  const { exitCode, stderr } = await ssp([
    'corpus',
    'generate',
    '--out',
    below,
    '--entities',
    '40',
  ]);
  t.equal(exitCode, 3);
  t.match(stderr, /error SSP_FILE_SYSTEM: .*ENOTDIR/);
});

test('all that is missing is named at once, in words of flags', async (t) => {
  const build = await ssp(['corpus', 'build']);
  t.match(build, { exitCode: 2, stderr: /missing: <dump\.\.\.>, --out <folder>/ });
  const train = await ssp(['train', '--run', join(t.testdir(), 'run')]);
  t.match(train.stderr, /--seeds .*; name an index .*; name the model/);
  const slip = await ssp(['probe', '--seed', '1', '--ouput', 'x', '--seeds', 'y']);
  t.equal(slip.exitCode, 2);
  t.match(slip.stderr, /unknown option '--ouput'; missing: --out <folder>/);
});

test('presets have names; what a preset says is overridden by the file, that by a flag', async (t) => {
  const file = join(t.testdir({ 'my.yaml': 'training: { lr: 0.5, steps: 7 }' }), 'my.yaml');
  const named = ['config', '--preset', 'one-h200-7b-lora', '--config', file, '--json'];
  const { stdout } = await ssp([...named, '--training-steps', '9', '--no-policy-reference']);
  t.match(JSON.parse(stdout), {
    training: { batchQuestions: 128, lr: 0.5, steps: 9 },
    policy: { loraRank: 64, reference: false },
  });
  const unknown = await ssp(['config', '--preset', 'one-h200-7b-lor']);
  t.match(unknown, { exitCode: 2, stderr: /did you mean one-h200-7b-lora\?/ });
  const list = await ssp(['presets']);
  t.match(list.stdout, /^one-h200-7b-lora +Qwen2\.5-7B with a LoRA adapter/m);
  t.notMatch(list.stdout, /^variants/m);
});

test('help of the quickstart has what the quickstart uses; --no- says what it does', async (t) => {
  const { stdout } = await ssp(['quickstart', '--help']);
  t.match(stdout, /--training-steps <value>[\s\S]{0,200}?default:\s+15\)/);
  t.match(stdout, /--training-lr <value>[\s\S]{0,200}?default:\s+0\.0002\)/);
  t.notMatch(stdout, /--training-index/, 'it makes its own');
  for (const [section, keys] of sectionKeys()) {
    for (const [key, { type, default: value, off }] of Object.entries(keys)) {
      if (type === 'boolean' && value === true) t.type(off, 'string', `${section}.${key}`);
    }
  }
});

test('a key that holds keys itself is no flag', async (t) => {
  const { stdout } = await ssp(['config', '--help']);
  t.notMatch(stdout, /object Object/);
  t.match(stdout, /--watch-max-rollbacks/);
});
