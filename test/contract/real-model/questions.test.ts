import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';

import { loadConfig } from '../../../src/config/load.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { questionsWithinReach } from '../../../src/real-model/questions.ts';
import { buildSmallIndex } from '../../material/retrieval/small-index.ts';
import { testFolder } from '../../material/test-folder.ts';

const context = { progress: silentProgress, signal: new AbortController().signal };

/** Towns with rivers: who asks for the river by the town finds the passage of the town. */
const towns = Array.from({ length: 12 }, (_, i) => ({
  id: `p${i}`,
  title: `Town${i}ville`,
  text: `Town${i}ville lies at the river Stream${i % 4}ana, between hills and meadows.`,
}));

function question(id: string, text: string, ...answers: string[]): string {
  return `${JSON.stringify({ id, question: text, golden_answers: answers })}\n`;
}

test('questions whose answer a search for them finds, in two parts without a common answer', async (t) => {
  const folder = testFolder(t);
  const index = await buildSmallIndex(folder, towns);
  const rivers = towns.map(({ title }, i) =>
    question(`q${i}`, `At which river lies ${title}?`, `unheard${i}`, `the Stream${i % 4}ana`),
  );
  const others = [
    question('elsewhere', 'At which river lies Town3ville?', 'Danube'),
    question('yes', 'Are there hills at Town3ville?', 'yes'),
    question('long', 'Town3ville?', 'lies at the river Stream3ana, between hills and meadows'),
  ];
  const file = join(folder, 'questions.jsonl');
  await writeFile(file, [...rivers, ...others].join(''));
  const config = await loadConfig(undefined, { game: { topPassages: 1 } });
  const split = await questionsWithinReach([file], index, { heldOut: 2, config }, context);
  t.equal(split.heldOut.length, 2);
  const known = new Set(split.heldOut.flatMap(({ goldAnswers }) => goldAnswers.slice(1)));
  for (const { goldAnswers } of split.train) t.notOk(known.has(goldAnswers[1] ?? ''));
  // Three towns lie at each river; with one river away the others of its towns go too.
  t.equal(split.train.length, 12 - 3 * known.size);
  const ids = [...split.train, ...split.heldOut].map(({ id }) => id);
  t.ok(
    ids.every((id) => id.startsWith('q')),
    'none of the unanswerable ones',
  );
  t.same(await questionsWithinReach([file], index, { heldOut: 2, config }, context), split);
});
