import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { openTokenizer } from '../../../src/chat/tokenizer.ts';
import { gameConfig } from '../../../src/config/game.ts';
import { SspError } from '../../../src/errors/error.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';
import type { EpisodeTask, Players } from '../../../src/rollout/play-episode.ts';
import { countOutcomes, playEpisodes } from '../../../src/rollout/play-episode.ts';
import { scriptedSampler } from '../../material/rollout/scripted-sampler.ts';

const tokenizer = await openTokenizer(
  fileURLToPath(new URL('../../material/chat/fixtures/qwen3', import.meta.url)),
);
const never = new AbortController().signal;
const {
  format,
  limits: { solver: limits },
} = gameOptions(gameConfig.parse({}));

/** One episode a token id: that token is its prompt. */
function tasksOf(ids: readonly number[]): EpisodeTask[] {
  const rules = { role: 'solver', format, limits } as const;
  return ids.map((id) => ({ rules, prompt: [id], seed: id }));
}

/** Players whose model says `line(prompt)`; these episodes never search. */
function playersOf(line: (id: number, signal?: AbortSignal) => Promise<string> | string) {
  return {
    tokenizer,
    searcher: { search: () => Promise.reject(new Error('not asked in these tests')) },
    sampler: {
      sample(request, signal) {
        const [id = 0] = request.episode.prompt;
        return scriptedSampler(tokenizer, [() => line(id, signal)]).sample(request, signal);
      },
    },
  } satisfies Players;
}

test('records come in the order of the tasks, never more at once than allowed', async (t) => {
  let [running, most] = [0, 0];
  const ended: [number, number | undefined][] = [];
  const players = playersOf(async (id) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(id);
    running -= 1;
    return `<answer>${id}</answer>`;
  });
  const ids = [30, 1, 20, 2, 10, 3];
  const onEnd = (record: { prompt: readonly number[] }, index: number): void => {
    ended.push([index, record.prompt[0]]);
  };
  const records = await playEpisodes(tasksOf(ids), players, { maxConcurrent: 3, onEnd }, never);
  t.same(
    records.map(({ outcome }) => outcome),
    ids.map((id) => ({ kind: 'answered', text: String(id) })),
  );
  t.equal(most, 3);
  t.same(
    ended.toSorted(([a], [b]) => a - b),
    ids.map((id, index) => [index, id]),
  );
  t.same(await playEpisodes([], players, { maxConcurrent: 3 }, never), []);
});

test('outcomes are counted by kind, failures by service, and the others go on', async (t) => {
  const codes: string[] = [];
  const players = playersOf((id) => {
    if (id < 3) throw new SspError('SSP_POLICY_UNREACHABLE', { url: 'x', problem: 'gone' });
    return id === 3 ? 'hm' : '<answer>x</answer>';
  });
  const records = await playEpisodes(
    tasksOf([1, 2, 3, 4]),
    players,
    { maxConcurrent: 2, onFailure: (failure, { code }) => codes.push(`${failure} ${code}`) },
    never,
  );
  t.same(countOutcomes(records), {
    outcomes: { answered: 1, 'no-answer': 1, 'turn-limit': 0, 'length-limit': 0, failed: 2 },
    failures: { policy: 2, search: 0, judge: 0 },
  });
  t.same(codes, ['policy SSP_POLICY_UNREACHABLE', 'policy SSP_POLICY_UNREACHABLE']);
});

test('an abort and a defect stop all episodes before they are thrown', async (t) => {
  for (const isDefect of [false, true]) {
    const stopping = new AbortController();
    let [begun, running] = [0, 0];
    const players = playersOf(async (id, signal) => {
      begun += 1;
      if (id === 2 && isDefect) throw new TypeError('no model');
      if (id === 2) stopping.abort(new Error('enough'));
      running += 1;
      try {
        await sleep(60_000, undefined, signal === undefined ? {} : { signal });
      } finally {
        running -= 1;
      }
      return '';
    });
    const playing = playEpisodes(
      tasksOf([1, 2, 3, 4]),
      players,
      { maxConcurrent: 2 },
      stopping.signal,
    );
    await t.rejects(playing, isDefect ? { name: 'TypeError' } : { message: 'enough' });
    t.equal(running, 0);
    t.equal(begun, 2, 'those that waited were not begun');
  }
});
