import { test } from 'tap';

import { wilsonInterval } from '../../../src/evaluation/intervals.ts';
import { averageScores, setScores } from '../../../src/evaluation/scores.ts';
import { scoresDocument, scoresTable } from '../../../src/evaluation/scores-document.ts';
import { refuseOtherSetting } from '../../../src/evaluation/setting.ts';
import type {
  EvaluationRecord,
  EvaluationScores,
  EvaluationSetting,
} from '../../../src/types/evaluation.ts';
import { evaluationRecordSchema, evaluationScoresSchema } from '../../../src/types/evaluation.ts';

const setting: EvaluationSetting = {
  toolVersion: '9.8.7',
  model: {
    ...{ kind: 'policy', model: 'policy', weightsVersion: 'policy@0.3' },
    facts: { family: 'qwen3', parameters: 800_000, lora_rank: null },
    fingerprint: [-1.25, -3.5],
  },
  temperature: 0,
  search: { topPassages: 3, index: { manifestHash: 'abc', defaultMode: 'hybrid' } },
  game: { format: 'ssp', maxTurns: 10 },
  judge: { url: 'http://judge/v1', model: 'stern' },
  seed: 4,
  sets: [{ name: 'one', hash: 'def', questions: 5, asked: 5 }],
};

/** A record with this score (none: it failed) and verdict. */
function record(
  id: string,
  score?: readonly [exactMatch: boolean, f1: number],
  more: object = {},
): EvaluationRecord {
  const [exactMatch, f1] = score ?? [];
  const outcome =
    score === undefined ? { kind: 'failed', failure: 'search' } : { kind: 'answered', text: 'x' };
  return evaluationRecordSchema.parse({
    ...{ id, question: 'q?', goldAnswers: ['x'] },
    episode: { role: 'solver', prompt: [], steps: [], outcome },
    ...(score !== undefined && { score: { exactMatch, f1 } }),
    ...more,
  });
}

const one = {
  name: 'one',
  records: [
    record('a', [true, 1], { hops: 1, verdict: 'correct' }),
    record('b', [false, 0.5], { hops: 2, verdict: 'correct' }),
    record('c', [false, 0], { hops: 2, verdict: 'incorrect' }),
    record('d', [false, 0], { hops: 10, verdict: 'failed' }),
    record('e', undefined, { hops: 1 }),
  ],
};
const two = { name: 'two', records: [record('a', [true, 1], { verdict: 'correct' })] };

function scoresOf(...sets: (typeof one | typeof two)[]): EvaluationScores {
  return evaluationScoresSchema.parse({
    ...{ formatVersion: 1, setting },
    sets: sets.map((set) => setScores(set, 4)),
    average: averageScores(sets, 4),
  });
}

test('what failed is counted and left out, each measure over what it has', (t) => {
  const scores = setScores(one, 4);
  t.match(scores, {
    ...{ questions: 5, failed: 1, judgeFailed: 1, turns: 0, searches: 0 },
    exactMatch: { value: 0.25, ...wilsonInterval(1, 4), questions: 4 },
    f1: { value: 0.375, questions: 4 },
    judge: { value: 2 / 3, ...wilsonInterval(2, 3), questions: 3 },
    exactMatchByHops: { 1: { value: 1 }, 2: { value: 0, questions: 2 }, 10: { value: 0 } },
    outcomes: { answered: 4, failed: 1 },
  });
  t.match(averageScores([one, two], 4), {
    exactMatch: { value: (0.25 + 1) / 2, questions: 5 },
    f1: { value: (0.375 + 1) / 2 },
    judge: { value: (2 / 3 + 1) / 2 },
  });
  const nothing = setScores({ name: 'three', records: [record('a')] }, 4);
  t.match(nothing, { exactMatch: null, f1: null, searches: null, failed: 1 });
  t.notOk('judge' in nothing);
  t.equal(averageScores([one, { name: 'three', records: [record('a')] }], 4).exactMatch, null);
  t.end();
});

test('answers and golden answers without a word are counted', (t) => {
  const said = (id: string, text: string, goldAnswers: string[]): EvaluationRecord => ({
    ...record(id, [false, 0]),
    goldAnswers,
    episode: { ...record(id).episode, outcome: { kind: 'answered', text } },
  });
  const records = [
    said('a', '?', ['A', 'alpha']),
    said('b', 'The The', ['The The']),
    said('c', 'Riga', ['!!!', ')']),
    said('d', 'Riga', ['Riga']),
    { ...record('e'), goldAnswers: ['the'] },
  ];
  const scores = setScores({ name: 'odd', records }, 4);
  t.match(scores, { answersWithoutWords: 2, unanswerable: 3, questions: 5, failed: 1 });
  const table = scoresTable(scoresOf(one, { name: 'odd', records }));
  t.match(table, /- odd: answers without a word: 2\n- odd: questions that no answer matches: 3$/);
  t.notMatch(scoresTable(scoresOf(one)), /without a word|no answer matches/);
  t.end();
});

test('the table reads well as text and as Markdown', (t) => {
  const lines = scoresTable(scoresOf(one, two)).split('\n\n')[0]?.split('\n') ?? [];
  const [head, rule, first, second, average] = lines;
  t.equal(new Set(lines.map(({ length }) => length)).size, 1, 'columns stand below each other');
  t.same(
    head
      ?.split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
    [...['set', 'questions', 'failed', 'EM', 'F1', 'judge', 'searches']],
  );
  t.match(rule, /^\| -{7} \| -{8}: \|/);
  t.match(first, /^\| one {5}\| {9}5 \| 1 \(judge 1\) \| +25\.0 \[4\.6, 69\.9\] \|/);
  t.match(second, /^\| two {5}\| {9}1 \| {11}0 \|/);
  t.match(average, /^\| average \|/);
  t.match(scoresTable(scoresOf(one)), /\| one \| +10 \| +1 \| +0\.0 \[0\.0, 79\.3\] \|/);
  t.notMatch(scoresTable(scoresOf(two)), /average|hops/);
  t.end();
});

test('the document names everything that the scores depend on', (t) => {
  const document = scoresDocument(scoresOf(one));
  for (const text of [
    'model: policy (weights policy@0.3), family qwen3, parameters 800000\n',
    'search: top 3, manifestHash abc, defaultMode hybrid\n',
    'game: format ssp, maxTurns 10\n',
    'judge: stern at http://judge/v1\n',
    'seed 4\n',
    'ssp 9.8.7\n',
  ]) {
    t.ok(document.includes(text), text);
  }
  t.end();
});

test('weights are told apart by what they say of the same tokens', (t) => {
  const withFingerprint = (fingerprint: readonly number[]): EvaluationSetting =>
    ({ ...setting, model: { ...setting.model, fingerprint } }) as EvaluationSetting;
  refuseOtherSetting('out', setting, setting);
  refuseOtherSetting('out', setting, withFingerprint([-1.251, -3.499]));
  for (const fingerprint of [[-1.25, -3.4], [-1.25], [-1.25, -3.5, -2], [Number.NaN, -3.5]]) {
    t.throws(
      () => {
        refuseOtherSetting('out', setting, withFingerprint(fingerprint));
      },
      { code: 'SSP_EVALUATION_DIFFERS', message: /another model\.fingerprint/ },
      String(fingerprint),
    );
  }
  t.end();
});
