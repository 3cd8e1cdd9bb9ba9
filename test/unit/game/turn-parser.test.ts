import { deepStrictEqual } from 'node:assert/strict';

import fc from 'fast-check';
import { test } from 'tap';

import { parseTurn } from '../../../src/game/turn-parser.ts';
import { gameFormats } from '../../../src/rollout/game-formats.ts';
import type { TurnAction } from '../../../src/types/episode.ts';
import { noActionReasons, turnActionSchema } from '../../../src/types/episode.ts';
import { adversarialText } from './adversarial-text.ts';

const { tags } = gameFormats.ssp;
const parse = (text: string): TurnAction => parseTurn(text, tags);
const none = (reason: (typeof noActionReasons)[number]): TurnAction => ({ kind: 'none', reason });

test('the three actions, with thoughts around them', (t) => {
  t.same(parse('<think>Who?</think>\n<search> mayor of Riga </search>'), {
    kind: 'search',
    query: 'mayor of Riga',
  });
  t.same(parse('So: <answer>Riga</answer>.\n'), { kind: 'answer', text: 'Riga' });
  t.same(parse('<question>\nWhich city?\n</question>'), { kind: 'question', text: 'Which city?' });
  t.end();
});

test('the last closed element decides', (t) => {
  t.same(parse('<answer>Riga</answer> no: <answer>Oslo</answer>'), {
    kind: 'answer',
    text: 'Oslo',
  });
  t.same(parse('<search>a</search><answer>b</answer>'), { kind: 'answer', text: 'b' });
  t.same(parse('<answer>b</answer><search>a</search>'), { kind: 'search', query: 'a' });
  t.same(parse('<answer>Riga</answer><answer> </answer>'), none('empty'));
  t.same(parse('<answer></answer><answer>Riga</answer>'), { kind: 'answer', text: 'Riga' });
  t.same(parse('<answer>Riga</answer></answer><search>cut'), { kind: 'answer', text: 'Riga' });
  t.end();
});

test('each way to say nothing has its reason', (t) => {
  const cases: [string, ReturnType<typeof none>][] = [
    ['', none('no-tag')],
    ['The answer is Riga.', none('no-tag')],
    ['<Answer>Riga</Answer>', none('no-tag')],
    ['< answer>Riga</answer >', none('no-tag')],
    ['＜answer＞Riga＜/answer＞', none('no-tag')],
    ['<answer Riga </answer', none('no-tag')],
    ['<answers>Riga</answers>', none('no-tag')],
    ['<information>x</information>', none('no-tag')],
    ['Riga</answer>', none('unopened-tag')],
    ['</search><search>', none('unclosed-tag')],
    ['<search>mayor of Riga', none('unclosed-tag')],
    ['<search>mayor</searc', none('unclosed-tag')],
    ['<search>mayor</answer>', none('unclosed-tag')],
    ['<search>', none('unclosed-tag')],
    ['<search></search>', none('empty')],
    ['<search> \n\t\u3000</search>', none('empty')],
    ['<search>I use <search>mayor</search>', none('tag-inside')],
    ['<search>say <answer>x</answer> now</search>', none('tag-inside')],
    ['<question>what </search> is?</question>', none('tag-inside')],
    ['<answer>x</answer><search><answer>y</answer></search>', none('tag-inside')],
  ];
  for (const [text, expected] of cases) t.same(parse(text), expected, JSON.stringify(text));
  t.end();
});

test('other tags and odd characters within an element are its text', (t) => {
  const query = 'a <think> b </think> <b> </information> {x} \u0000 \ud800 <searc h>';
  t.same(parse(`<search>${query}</search>`), { kind: 'search', query });
  t.end();
});

test('a format with other names reads its own tags only', (t) => {
  const other = { ...tags, search: 'query' };
  t.same(parseTurn('<search>x</search>', other), none('no-tag'));
  t.same(parseTurn('<query>x</query>', other), { kind: 'search', query: 'x' });
  t.end();
});

/**
 * The same rule without a state machine: of every opening tag, its own closing tag and nothing but
 * characters between, found from the left.
 */
function slowParse(text: string): TurnAction {
  const all = [...text.matchAll(/<(\/?)(search|answer|question)>/g)];
  let last: TurnAction | undefined;
  let at = 0;
  while (at < all.length) {
    const open = all[at];
    const close = all.findIndex(
      (tag, i) => i > at && open?.[1] === '' && tag[1] === '/' && tag[2] === open[2],
    );
    const end = all[close];
    if (open === undefined || end === undefined) {
      if (open?.[1] === '') return last ?? none('unclosed-tag');
      at += 1;
      continue;
    }
    const content = text.slice(open.index + open[0].length, end.index).trim();
    if (close > at + 1) last = none('tag-inside');
    else if (content === '') last = none('empty');
    else if (open[2] === 'search') last = { kind: 'search', query: content };
    else last = { kind: open[2] === 'answer' ? 'answer' : 'question', text: content };
    at = close + 1;
  }
  return last ?? none(all.length === 0 ? 'no-tag' : 'unopened-tag');
}

test('5,000 adversarial outputs are parsed or rejected with a reason, never thrown', (t) => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(adversarialText, (text) => {
      const action = parse(text);
      const name = action.kind === 'none' ? action.reason : action.kind;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      turnActionSchema.parse(action);
      deepStrictEqual(action, slowParse(text));
    }),
    { numRuns: 5000, seed: 20 },
  );
  const possible = ['search', 'answer', 'question', ...noActionReasons.slice(0, 5)];
  t.strictSame([...seen.keys()].sort(), possible.sort(), 'the outputs reach every result');
  t.end();
});

test('huge outputs: a million tags are read once', (t) => {
  t.same(parse('<search>'.repeat(1_000_000)), none('unclosed-tag'));
  t.same(parse('</search>'.repeat(1_000_000)), none('unopened-tag'));
  t.same(parse('<'.repeat(5_000_000)), none('no-tag'));
  t.same(parse(`<answer>${' '.repeat(5_000_000)}</answer>`), none('empty'));
  t.same(parse('<answer>x</answer>'.repeat(300_000)), { kind: 'answer', text: 'x' });
  t.end();
});
