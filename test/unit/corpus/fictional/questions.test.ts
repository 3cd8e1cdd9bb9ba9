import fc from 'fast-check';
import { test } from 'tap';

import type { Fact } from '../../../../corpus/fictional/facts.ts';
import { facts } from '../../../../corpus/fictional/facts.ts';
import { wikiPages } from '../../../../corpus/fictional/pages.ts';
import type { Question } from '../../../../corpus/fictional/questions.ts';
import { makeQuestions } from '../../../../corpus/fictional/questions.ts';
import { createWorld } from '../../../../corpus/fictional/world.ts';
import { arbitraryWorld } from './arbitrary-world.ts';

/**
 * Every answer that the facts allow, found the slow way: by names alone, reading all facts for each
 * hop. The question names its first subject, or its first object where it asks backwards.
 */
function naiveAnswers({ question, chain }: Question, rows: readonly Fact[]): string[] {
  const [first] = chain;
  const startsForth = question.includes(first?.subject ?? '?');
  let reached = new Set([startsForth ? first?.subject : first?.object]);
  for (const hop of chain) {
    const isForth = reached.has(hop.subject);
    const fitting = rows.filter(
      ({ relation, subject, object }) =>
        relation === hop.relation && reached.has(isForth ? subject : object),
    );
    reached = new Set(fitting.map(({ subject, object }) => (isForth ? object : subject)));
  }
  return [...reached].filter((answer) => answer !== undefined);
}

test('every answer is the only one that the facts allow', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryWorld, async (world) => {
      const rows = [...facts(world)];
      return (await makeQuestions(world, 60)).every((question) => {
        const answers = naiveAnswers(question, rows);
        return answers.length === 1 && answers[0] === question.golden_answers[0];
      });
    }),
    { numRuns: 40 },
  );
});

test('questions come in equal parts, with ids, chains and gold pages that fit', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryWorld, fc.integer({ min: 0, max: 90 }), async (world, count) => {
      const titles = new Set(
        [...wikiPages(world)].filter(({ sort }) => sort === 'article').map(({ title }) => title),
      );
      const stated = new Set(
        [...facts(world)].map((fact) => [fact.page, fact.relation, fact.object].join('|')),
      );
      const questions = await makeQuestions(world, count);
      const byHops = [1, 2, 3].map((hops) => questions.filter((row) => row.hops === hops));
      const [size = 0] = byHops.map(({ length }) => length);
      return (
        questions.length <= count &&
        byHops.every(({ length }) => length === size) &&
        new Set(questions.map(({ id }) => id)).size === questions.length &&
        questions.every(
          ({ hops, chain, gold_pages: pages }) =>
            chain.length === hops &&
            new Set(pages).size === hops &&
            pages.every((title) => titles.has(title)) &&
            chain.every(({ relation, object }, hop) =>
              stated.has([pages[hop], relation, object].join('|')),
            ),
        )
      );
    }),
    { numRuns: 30 },
  );
});

test('no question contains one of its answers', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryWorld, async (world) =>
      (await makeQuestions(world, 90)).every(({ question, golden_answers: answers }) =>
        answers.every((answer) => !question.toLowerCase().includes(answer.toLowerCase())),
      ),
    ),
    { numRuns: 30 },
  );
});

test('the default world has 500 questions a hop with many different answers', async (t) => {
  const questions = await makeQuestions(createWorld({ seed: 1, entities: 2000 }), 1500);
  t.equal(questions.length, 1500);
  for (const hops of [1, 2, 3]) {
    const rows = questions.filter((row) => row.hops === hops);
    t.equal(rows.length, 500);
    t.ok(new Set(rows.map((row) => row.golden_answers[0])).size > 250);
  }
  t.ok(questions.every(({ question }) => /^[A-Z][^{}]*\?$/.test(question)));
});

test('a world of two has no questions of three hops, so none', async (t) => {
  t.strictSame(await makeQuestions(createWorld({ seed: 1, entities: 2 }), 30), []);
});

test('making many questions can be stopped on the way', async (t) => {
  const world = createWorld({ seed: 1, entities: 2000 });
  const stop = (): Promise<void> => Promise.reject(new Error('stopped'));
  await t.rejects(makeQuestions(world, 9000, { pause: stop }), { message: 'stopped' });
});

test('without inverse hops every question starts at its first subject and goes forth', async (t) => {
  const world = createWorld({ seed: 1, entities: 2000 });
  const forth = await makeQuestions(world, 300, { inverse: false });
  t.equal(forth.length, 300);
  const goesForth = ({ question, chain, golden_answers: answers }: Question): boolean =>
    question.includes(chain[0]?.subject ?? '?') &&
    chain.every(({ object }, hop) => object === (chain[hop + 1]?.subject ?? answers[0]));
  t.ok(forth.every(goesForth));
  t.notOk((await makeQuestions(world, 300)).every(goesForth));
});
