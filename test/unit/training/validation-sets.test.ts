import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { readRunInputs } from '../../../src/app/train/run-inputs.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { runFolder } from '../../../src/run/run-folder.ts';
import {
  initialState,
  makeRunFolders,
  readState,
  writeState,
} from '../../../src/training/run-writer.ts';
import { stepLine, stepMetrics } from '../../../src/training/step-metrics.ts';
import type { StepTimings } from '../../../src/types/step-metrics.ts';
import { testFolder } from '../../material/test-folder.ts';

const lines = (answers: readonly string[]): string =>
  answers
    .map((answer, id) => JSON.stringify({ id, question: `q${id}`, golden_answers: [answer] }))
    .join('\n');

test('sets are named by their files, the deciding one first', async (t) => {
  const folder = testFolder(t);
  const path = (name: string) => join(folder, name);
  await writeFile(path('seeds.txt'), 'Riga\nOslo\n');
  await writeFile(path('nq.jsonl'), lines(['a', 'b', 'c']));
  await writeFile(path('popqa.jsonl'), lines(['d']));
  const read = (training: object) =>
    readRunInputs(configSchema.parse({ training: { seeds: path('seeds.txt'), ...training } }));
  const own = { validationSet: path('nq.jsonl'), validationQuestions: 2 };
  const { validationSets } = await read({ ...own, furtherValidationSets: [path('popqa.jsonl')] });
  t.same(
    validationSets.map(({ name, questions }) => [name, questions.length]),
    [
      ['nq', 2],
      ['popqa', 1],
    ],
  );
  t.same((await read({})).validationSets, []);
  await t.rejects(read({ ...own, furtherValidationSets: [path('nq.jsonl')] }), {
    ...{ code: 'SSP_USAGE', message: /two validation sets have the name nq/ },
  });
});

test('each set is shown with its exact match and its judge', (t) => {
  const scores = (exactMatch: number, judge: number) => ({
    ...{ questions: 4, exactMatch, f1: 0.5, exactMatchByHops: {}, searches: 1, failed: 0 },
    ...{ judge, judgeFailed: 0 },
  });
  const validation = { validation: scores(0.25, 0.5), furtherValidation: { nq: scores(0, 1) } };
  const beside = {
    step: 0,
    dummies: 0,
    poolQuestions: 0,
    updates: {},
    validation,
    isProposed: true,
  };
  const metrics = { ...stepMetrics([], beside), watch: [] };
  t.match(metrics, validation);
  const seconds = { total: 3 } as StepTimings['seconds'];
  t.equal(
    stepLine(metrics, seconds, { steps: 5 }),
    'step 0/5: validation 0.250, judge 0.500, nq 0.000, judge 1.000, 3.0 s',
  );
  t.end();
});

test('a state of earlier versions, with exact match alone, is read', async (t) => {
  const folder = runFolder(testFolder(t));
  await makeRunFolders(folder);
  const best = { step: 2, exactMatch: 0.5 };
  const path = join(folder.states, 'step-000003.json');
  await writeFile(path, JSON.stringify({ ...initialState, step: 3, best }));
  t.same((await readState(folder, 3)).best, { step: 2, measure: 'exactMatch', score: 0.5 });
  const judged = { step: 4, measure: 'judge', score: 0.7 } as const;
  await writeState(folder, { ...initialState, step: 5, best: judged });
  t.same((await readState(folder, 5)).best, judged);
});
