import { join } from 'node:path';

import { test } from 'tap';

import { piecesOf } from '../../../src/play/spectator.ts';
import type { QuestionRecord } from '../../../src/types/question-record.ts';
import { question, writeMadeUpRun } from '../../material/report/made-up-run.ts';
import { noPseudoTerminal, typed, typedAtTerminal } from './typed.ts';

const made = { steps: 2, questionsPerStep: 8 };

function shown(record: QuestionRecord): string {
  return piecesOf(record)
    .map(({ heading, text }) => `${heading}\n${text}`)
    .join('\n');
}

test('everything that happened is shown in its order', (t) => {
  const record = question(1, 0, made);
  t.strictSame(
    piecesOf({ ...record, attempts: record.attempts.slice(0, 1) }).map(({ heading }) => heading),
    [
      'Step 1, question 0',
      'Proposer, turn 1 (4 tokens)',
      'Proposer, turn 1: found for "mill at the river"',
      'Proposer, turn 2 (4 tokens)',
      'Proposer, turn 2: found for "river of the capital"',
      'Proposer, turn 3 (2 tokens)',
      'Proposer ends',
      'Verification: the policy reads',
      'Verification: its answer',
      'The question: Who built the mill 1-0 that stands at the river of the old capital? ',
      'Attempt 1 of 1, turn 1 (4 tokens)',
      'Attempt 1 of 1, turn 1: found for "mill"',
      'Attempt 1 of 1, turn 2 (4 tokens)',
      'Attempt 1 of 1, turn 2: found for "mill 0"',
      'Attempt 1 of 1, turn 3 (2 tokens)',
      'Attempt 1 of 1 ends',
      'Attempt 1 of 1: reward',
      "The proposer's reward",
    ],
  );
  t.match(shown(record), /Valid\.\nBy the facts of the world: true\./);
  t.match(shown(record), /Reward 1\.000, advantage 0\.667\./);
  t.match(shown(record), /3\. About noise, part 0 +\(noise\)/);
  t.notMatch(shown(record), /mill at the river, part 0 +\(noise\)/);
  t.end();
});

test('what was rejected, reused, judged or failed is said', (t) => {
  t.match(shown(question(1, 1, made)), /Rejected by filter: too-few-searches\.\nReward 0\.000/);
  t.match(shown(question(1, 2, made)), /Rejected by verification: wrong-answer\.\nNo reward\./);
  t.match(shown(question(1, 7, made)), /played again[^]*None: its question is of an earlier step/);
  const record = question(1, 0, made);
  const [attempt] = record.attempts;
  const { proposal } = record;
  if (attempt === undefined || proposal === undefined) throw new Error('The record has both.');
  const failed: QuestionRecord = {
    ...record,
    question: undefined,
    proposal: { ...proposal, verdict: { kind: 'failed', failure: 'search' }, reward: undefined },
    verification: { reader: 'judge', passages: [], noisePassages: 0 },
    attempts: [
      {
        episode: { ...attempt.episode, outcome: { kind: 'failed', failure: 'policy' } },
        reward: { kind: 'left-out', cause: 'policy' },
        judged: 'failed',
      },
    ],
  };
  const text = shown(failed);
  t.match(
    text,
    /The question: none[^]*The search service failed; that is no reward\.\nNo reward\./,
  );
  t.match(text, /the judge reads\nNothing was found\.[^]*The judge failed\./);
  t.match(
    text,
    /The policy service failed[^]*The judge: failed\.\nNo reward: left out \(policy\)\./,
  );
  for (const [outcome, words] of [
    [{ kind: 'no-answer', reason: 'empty' }, /last turn did nothing \(empty\)/],
    [{ kind: 'turn-limit' }, /used up/],
    [{ kind: 'length-limit' }, /too long/],
  ] as const) {
    const episode = { ...attempt.episode, outcome };
    t.match(shown({ ...record, attempts: [{ ...attempt, episode }] }), words);
  }
  t.end();
});

test('ssp play over a pipe: a piece for each Enter, q ends it, --no-pause shows all', async (t) => {
  const run = join(t.testdir(), 'run');
  await writeMadeUpRun(run, made);
  const three = await typed(['play', '--run', run], ['', '', 'q']);
  t.equal(three.exitCode, 0);
  t.match(
    three.stdout,
    /^Step 2, question 0\n[^]*turn 1 \(4 tokens\)[^]*found for "mill at the river"/,
  );
  t.notMatch(three.stdout, /turn 2/);
  t.notMatch(three.stdout, /\u001b/);
  const all = await typed(
    ['play', '--run', run, '--step', '1', '--question', '3', '--no-pause'],
    [],
  );
  t.match(all.stdout, /^Step 1, question 3\n[^]*The proposer's reward\n/);
  t.notMatch(all.stdout, /Enter for more/);
  const record = await typed(['play', '--run', run, '--json'], []);
  t.match(JSON.parse(record.stdout), { step: 2, index: 0 });
  for (const [args, message] of [
    [['--run', run, '--step', '9'], /Step 9 has no episodes; they are there from \d+ to \d+/],
    [['--run', run, '--question', '8'], /There are 8 questions in this step/],
    [['--run', join(run, 'none')], /SSP_FILE_NOT_FOUND/],
    [['--role', 'judge'], /--role is solver or proposer/],
    [['--role', 'proposer', '--run', run, '--question', '7'], /no seed: it is a reused one/],
    [[], /Give --run/],
  ] as const) {
    const { exitCode, stderr } = await typed(['play', ...args], []);
    t.equal(exitCode, 2);
    t.match(stderr, message);
  }
});

test('at a terminal headings are bold and Enter goes on', { skip: noPseudoTerminal }, async (t) => {
  const run = join(t.testdir(), 'run');
  await writeMadeUpRun(run, made);
  const { stdout } = await typedAtTerminal(['play', '--run', run], ['', 'q']);
  t.match(stdout, /\u001b\[1mStep 2, question 0\u001b\[22m/);
  t.match(stdout, /\u001b\[1mProposer, turn 1 \(4 tokens\)/);
  t.notMatch(stdout, /turn 2/);
});
