import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import t, { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { modelFolder, servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // several processes with PyTorch, on whatever machine this is

test(
  'the service starts, answers and stops; a dead command takes it along',
  { skip },
  async (t) => {
    const folder = testFolder(t);
    const model = await modelFolder(folder, 'tiny');
    const service = await servePolicy(folder, model, ['--full', '--max-running', '8']);
    t.teardown(() => service.stop());
    t.match(service.stderr(), /loading: loading weights \(\d+%\)/);
    const facts = (await (await fetch(`${service.url}/v1/facts`)).json()) as object;
    t.match(facts, { mode: 'full', vocab: 512, device: 'cpu', dtype: 'float32' });
    t.equal(await service.stop('SIGINT'), 0, 'Ctrl-C ends it with 0');

    const orphaned = await servePolicy(folder, model);
    t.teardown(() => orphaned.stop());
    t.equal(await orphaned.stop('SIGKILL'), null);
    const isAlive = (): Promise<boolean> =>
      fetch(`${orphaned.url}/health`).then(
        () => true,
        () => false,
      );
    while (await isAlive()) await sleep(50);
    t.pass('the Python process has ended with its command');
  },
);

test('what the service refuses is the error of the command', { skip }, async (t) => {
  const folder = t.testdir({ broken: { 'config.json': '{' } });
  const model = await modelFolder(folder, 'tiny');
  const cases: [string[], number, RegExp, NodeJS.ProcessEnv?][] = [
    [['--model', join(folder, 'broken')], 2, /error SSP_POLICY_MODEL_UN\w+: .*broken/],
    [['--model', model, '--host', '0.0.0.0'], 2, /error SSP_POLICY_TOKEN_REQUIRED/],
    [['--model', model], 2, /error SSP_POLICY_TOKEN_INVALID/, { SSP_TOKEN: 'short' }],
  ];
  for (const [args, exitCode, message, env] of cases) {
    const result = await ssp(['policy', '--device', 'cpu', '--port', '0', ...args], env);
    t.equal(result.exitCode, exitCode, args.join(' '));
    t.match(result.stderr, message);
  }
});

test('preflight prints the memory and ends', { skip }, async (t) => {
  const folder = t.testdir();
  const model = await modelFolder(folder, 'tiny');
  const args = ['policy', '--model', model, '--device', 'cpu', '--full', '--preflight'];
  const { exitCode, stdout } = await ssp([...args, '--json']);
  t.equal(exitCode, 0);
  const plan = JSON.parse(stdout) as { fits: boolean; parts: { name: string; size: number }[] };
  t.equal(plan.fits, true);
  const weights = plan.parts.find(({ name }) => name === 'weights');
  t.equal(weights?.size, 35_008 * 4, 'four bytes for each parameter');
});

test('a model must be named, and be there', async (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, 'file'), '');
  const none = await ssp(['policy']);
  t.equal(none.exitCode, 2);
  t.match(none.stderr, /error SSP_USAGE: give --model/);
  for (const [name, message] of [
    ['nowhere', /error SSP_FILE_NOT_FOUND: There is no model folder/],
    ['file', /error SSP_INPUT_KIND: .* is a file, not a model folder/],
  ] as const) {
    const wrong = await ssp(['policy', '--model', join(folder, name)]);
    t.equal(wrong.exitCode, 2);
    t.match(wrong.stderr, message);
  }
});

test('a checkpoint is a model to serve, to merge and to export', { skip }, async (t) => {
  const folder = testFolder(t);
  const model = await modelFolder(folder, 'tiny');
  const service = await servePolicy(folder, model, ['--lora-rank', '3']);
  t.teardown(() => service.stop());
  const post = async (url: string, path: string, body: object): Promise<object> => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    return (await (await fetch(`${url}${path}`, init)).json()) as object;
  };
  const sequences = [{ tokens: [5, 70, 9], weights: [0, -1, -1] }];
  await post(service.url, '/v1/training/backward', { sequences });
  await post(service.url, '/v1/training/step', { lr: 0.05 });
  t.match(await post(service.url, '/v1/training/save', { name: 'step-000001' }), { files: 5 });
  const asked = { sequences: [{ tokens: [5, 70, 9] }] };
  const scores = (await post(service.url, '/v1/training/logprobs', asked)) as { results: object };
  await service.stop();

  const out = join(folder, 'plain');
  const exported = await ssp(['model', 'export', join(folder, 'checkpoints'), '--out', out]);
  t.match(exported.stdout, /files, 0\.000 GB .* an adapter of 14 layers merged in\nNext:\n/);
  t.match(exported.stderr, /the model of the checkpoint step-000001: the adapter/);
  const again = await ssp(['model', 'merge', '--model', model, '--adapter', 'x', '--out', out]);
  t.match(again, { exitCode: 2, stderr: /error SSP_OUTPUT_EXISTS/ });
  const nothing = ['model', 'merge', '--model', model, '--adapter', model, '--out', `${out}2`];
  t.match(await ssp(nothing), { exitCode: 2, stderr: /error SSP_POLICY_MODEL_UNREADABLE/ });

  for (const served of [join(folder, 'checkpoints', 'step-000001'), out]) {
    const second = await servePolicy(folder, served, ['--lora-rank', '2']);
    t.teardown(() => second.stop());
    const found = (await post(second.url, '/v1/training/logprobs', asked)) as typeof scores;
    t.match(
      JSON.stringify(found.results).slice(0, 24),
      JSON.stringify(scores.results).slice(0, 24),
    );
    const facts = (await (await fetch(`${second.url}/v1/facts`)).json()) as object;
    t.match(facts, { lora_rank: served === out ? 2 : 3 });
    await second.stop();
  }
});
