import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import t, { test } from 'tap';

import type { RolloutCounts } from '../../../src/app/rollout/rollout-counts.ts';
import { readQuestionSet } from '../../../src/evaluation/question-set.ts';
import { readEpisodes } from '../../../src/run/read-run.ts';
import { episodesFile, runFolder } from '../../../src/run/run-folder.ts';
import type { ProbeResult } from '../../../src/types/probe.ts';
import type { QuestionRecord } from '../../../src/types/question-record.ts';
import { recordedEpisodes } from '../../../src/warm-start/recorded.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { makeWorld, writeRunConfig } from '../training/world.ts';

t.setTimeout(900_000); // PyTorch is started several times, on whatever machine this is

const steps = [1, 2, 3];

test('rollouts of the tiny policy in the quickstart’s world', { skip }, async (t) => {
  const folder = t.testdir();
  const world = await makeWorld(folder);
  const config = await writeRunConfig(folder, world);
  const common = ['rollout', '--json', '--config', config, '--index', world.index];
  const solver = (out: string, ...more: string[]) =>
    ssp([
      ...[...common, '--questions', world.heldOut, '--attempts', '3', '--temperature', '1'],
      ...['--batch-questions', '5', '--out', out, ...more],
    ]);
  const recordsOf = async (out: string): Promise<QuestionRecord[]> =>
    (await Promise.all(steps.map((step) => readEpisodes(runFolder(out), step)))).flat();
  const textOf = async (out: string): Promise<string> => {
    const files = steps.map((step) => readFile(episodesFile(runFolder(out), step)));
    return (await Promise.all(files)).map((bytes) => gunzipSync(bytes).toString('utf8')).join('');
  };
  const [out, seeds] = [join(folder, 'rollouts'), join(folder, 'six.jsonl')];
  const lines = (await readFile(world.seeds, 'utf8')).split('\n');
  await writeFile(seeds, lines.slice(0, 6).join('\n'));
  let counts: RolloutCounts;

  await t.test('every question is played as often as asked, in its order', async (t) => {
    const { exitCode, stdout, stderr } = await solver(out);
    t.equal(exitCode, 0, stderr);
    t.match(stderr, /step 3\/3: 6 episodes: .*; right \d+ %, \d of 2 questions/);
    counts = JSON.parse(stdout) as RolloutCounts;
    t.match(counts, { questions: 12, episodes: 36 });
    const records = await recordsOf(out);
    const { questions } = await readQuestionSet(world.heldOut);
    t.same(
      records.map(({ question, answers }) => [question, answers]),
      questions.map(({ question, goldAnswers }) => [question, goldAnswers]),
    );
    t.ok(records.every(({ attempts }) => attempts.length === 3));
    const texts = records.map(({ attempts }) =>
      attempts.map(({ episode }) => JSON.stringify(episode.steps)),
    );
    t.ok(
      texts.some((episodes) => new Set(episodes).size > 1),
      'attempts have chances of their own',
    );
  });

  await t.test('they are read as those of a run', async (t) => {
    let good = 0;
    for await (const { task } of recordedEpisodes(out)) good += Number(task.role === 'solver');
    t.ok(good > 0, 'some were right');
    t.equal(good, counts.right);
    const play = await ssp(['play', '--run', out, '--step', '2', '--no-pause']);
    t.match(play, { exitCode: 0, stdout: /Step 2, question 0/ });
    t.match(await ssp(['report', out]), { exitCode: 0 });
  });

  await t.test('broken off they go on, to the same episodes', async (t) => {
    const before = await textOf(out);
    await rm(episodesFile(runFolder(out), 2));
    const again = await solver(out);
    t.equal(again.exitCode, 0, again.stderr);
    t.match(again.stderr, /2 of 3 steps are played already/);
    t.equal(await textOf(out), before);
    const done = await solver(out);
    t.notMatch(done.stderr, /ready: http/, 'of finished ones nothing is started');
    t.same(JSON.parse(done.stdout), counts);
  });

  await t.test('with other settings they are others', async (t) => {
    const hotter = await solver(out, '--temperature', '0.5');
    t.match(hotter, { exitCode: 2, stderr: /SSP_RUN_DIFFERS: .*rollout\.temperature|game\.temp/ });
    const other = join(folder, 'other.jsonl');
    const shorter = (await readFile(world.heldOut, 'utf8')).trim().split('\n').slice(1);
    await writeFile(other, shorter.join('\n'));
    const another = await solver(out, '--questions', other);
    t.match(another, { exitCode: 2, stderr: /SSP_RUN_DIFFERS: .*another set of questions/ });
  });

  await t.test('the proposer plays seeds', async (t) => {
    const proposals = join(folder, 'proposals');
    const { exitCode, stdout, stderr } = await ssp([
      ...[...common, '--role', 'proposer', '--seeds', seeds, '--attempts', '2'],
      ...['--batch-questions', '2', '--out', proposals],
    ]);
    t.equal(exitCode, 0, stderr);
    const made = JSON.parse(stdout) as RolloutCounts;
    const rejected = Object.values(made.rejected).reduce((sum, count) => sum + count, 0);
    t.match(made, { questions: 12, episodes: 12 });
    t.equal(made.valid + rejected, 12);
    const records = await recordsOf(proposals);
    t.equal(records.length, 12);
    t.ok(records.every(({ place, attempts }) => place === 'none' && attempts.length === 0));
    t.ok(
      records.some(({ verification }) => verification?.episode !== undefined),
      'they are verified',
    );
  });

  await t.test('the probe lets both play and tells what depth pays', async (t) => {
    const out = join(folder, 'probe');
    const { exitCode, stdout, stderr } = await ssp([
      ...['probe', '--json', '--config', config, '--index', world.index, '--seeds', seeds],
      ...['--attempts', '2', '--batch-questions', '2', '--facts', world.facts, '--out', out],
    ]);
    t.equal(exitCode, 0, stderr);
    const { proposals, byDepth } = JSON.parse(stdout) as ProbeResult;
    const depths = Object.values(byDepth);
    t.equal(proposals, 6);
    t.equal(
      depths.reduce((sum, depth) => sum + depth.proposals, 0),
      6,
    );
    const records = await recordsOf(out);
    const valid = records.filter(({ proposal }) => proposal?.verdict.kind === 'valid');
    t.equal(
      depths.reduce((sum, depth) => sum + depth.valid, 0),
      valid.length,
    );
    t.ok(valid.every(({ attempts, truth }) => attempts.length === 2 && truth !== undefined));
    t.ok(records.every(({ proposal }) => proposal?.reward !== undefined));
  });
});
