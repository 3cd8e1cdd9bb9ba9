import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { asPlayed, checkInputs } from '../../../src/app/train/check-inputs.ts';
import { readRunInputs } from '../../../src/app/train/run-inputs.ts';
import { withWholePaths } from '../../../src/app/train/run-start.ts';
import type { TrainingQuestions } from '../../../src/app/train/training-questions.ts';
import type { Config } from '../../../src/config/schema.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { testFolder } from '../../material/test-folder.ts';

const configOf = (training: object, others: object = {}): Config =>
  configSchema.parse({ training, ...others });

async function write(folder: string, name: string, questions: readonly string[]): Promise<string> {
  const path = join(folder, name);
  const lines = questions.map((question, id) => ({ id, question, golden_answers: [`to ${id}`] }));
  await writeFile(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  return path;
}

async function read(training: object): Promise<TrainingQuestions> {
  const { source } = await readRunInputs(configOf(training));
  if (source.kind !== 'questions') throw new Error('These are seeds.');
  return source;
}

test('questions of all files are read, without those that are held out', async (t) => {
  const folder = testFolder(t);
  const first = await write(folder, 'first.jsonl', ['Who came?', 'Where is Riga?']);
  const second = await write(folder, 'second.jsonl', ['When was it?', 'What is an owl?']);
  const heldOut = await write(folder, 'held.jsonl', ['Where is  riga', 'Who else?']);
  const further = await write(folder, 'further.jsonl', ['what is the owl!']);
  const all = await read({ questions: [first, second] });
  t.same(
    all.questions.map(({ question, goldAnswers }) => [question, goldAnswers]),
    [
      ['Who came?', ['to 0']],
      ['Where is Riga?', ['to 1']],
      ['When was it?', ['to 0']],
      ['What is an owl?', ['to 1']],
    ],
  );
  t.equal(all.leftOut, 0);
  // All of a set counts, and not only what is drawn from it.
  const sets = { validationSet: heldOut, furtherValidationSets: [further], validationQuestions: 1 };
  const some = await read({ questions: [first, second], ...sets });
  t.same(
    some.questions.map(({ question }) => question),
    ['Who came?', 'When was it?'],
  );
  t.equal(some.leftOut, 2);
  t.not(some.hash, all.hash);
  t.equal((await read({ questions: [first, second] })).hash, all.hash);
  t.not((await read({ questions: [second, first] })).hash, all.hash);
});

test('where nothing is left there is nothing to train on', async (t) => {
  const path = await write(testFolder(t), 'same.jsonl', ['Who came?']);
  await t.rejects(read({ questions: [path], validationSet: path }), {
    ...{ code: 'SSP_TRAINING_QUESTIONS', message: /all 1 of .*same\.jsonl/ },
  });
});

test('what needs a proposer is refused, and what is only a default is not', (t) => {
  const questions = ['q.jsonl'];
  const others = { policy: { model: 'm' } };
  const check = (training: object) => () => {
    checkInputs(configOf({ questions, index: 'i', ...training }, others));
  };
  t.doesNotThrow(check({}));
  t.doesNotThrow(check({ learners: 'solver', updates: 'separate' }));
  for (const [training, problem] of [
    [{ seeds: 's.jsonl' }, /training\.seeds is set/],
    [{ learners: 'proposer' }, /training\.learners is proposer/],
    [{ proposals: 2 }, /training\.proposals is 2/],
    [{ learners: 'solver', frozenPlayer: 'server' }, /training\.frozenPlayer is server/],
    [{ learners: 'solver', frozenCheckpoint: 'x' }, /training\.frozenCheckpoint is set/],
    [{ facts: 'facts.jsonl' }, /training\.facts is set/],
  ] as const) {
    t.throws(check(training), { code: 'SSP_USAGE', message: problem });
  }
  t.throws(check({ questions: [] }), { code: 'SSP_USAGE', message: /name the seeds.*questions/ });
  t.end();
});

test('only the solver learns, nothing is verified, and no reader is needed for that', async (t) => {
  const training = { questions: ['q.jsonl'], index: 'i' };
  const game = { reader: 'judge' };
  const config = configOf(training, { game, policy: { model: 'm' } });
  const played = asPlayed(await withWholePaths(config));
  t.match(played, { training: { learners: 'solver' }, game: { verify: false } });
  t.same(played.training.questions, [join(process.cwd(), 'q.jsonl')]);
  t.doesNotThrow(() => {
    checkInputs(config);
  });
  const selfPlay = configOf({ seeds: 's.jsonl' });
  t.equal(asPlayed(selfPlay), selfPlay);
});
