import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import t, { test } from 'tap';

import { readQuestionSet } from '../../../src/evaluation/question-set.ts';
import {
  readEpisodes,
  readEvents,
  readMetrics,
  readRunManifest,
} from '../../../src/run/read-run.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import { recordedEpisodes } from '../../../src/warm-start/recorded.ts';
import { ssp } from '../../material/cli/ssp.ts';
import { skip } from '../../material/policy/served-policy.ts';
import { outcomeOf } from '../../material/training/run-outcome.ts';
import { makeWorld, writeRunConfig } from './world.ts';

t.setTimeout(900_000); // several runs, each starts PyTorch, on whatever machine this is

test('the solver trains on given questions', { skip }, async (t) => {
  const folder = t.testdir();
  const world = await makeWorld(folder);
  // What a proposer needs is not given; `reader` would need a judge if anything were verified.
  const training = { seeds: undefined, facts: undefined };
  const game = { reader: 'judge' };
  const config = await writeRunConfig(folder, world, { training, game });
  const first = join(folder, 'first');
  const train = (run: string, questions: string, ...more: string[]) =>
    ssp(['train', '--config', config, '--run', run, '--questions', questions, ...more]);
  const asked = await readQuestionSet(world.questions);
  const heldOut = new Set((await readQuestionSet(world.heldOut)).questions.map((q) => q.question));

  await t.test('plays, learns and validates without a proposer', async (t) => {
    const { exitCode, stderr, stdout } = await train(first, world.questions);
    t.equal(exitCode, 0, stderr);
    t.match(stderr, `${heldOut.size} training questions stand in a validation set too`);
    t.match(stderr, /step 3\/3: questions 6, solver \d+%, searches [\d.]+, validation/);
    t.match(stdout, /; updates in [1-3] of 3 steps/);
    const written = runFolder(first);
    const metrics = await readMetrics(written);
    t.same(
      metrics.map(({ step, proposer, verifier, batch }) => [step, proposer, verifier, batch.given]),
      [0, 1, 2, 3].map((step) => [step, null, null, step === 0 ? 0 : 6]),
    );
    t.ok(
      metrics.slice(1).every(({ solver }) => solver.episodes === 18),
      'every question has its attempts',
    );
    t.ok(
      metrics.some(({ updates }) => (updates.combined?.optimizerSteps ?? 0) > 0),
      'something is learnt',
    );
    t.notOk(
      (await readEvents(written)).some(
        (event) => 'measure' in event && event.measure === 'validRate',
      ),
    );
    const { seeds, questions } = await readRunManifest(written);
    t.equal(seeds, undefined);
    t.same(questions?.paths, [world.questions]);
    t.equal(questions?.count, asked.questions.length - heldOut.size);
    t.match(questions?.hash, /^[0-9a-f]{64}$/);
  });

  await t.test('on questions of the file, each once, and none that is held out', async (t) => {
    const byText = new Map(asked.questions.map((q) => [q.question, q.goldAnswers]));
    const records = await Promise.all(
      [1, 2, 3].map((step) => readEpisodes(runFolder(first), step)),
    );
    const played = records.flat();
    t.equal(new Set(played.map(({ question }) => question)).size, 18);
    for (const { question = '', answers, place } of played) {
      t.same([place, answers], ['given', byText.get(question)]);
      t.notOk(heldOut.has(question));
    }
    const texts = played.map(({ question }) => question);
    const inOrder = asked.questions.map((q) => q.question).filter((text) => !heldOut.has(text));
    t.notSame(texts, inOrder.slice(0, 18), 'shuffled');
  });

  await t.test('resumed it gives the same, byte for byte', async (t) => {
    const resumed = join(folder, 'resumed');
    t.equal((await train(resumed, world.questions, '--steps', '2')).exitCode, 0);
    const { exitCode, stderr } = await ssp(['train', '--run', resumed, '--resume', '--steps', '3']);
    t.equal(exitCode, 0, stderr);
    t.equal(await outcomeOf(resumed), await outcomeOf(first));
  });

  await t.test('another file is another run', async (t) => {
    const other = join(folder, 'other.jsonl');
    const lines = (await readFile(world.questions, 'utf8')).trim().split('\n');
    const trained = asked.questions.findIndex(({ question }) => !heldOut.has(question));
    await writeFile(other, lines.toSpliced(trained, 1).join('\n'));
    const { exitCode, stderr } = await train(first, other, '--resume', '--steps', '4');
    t.equal(exitCode, 2);
    t.match(stderr, /SSP_RUN_DIFFERS: .*another set of questions/);
  });

  await t.test('its episodes and curves are read as those of any run', async (t) => {
    const report = await ssp(['report', first]);
    t.equal(report.exitCode, 0, report.stderr);
    const page = await readFile(runFolder(first).report, 'utf8');
    t.match(page, /<dt>Questions</);
    t.notMatch(page, /<h3>Valid questions/, 'nothing is drawn of a proposer');
    const play = await ssp(['play', '--run', first, '--step', '1', '--no-pause']);
    t.equal(play.exitCode, 0, play.stderr);
    t.match(play.stdout, /A question of a file/);
    let good = 0;
    for await (const { task } of recordedEpisodes(first)) good += Number(task.role === 'solver');
    const rewards = (await readMetrics(runFolder(first))).map(({ solver }) => solver);
    t.equal(good, Math.round(rewards.reduce((sum, { reward }) => sum + 18 * (reward ?? 0), 0)));
  });
});

test('seeds and questions together are refused', async (t) => {
  const run = join(t.testdir(), 'run');
  const given = ['--questions', 'q.jsonl', '--seeds', 's.jsonl', '--index', 'i'];
  const { exitCode, stderr } = await ssp(['train', '--run', run, ...given]);
  t.equal(exitCode, 2);
  t.match(stderr, /SSP_USAGE: .*training\.seeds is set/);
});
