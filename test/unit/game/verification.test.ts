import fc from 'fast-check';
import { test } from 'tap';

import { readAnswer, verdictOf, verificationMaterial } from '../../../src/game/verification.ts';
import { createRandom } from '../../../src/random/random.ts';
import { gameFormats } from '../../../src/rollout/game-formats.ts';
import type { EpisodeRecord, RetrievedPassage } from '../../../src/types/episode.ts';
import { proposal } from './episodes.ts';

const question = { kind: 'answered', text: 'Which city?' } as const;
const own = proposal(question, { x: ['a', 'b', 'c'], y: ['b', 'd'] });
const others = [
  proposal(question, { x: ['e', 'f'], y: ['g', 'e'] }),
  proposal({ kind: 'turn-limit' }, { x: ['h', 'a'] }),
  proposal(question, { x: ['i', 'j'] }),
  proposal(question, { x: ['a', 'b'] }),
  proposal(question, {}),
];
const idsOf = (passages: readonly RetrievedPassage[]): string =>
  passages
    .map(({ id }) => id)
    .sort()
    .join('');
const random = () => createRandom(4);

test('without noise the material is what the proposer retrieved, each passage once', (t) => {
  for (const noiseUnit of ['trajectory', 'passage'] as const) {
    const material = verificationMaterial(own, others, { noise: 0, noiseUnit }, random());
    t.equal(idsOf(material.passages), 'abcd');
    t.equal(material.noisePassages, 0);
  }
  t.end();
});

test('a trajectory of noise is all that another episode retrieved, less what is own', (t) => {
  const sets = new Set<string>();
  for (let seed = 0; seed < 50; seed += 1) {
    const options = { noise: 1, noiseUnit: 'trajectory' } as const;
    const { passages, noisePassages } = verificationMaterial(
      own,
      others,
      options,
      createRandom(seed),
    );
    sets.add(idsOf(passages).slice(4));
    t.equal(noisePassages, passages.length - 4);
  }
  t.same([...sets].sort(), ['efg', 'h', 'ij'], 'never one that adds nothing');
  t.end();
});

test('a passage of noise is any that another episode retrieved', (t) => {
  const sets = new Set<string>();
  for (let seed = 0; seed < 100; seed += 1) {
    const options = { noise: 1, noiseUnit: 'passage' } as const;
    const material = verificationMaterial(own, others, options, createRandom(seed));
    sets.add(idsOf(material.passages).slice(4));
  }
  t.same([...sets].sort(), ['e', 'f', 'g', 'h', 'i', 'j']);
  t.end();
});

test('noise for more than there is gives what there is', (t) => {
  for (const noiseUnit of ['trajectory', 'passage'] as const) {
    const material = verificationMaterial(own, others, { noise: 40, noiseUnit }, random());
    t.equal(idsOf(material.passages), 'abcdefghij');
    t.equal(material.noisePassages, 6);
    const alone = verificationMaterial(own, [], { noise: 4, noiseUnit }, random());
    t.equal(idsOf(alone.passages), 'abcd');
  }
  t.end();
});

test('own passages and noise are mixed: every order of the material comes up', (t) => {
  const orders = new Set<string>();
  const two = proposal(question, { x: ['a', 'b'] });
  const one = [proposal(question, { x: ['e'] })];
  for (let seed = 0; seed < 100; seed += 1) {
    const options = { noise: 1, noiseUnit: 'passage' } as const;
    const { passages } = verificationMaterial(two, one, options, createRandom(seed));
    orders.add(passages.map(({ id }) => id).join(''));
  }
  t.equal(orders.size, 6);
  t.end();
});

test('whatever was retrieved: own passages all there, no id twice, noise within its count', (t) => {
  const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), { maxLength: 6 });
  const record = fc.array(ids, { maxLength: 3 }).map((searches): EpisodeRecord => {
    return proposal(question, Object.fromEntries(searches.map((found, i) => [`q${i}`, found])));
  });
  fc.assert(
    fc.property(
      record,
      fc.array(record, { maxLength: 4 }),
      fc.nat(5),
      fc.constantFrom('trajectory', 'passage'),
      fc.nat(),
      (mine, rest, noise, noiseUnit, seed) => {
        const options = { noise, noiseUnit };
        const { passages, noisePassages } = verificationMaterial(
          mine,
          rest,
          options,
          createRandom(seed),
        );
        const given = new Set(passages.map(({ id }) => id));
        const needed = mine.steps.flatMap((step) => (step.kind === 'result' ? step.passages : []));
        return (
          given.size === passages.length &&
          needed.every(({ id }) => given.has(id)) &&
          (noiseUnit === 'trajectory' || noisePassages <= noise) &&
          new Set(needed.map(({ id }) => id)).size + noisePassages === passages.length
        );
      },
    ),
  );
  t.end();
});

test('the verdict: exact match, then the judge; a failure is no verdict', (t) => {
  const said = (text: string) => ({ kind: 'answered', text }) as const;
  const wrong = { kind: 'rejected', reason: 'wrong-answer' };
  t.same(verdictOf(said('the Riga'), ['Riga'], 'off'), { kind: 'accepted' });
  t.same(verdictOf(said('Oslo'), ['Riga'], 'off'), wrong);
  t.same(verdictOf(said('its capital'), ['Riga'], 'off', 'correct'), { kind: 'accepted' });
  t.same(verdictOf(said('Oslo'), ['Riga'], 'off', 'incorrect'), wrong);
  t.same(verdictOf(said('Oslo'), ['Riga'], 'off', 'failed'), { kind: 'failed', failure: 'judge' });
  const silent = { kind: 'rejected', reason: 'no-answer' };
  t.same(verdictOf({ kind: 'no-answer', reason: 'empty' }, ['Riga'], 'off'), silent);
  t.same(verdictOf({ kind: 'length-limit' }, ['Riga'], 'off', 'correct'), {
    ...{ kind: 'rejected', reason: 'length-limit' },
  });
  t.same(verdictOf({ kind: 'failed', failure: 'policy' }, ['Riga'], 'off'), {
    kind: 'failed',
    failure: 'policy',
  });
  t.end();
});

test('what is accepted by containment alone says so; the judge is not needed for it', (t) => {
  const said = (text: string) => ({ kind: 'answered', text }) as const;
  const contained = { kind: 'accepted', by: 'containment' };
  t.same(verdictOf(said('Kitzbühel'), ['Kitzbühel Alps'], 'either'), contained);
  t.same(verdictOf(said('Kitzbühel'), ['Kitzbühel Alps'], 'either', 'failed'), contained);
  t.match(verdictOf(said('Kitzbühel'), ['Kitzbühel Alps'], 'contains'), { kind: 'rejected' });
  t.same(verdictOf(said('Riga'), ['Riga', 'old Riga'], 'either'), { kind: 'accepted' });
  t.match(verdictOf({ kind: 'length-limit' }, ['Riga'], 'either'), { reason: 'length-limit' });
  t.end();
});

test('a judge’s reading is its last answer', (t) => {
  const { tags } = gameFormats.ssp;
  t.same(readAnswer('<answer>Oslo</answer><answer>Riga</answer>', tags), {
    kind: 'answered',
    text: 'Riga',
  });
  t.same(readAnswer('Riga', tags), { kind: 'no-answer', reason: 'no-tag' });
  t.same(readAnswer('<search>Riga</search>', tags), { kind: 'no-answer', reason: 'not-allowed' });
  t.end();
});
