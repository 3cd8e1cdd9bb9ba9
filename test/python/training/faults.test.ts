import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';
import t, { test } from 'tap';

import { tinyPolicyFolder } from '../../../src/models/shipped.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import { startService } from '../../material/cli/running-service.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { policyProcessOf } from '../../material/policy/policy-process.ts';
import { servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(1_800_000); // several runs, each starts PyTorch, on whatever machine this is

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

interface Training {
  readonly process: ChildProcess;
  stderr(): string;
  readonly ended: Promise<number | null>;
}

function startTraining(t: Test, config: string, run: string, ...more: string[]): Training {
  const args = ['train', '--config', config, '--run', run, ...more];
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data) => (stderr += String(data)));
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  t.teardown(() => {
    child.kill('SIGKILL');
    return ended;
  });
  return { process: child, stderr: () => stderr, ended };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

/** Steps whose metrics or episodes were written. */
async function writtenSteps(run: string): Promise<{ metrics: number[]; episodes: string[] }> {
  const folder = runFolder(run);
  const lines = (await readFile(folder.metrics, 'utf8')).split('\n').filter((line) => line !== '');
  const metrics = lines.map((line) => (JSON.parse(line) as { step: number }).step);
  return { metrics, episodes: await readdir(folder.episodes) };
}

test('a service that dies in the middle of a step', { skip }, async (t) => {
  const folder = testFolder(t);
  const world = await makeWorld(folder);
  const undisturbed = join(folder, 'undisturbed');
  const plain = await writeRunConfig(folder, world, { training: { steps: 2 } });
  t.equal((await ssp(['train', '--config', plain, '--run', undisturbed])).exitCode, 0);
  const expected = await readFile(runFolder(undisturbed).metrics, 'utf8');

  await t.test('search: the run stops, nobody is paid for it, and it goes on', async (t) => {
    const run = join(folder, 'search');
    const search = await startService(['serve', '--index', world.index, '--mode', 'bm25']);
    t.teardown(() => search.stop());
    const training = startTraining(t, plain, run, '--search-url', search.url);
    await until(() => training.stderr().includes('step 1/2'));
    search.process.kill('SIGKILL');
    t.equal(await training.ended, 3, training.stderr());
    t.match(
      training.stderr(),
      /SSP_TRAINING_FAILURES: Step 2: \d+ of \d+ episodes failed \(search/,
    );
    t.match(training.stderr(), /SSP_SERVICE_UNREACHABLE/);
    const { metrics, episodes } = await writtenSteps(run);
    t.same(metrics, [0, 1]);
    t.same(episodes, ['step-000001.jsonl.gz'], 'no record, so no reward, of the broken step');
    const resumed = await ssp(['train', '--config', plain, '--run', run, '--resume']);
    t.equal(resumed.exitCode, 0, resumed.stderr);
    t.equal(await readFile(runFolder(run).metrics, 'utf8'), expected);
  });

  await t.test('search: back in time, the step goes on as if nothing had happened', async (t) => {
    const run = join(folder, 'search-back');
    const serve = ['serve', '--index', world.index, '--mode', 'bm25'];
    const search = await startService(serve);
    t.teardown(() => search.stop());
    const training = startTraining(t, plain, run, '--search-url', search.url);
    await until(() => training.stderr().includes('step 1/2'));
    await search.stop('SIGKILL');
    await sleep(500); // what it asks for now is refused
    training.process.kill('SIGSTOP'); // its patience must not depend on how long a start takes here
    const again = await startService([...serve, '--port', new URL(search.url).port]);
    t.teardown(() => again.stop());
    training.process.kill('SIGCONT');
    t.equal(await training.ended, 0, training.stderr());
    t.equal(await readFile(runFolder(run).metrics, 'utf8'), expected);
  });

  await t.test('policy: the run stops with its reason, and goes on', async (t) => {
    const run = join(folder, 'policy');
    const flags = ['--full', '--exact-sampling', '--micro-batch-tokens', '4096'];
    const policy = await servePolicy(join(folder, 'remote'), tinyPolicyFolder, flags);
    t.teardown(() => policy.stop());
    const training = startTraining(t, plain, run, '--policy-url', policy.url);
    await until(() => training.stderr().includes('step 1/2'));
    policy.process.kill('SIGKILL');
    t.equal(await training.ended, 3, training.stderr());
    t.match(training.stderr(), /SSP_(TRAINING_FAILURES|POLICY_UNREACHABLE)/);
    t.same((await writtenSteps(run)).metrics, [0, 1]);
    const back = await servePolicy(join(folder, 'remote'), tinyPolicyFolder, flags);
    t.teardown(() => back.stop());
    const more = ['--resume', '--policy-url', back.url];
    const resumed = await ssp(['train', '--config', plain, '--run', run, ...more]);
    t.equal(resumed.exitCode, 0, resumed.stderr);
    t.equal(await readFile(runFolder(run).metrics, 'utf8'), expected);
    t.equal(await back.stop(), 0);
  });

  await t.test('policy: a frozen one is named while it is waited for, then given up', async (t) => {
    const run = join(folder, 'frozen');
    const training = startTraining(t, plain, run, '--patience-seconds', '6');
    await until(() => training.stderr().includes('step 1/2'));
    const policy = policyProcessOf(training.process.pid ?? 0) ?? 0;
    process.kill(policy, 'SIGSTOP');
    t.equal(await training.ended, 3, training.stderr());
    t.match(training.stderr(), /SSP_SERVICE_SILENT: No sign of life from the policy service/);
    t.throws(() => process.kill(policy, 0), { code: 'ESRCH' }, 'it is killed, as it cannot stop');
    t.same((await writtenSteps(run)).metrics, [0, 1]);
    const resumed = await ssp(['train', '--run', run, '--resume']);
    t.equal(resumed.exitCode, 0, resumed.stderr);
    t.equal(await readFile(runFolder(run).metrics, 'utf8'), expected);
  });

  await t.test('judge: an outage is no verdict; the run stops', async (t) => {
    let asked = 0;
    // A judge is another program: here one that answers twice and is then away.
    const judge = createServer((request, response) => {
      asked += 1;
      if (asked > 2) return void request.socket.destroy();
      request.resume();
      const choices = [
        { message: { content: '<verdict>incorrect</verdict>' }, finish_reason: 'stop' },
      ];
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ choices }));
    });
    judge.listen(0, '127.0.0.1');
    await once(judge, 'listening');
    t.teardown(() => {
      judge.closeAllConnections();
      judge.close();
    });
    const url = `http://127.0.0.1:${(judge.address() as AddressInfo).port}/v1`;
    const config = await writeRunConfig(folder, world, {
      judge: { url, model: 'stand-in', attempts: 1 },
      training: { steps: 2, validationSteps: 0 },
    });
    const run = join(folder, 'judge');
    const { exitCode, stderr } = await ssp(['train', '--config', config, '--run', run]);
    t.equal(exitCode, 3, stderr);
    t.match(stderr, /SSP_TRAINING_FAILURES: Step 1: .*judge \d+/);
    t.same(await readdir(runFolder(run).episodes), []);
  });
});
