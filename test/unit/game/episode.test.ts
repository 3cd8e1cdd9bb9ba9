import fc from 'fast-check';
import { test } from 'tap';

import type { Episode } from '../../../src/game/episode.ts';
import {
  afterRemark,
  afterSampling,
  afterSearch,
  episodeRecord,
  episodeTokens,
  failEpisode,
  startEpisode,
} from '../../../src/game/episode.ts';
import { spoilingTexts, stopTexts } from '../../../src/game/format.ts';
import { trainingSequence } from '../../../src/game/training-sequence.ts';
import { gameFormats } from '../../../src/rollout/game-formats.ts';
import { episodeRecordSchema } from '../../../src/types/episode.ts';
import { adversarialText } from './adversarial-text.ts';
import { limits, sampled, started } from './episodes.ts';

const riga = { id: '7-0', title: 'Riga', text: 'Riga is the capital of Latvia.' };
const retry = { format: gameFormats['search-r1'] };
const search = '<search>q</search>';

test('the mask of an episode of two searches, token by token', (t) => {
  let episode = started({ prompt: [101, 102] });
  t.same(episode.next, {
    ...{ kind: 'sample', maxTokens: 8192, stop: ['</search>', '</answer>'], spoiling: [] },
  });
  episode = sampled(episode, '<think>?</think><search>capital of Latvia</search>', [11, 12, 13]);
  t.same(episode.next, { kind: 'search', query: 'capital of Latvia' });
  episode = afterSearch(episode, [riga], [901, 902]);
  t.same(episodeTokens(episode), [101, 102, 11, 12, 13, 901, 902], 'what the next turn reads');
  t.match(episode.next, { kind: 'sample', maxTokens: 8187 });
  episode = sampled(episode, '<search>Riga</search>', [14]);
  episode = afterSearch(episode, [riga], [903]);
  // 13 and 901 are sampled here: who wrote a token decides, not its id.
  episode = sampled(episode, '<answer>Riga</answer>', [13, 901]);
  const record = episodeRecord(episode);
  t.same(record.outcome, { kind: 'answered', text: 'Riga' });
  const none = Number.NaN;
  t.strictSame(trainingSequence(record), {
    tokens_T: [101, 102, 11, 12, 13, 901, 902, 14, 903, 13, 901],
    mask_T: [0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1],
    logProbs_T: [none, none, -0.11, -0.12, -0.13, none, none, -0.14, none, -0.13, -9.01],
  });
  t.strictSame(episodeRecordSchema.parse(JSON.parse(JSON.stringify(record))), record);
  t.end();
});

test('an event gives a new episode and leaves the old one as it was', (t) => {
  const first = started();
  const before = JSON.stringify(first);
  const searching = sampled(first, search);
  const between = JSON.stringify(searching);
  afterSearch(searching, [riga], [9]);
  failEpisode(searching, 'search');
  t.equal(JSON.stringify(first), before);
  t.equal(JSON.stringify(searching), between);
  t.end();
});

test('of a hit only id, title and text are kept', (t) => {
  const hit = { ...riga, score: 2.5, rank: 1 };
  const [, result] = afterSearch(sampled(started(), search), [hit], [9]).steps;
  t.strictSame(result, { kind: 'result', query: 'q', passages: [riga], tokens: [9] });
  t.end();
});

test('each role ends with its own action', (t) => {
  const ends = (role: 'proposer' | 'solver' | 'verifier', text: string): Episode['next'] =>
    sampled(started({ role }), text).next;
  const asked = { kind: 'end', outcome: { kind: 'answered', text: 'x' } };
  t.same(ends('proposer', '<question>x</question>'), asked);
  t.same(ends('solver', '<answer>x</answer>'), asked);
  t.same(ends('verifier', '<answer>x</answer>'), asked);
  const refused = { kind: 'end', outcome: { kind: 'no-answer', reason: 'not-allowed' } };
  t.same(ends('proposer', '<answer>x</answer>'), refused);
  t.same(ends('solver', '<question>x</question>'), refused);
  t.same(ends('verifier', search), refused);
  t.end();
});

test('a turn that does nothing ends the episode, or is told so where the format can', (t) => {
  t.same(sampled(started(), 'hm').next, {
    kind: 'end',
    outcome: { kind: 'no-answer', reason: 'no-tag' },
  });
  const told = sampled(started(retry), 'hm', [5]);
  t.same(told.next, { kind: 'remark', text: gameFormats['search-r1'].remark });
  const again = afterRemark(told, [9, 9]);
  t.match(again.next, { kind: 'sample', maxTokens: 8189 });
  const record = episodeRecord(sampled(again, '<answer>x</answer>', [6]));
  t.strictSame(trainingSequence(record).mask_T, [0, 0, 0, 1, 0, 0, 1]);
  const last = sampled(started({ ...retry, limits: { turns: 1 } }), '<search></search>');
  t.same(last.next, { kind: 'end', outcome: { kind: 'no-answer', reason: 'empty' } });
  t.end();
});

test('turns and searches are limited; a result that nobody could read is not asked for', (t) => {
  const turnLimit = { kind: 'end', outcome: { kind: 'turn-limit' } };
  let episode = started();
  for (let turn = 1; turn < 10; turn += 1) {
    episode = afterSearch(sampled(episode, search), [], [9]);
  }
  t.match(sampled(episode, '<answer>x</answer>').next, { outcome: { kind: 'answered' } });
  t.same(sampled(episode, search).next, turnLimit, 'the tenth turn may only answer');
  const one = started({ limits: { searches: 1 } });
  const after = afterSearch(sampled(one, search), [], [9]);
  t.same(sampled(after, search).next, turnLimit);
  t.match(sampled(started({ limits: { queryCharacters: 1 } }), search).next, { kind: 'search' });
  t.match(sampled(started({ limits: { queryCharacters: 1 } }), '<search>qq</search>').next, {
    outcome: { kind: 'no-answer', reason: 'query-too-long' },
  });
  t.end();
});

test('a turn has a limit of its own', (t) => {
  const capped = started({ limits: { turnTokens: 3 } });
  t.match(capped.next, { kind: 'sample', maxTokens: 3 });
  const cut = sampled(capped, '<think>on and on', [5, 5, 5], 'length');
  t.same(cut.next, { kind: 'end', outcome: { kind: 'length-limit' } });
  t.match(cut.steps, [{ action: { kind: 'none', reason: 'turn-too-long' } }]);
  t.match(sampled(capped, '<answer>x</answer>', [5, 5, 5], 'length').next, {
    outcome: { kind: 'answered' },
  });
  const short = started({ limits: { turnTokens: 3, responseTokens: 2 } });
  t.match(short.next, { maxTokens: 2 }, 'and never more than the response has left');
  const whole = sampled(short, '<think>on', [5, 5], 'length');
  t.match(whole.steps, [{ action: { reason: 'no-tag' } }], 'the response was at its end');
  t.end();
});

test('a turn of repeated or nested tags ends at once, with its reason', (t) => {
  const rules = { role: 'solver', format: gameFormats.ssp, limits } as const;
  const plain = startEpisode(rules, [1]);
  t.match(plain.next, { spoiling: [] });
  const strict = startEpisode({ ...rules, endsSpoiledTurns: true }, [1]);
  const spoiling = strict.next.kind === 'sample' ? strict.next.spoiling : [];
  for (const end of ['<search><search>', '<search>\n<search>', '<think><think>']) {
    t.ok(spoiling.includes(end), end);
    const next = { kind: 'end', outcome: { kind: 'no-answer', reason: 'repeated-tags' } };
    t.match(sampled(strict, `so ${end}`).next, next);
  }
  for (const end of ['<search><answer>', '<answer><think>']) {
    t.ok(spoiling.includes(end), end);
    const next = { kind: 'end', outcome: { kind: 'no-answer', reason: 'nested-tags' } };
    t.match(sampled(strict, end).next, next);
  }
  t.notOk(spoiling.includes('<question><question>'), 'no tag of the role');
  for (const role of ['proposer', 'solver', 'verifier'] as const) {
    for (const format of Object.values(gameFormats)) {
      const ends = [...stopTexts(format, role), ...spoilingTexts(format, role).keys()];
      t.ok(ends.length <= 16, 'the policy service takes 16');
      t.equal(new Set(ends).size, ends.length);
    }
  }
  t.match(sampled(strict, '<search>x</search>').next, { kind: 'search', query: 'x' });
  t.end();
});

test('prompt and response are limited in tokens', (t) => {
  const lengthLimit = { kind: 'end', outcome: { kind: 'length-limit' } };
  t.same(started({ limits: { promptTokens: 2 } }).next, lengthLimit);
  t.match(started({ limits: { promptTokens: 3 } }).next, { kind: 'sample' });
  t.same(started({ limits: { responseTokens: 0 } }).next, lengthLimit);
  const four = { limits: { responseTokens: 4 } };
  t.same(sampled(started(four), 'cut of', [5, 5, 5, 5], 'length').next, lengthLimit);
  t.match(sampled(started(four), '<answer>x</answer>', [5, 5, 5, 5], 'length').next, {
    outcome: { kind: 'answered' },
  });
  t.same(sampled(started(four), search, [5, 5, 5, 5]).next, lengthLimit, 'no room for a result');
  const searching = sampled(started(four), search, [5, 5]);
  t.match(afterSearch(searching, [riga], [9]).next, { kind: 'sample', maxTokens: 1 });
  const full = afterSearch(searching, [riga], [9, 9]);
  t.same(full.next, lengthLimit, 'no room to go on');
  t.equal(full.steps.length, 1, 'so the result is not appended');
  const told = sampled(started({ ...retry, ...four }), 'hm', [5, 5]);
  t.same(afterRemark(told, [9, 9, 9]).next, lengthLimit);
  t.end();
});

test('a failed service ends the episode as failed, which is no answer', (t) => {
  t.same(episodeRecord(failEpisode(started(), 'policy')).outcome, {
    kind: 'failed',
    failure: 'policy',
  });
  const searching = sampled(started(), search);
  t.same(episodeRecord(failEpisode(searching, 'search')).outcome, {
    kind: 'failed',
    failure: 'search',
  });
  t.throws(() => failEpisode(failEpisode(started(), 'policy'), 'policy'), /has ended/);
  t.end();
});

test('what is not due is refused', (t) => {
  const turn = { tokens: [5], logProbs: [-1], text: 'x', finishReason: 'stop' } as const;
  t.throws(() => afterSearch(started(), [], []), /waits for sample, not for search/);
  t.throws(() => afterRemark(started(), []), /waits for sample, not for remark/);
  t.throws(() => afterSampling(sampled(started(), search), turn), /for search, not for sample/);
  t.throws(() => episodeRecord(started()), /waits for sample, not for end/);
  t.throws(() => afterSampling(started(), { ...turn, logProbs: [-1, -2] }), RangeError);
  t.end();
});

test('turns without log-probs can be recorded but not trained on', (t) => {
  const turn = { tokens: [5], logProbs: [], text: '<answer>x</answer>' };
  const record = episodeRecord(afterSampling(started(), { ...turn, finishReason: 'stop' }));
  t.equal(record.outcome.kind, 'answered');
  t.throws(() => trainingSequence(record), RangeError);
  t.end();
});

test('whatever is sampled, an episode ends within its limits and its ids stay as they came', (t) => {
  const turns = fc.array(fc.tuple(adversarialText, fc.array(fc.nat(400), { maxLength: 30 })), {
    minLength: 12,
    maxLength: 12,
  });
  const format = fc.constantFrom(gameFormats.ssp, gameFormats['search-r1']);
  fc.assert(
    fc.property(turns, format, fc.constantFrom('proposer', 'solver'), (texts, of, role) => {
      let episode = started({ format: of, role, limits: { turns: 4, responseTokens: 60 } });
      const ids = [1, 2, 3];
      for (const [text, tokens] of texts) {
        if (episode.next.kind !== 'sample') break;
        const own = tokens.slice(0, episode.next.maxTokens);
        ids.push(...own);
        episode = sampled(episode, text, own);
        const { next } = episode;
        if (next.kind !== 'search' && next.kind !== 'remark') continue;
        const before = episode.steps.length;
        episode =
          next.kind === 'search'
            ? afterSearch(episode, [riga], [7, 7, 7])
            : afterRemark(episode, [8]);
        if (episode.steps.length > before) ids.push(...(next.kind === 'search' ? [7, 7, 7] : [8]));
      }
      const record = episodeRecord(episode);
      const { tokens_T, mask_T, logProbs_T } = trainingSequence(record);
      return (
        tokens_T.join() === ids.join() &&
        tokens_T.length <= 63 &&
        record.steps.filter(({ kind }) => kind === 'sampled').length <= 4 &&
        mask_T.every((mask, i) => (mask === 0) === Number.isNaN(logProbs_T[i]))
      );
    }),
    { numRuns: 1000 },
  );
  t.end();
});
