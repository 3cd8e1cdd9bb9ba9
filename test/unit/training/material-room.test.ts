import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';

import { test } from 'tap';
import { z } from 'zod';

import type { GameConfig } from '../../../src/config/game.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { emptyPool } from '../../../src/game/replay-pool.ts';
import type { Searcher } from '../../../src/rollout/searcher.ts';
import { checkMaterialRoom } from '../../../src/training/material-room.ts';
import { playStep } from '../../../src/training/play-step.ts';
import { ProposedQuestions } from '../../../src/training/proposed-questions.ts';
import { StepTimer } from '../../../src/training/step-timer.ts';
import type { RetrievedPassage } from '../../../src/types/episode.ts';
import { missingShared, sharedFile } from '../../bench/shared-data.ts';
import type { Say } from './scripted-rollouts.ts';
import { chat, scriptedStep } from './scripted-rollouts.ts';

const preset = fileURLToPath(new URL('../../../src/config/presets/paper-7b.yaml', import.meta.url));
const { game: paper } = await loadConfig(preset);
const file = 'wiki84k/corpus.jsonl.gz';
const skip = missingShared(file);
const signal = new AbortController().signal;
const passageSchema = z.object({ id: z.string(), title: z.string(), text: z.string() });

/** The first `count` passages of real Wikipedia text. */
async function realPassages(count: number): Promise<RetrievedPassage[]> {
  const input = createReadStream(sharedFile(file)).pipe(createGunzip());
  const passages: RetrievedPassage[] = [];
  for await (const line of createInterface({ input })) {
    passages.push(passageSchema.parse(JSON.parse(line)));
    if (passages.length === count) break;
  }
  return passages;
}

/** Three passages that no earlier search gave. */
function searching(passages: readonly RetrievedPassage[]): Searcher['search'] {
  let next = 0;
  return () => {
    const found = [0, 1, 2].map((i) => passages[(next + i) % passages.length]);
    next += 3;
    return Promise.resolve(found.filter((passage) => passage !== undefined));
  };
}

/** Makes so many searches, then asks for its answer by its number. */
const asking =
  (searches: number): Say =>
  (text, turn) => {
    if (turn < searches) return `<search>search ${turn}</search>`;
    const number = /The answer is: answer (\d+)/.exec(text)?.[1] ?? 'none';
    return `<question>Which of all the things in these many passages has number ${number}?</question>`;
  };

/** Is always right, as far as it is asked at all. */
const knowing: Say = (text) => `<answer>answer ${/has number (\d+)\?/.exec(text)?.[1]}</answer>`;

/** The share of valid questions among 12 whose proposers made so many searches. */
async function acceptedShare(
  searches: number,
  passages: readonly RetrievedPassage[],
  game: GameConfig,
): Promise<{ share: number; reasons: string[] }> {
  const script = { proposer: asking(searches), solver: knowing, verifier: knowing };
  const search = searching(passages);
  const context = scriptedStep({ ...script, search }, game, { batchQuestions: 12 });
  const seeds = Array.from({ length: 12 }, (_, i) => ({
    answers: [`answer ${i}`],
    hops: searches,
  }));
  const source = new ProposedQuestions({ take: () => seeds, drawn: 0 });
  const { records } = await playStep(source, emptyPool, context, new StepTimer());
  const verdicts = records.flatMap(({ proposal }) => proposal?.verdict ?? []);
  return {
    share: verdicts.filter(({ kind }) => kind === 'valid').length / verdicts.length,
    reasons: verdicts.flatMap((verdict) => ('reason' in verdict ? verdict.reason : [])),
  };
}

test(
  'an always-right verifier accepts every question under the paper’s preset',
  { skip },
  async (t) => {
    const passages = await realPassages(600);
    const game = { ...paper, attempts: 1 };
    for (const searches of [2, 3, 4]) {
      t.same(await acceptedShare(searches, passages, game), { share: 1, reasons: [] });
    }
    // The limit of the other roles, which the verifier shared before.
    const shared = { ...game, verifierMaxPromptTokens: game.maxPromptTokens };
    const { share, reasons } = await acceptedShare(4, passages, shared);
    t.equal(share, 0);
    t.same(new Set(reasons), new Set(['length-limit']));
  },
);

test('material that cannot fit is refused before a model is loaded', { skip }, async (t) => {
  const search = searching(await realPassages(600));
  const seeds = [2, 4, 3].map((hops, i) => ({ answers: [`answer ${i}`], hops }));
  const check = (game: Partial<GameConfig>) => {
    const { rollouts } = scriptedStep({ proposer: knowing, solver: knowing, search }, game);
    const { game: rules, searcher } = rollouts.parts;
    return checkMaterialRoom({ game: rules, topPassages: 3, chat, searcher, seeds }, signal);
  };
  await t.resolves(check(paper));
  await t.rejects(check({ ...paper, verifierMaxPromptTokens: 4096 }), {
    code: 'SSP_TRAINING_MATERIAL',
    message: /: 60 passages, those of 4 searches and their noise, take about \d{5} tokens/,
  });
  const little = { ...paper, verifierMaxPromptTokens: 12_288 };
  await t.resolves(check({ ...little, noise: 1 }));
  await t.resolves(check({ ...little, noiseUnit: 'passage' }), 'noise of 4 passages');
  await t.resolves(check({ ...paper, verifierMaxPromptTokens: 1, verify: false }));
  await t.resolves(check({ ...paper, verifierMaxPromptTokens: 1, reader: 'judge' }));
});
