import fc from 'fast-check';
import { test } from 'tap';

import { facts } from '../../../../corpus/fictional/facts.ts';
import { kinds } from '../../../../corpus/fictional/kinds.ts';
import { pageIdOf, wikiPages } from '../../../../corpus/fictional/pages.ts';
import { createWorld } from '../../../../corpus/fictional/world.ts';
import { arbitraryWorld } from './arbitrary-world.ts';

const runs = { numRuns: 30 };

/** What a reader sees of the few templates that hold values. */
function expanded(wikitext: string): string {
  return wikitext
    .replaceAll(/\{\{convert\|(\d+)\|(\w+)[^}]*\}\}/g, '$1 $2')
    .replaceAll(/\[\[(?:[^|\]]*\|)?([^\]]*)\]\]/g, '$1');
}

test('the kinds share the entities out', (t) => {
  const total = kinds.reduce((sum, { share }) => sum + share, 0);
  t.ok(Math.abs(total - 1) < 1e-9);
  for (const entities of [2, 3, 17, 2000]) {
    const world = createWorld({ seed: 1, entities });
    const counts = kinds.map(({ name }) => world.entitiesOf(name).count);
    t.equal(
      counts.reduce((sum, count) => sum + count, 0),
      entities,
    );
  }
  t.end();
});

test('every relation has wordings, a name of its own, and its subject before its object', (t) => {
  const relations = kinds.flatMap((kind) => kind.relations);
  t.equal(new Set(relations.map(({ name }) => name)).size, relations.length);
  t.ok(relations.filter(({ object }) => object.type === 'entity').length >= 9);
  for (const { name, sentences, phrases, questions, inverse } of relations) {
    t.ok(sentences.length >= 2 && questions.length >= 2 && phrases.length >= 1, name);
    t.ok(
      sentences.every(
        (text) => text.indexOf('{s}') >= 0 && text.indexOf('{s}') < text.indexOf('{o}'),
      ),
      name,
    );
    t.ok(
      [...phrases, ...questions].every((text) => text.split('{s}').length === 2),
      name,
    );
    const back = inverse === undefined ? [] : [...inverse.phrases, ...inverse.questions];
    t.ok(
      back.every((text) => text.split('{o}').length === 2),
      name,
    );
  }
  t.end();
});

test('every fact stands in the prose and the page of its subject', (t) => {
  fc.assert(
    fc.property(arbitraryWorld, (world) => {
      const pages = new Map([...wikiPages(world)].map((page) => [page.id, page]));
      return [...facts(world)].every(({ page, pageId, object }) => {
        const found = pages.get(pageId);
        const [, prose = ''] = found?.text.split('\n}}\n') ?? [];
        return found?.title === page && expanded(prose).includes(object);
      });
    }),
    runs,
  );
  t.end();
});

test('titles and ids of pages are unique, and links lead to pages', (t) => {
  fc.assert(
    fc.property(arbitraryWorld, (world) => {
      const pages = [...wikiPages(world)];
      const titles = new Set(pages.map(({ title }) => title));
      const ids = new Set(pages.map(({ id }) => id));
      const links = pages
        .filter(({ sort }) => sort !== 'category' && sort !== 'list')
        .flatMap(({ text }) =>
          [...text.matchAll(/\[\[([^|\]:]+)[|\]]/g)].map(([, title]) => title),
        );
      return (
        titles.size === pages.length &&
        ids.size === pages.length &&
        links.every((title) => titles.has(title ?? ''))
      );
    }),
    runs,
  );
  t.end();
});

test('a subject has at most one object for each relation', (t) => {
  fc.assert(
    fc.property(arbitraryWorld, (world) => {
      const keys = [...facts(world)].map(({ pageId, relation }) => `${pageId} ${relation}`);
      return new Set(keys).size === keys.length;
    }),
    runs,
  );
  t.end();
});

test('nobody writes, teaches or founds before being born', (t) => {
  const world = createWorld({ seed: 9, entities: 1000 });
  const rows = [...facts(world)];
  const yearOf = new Map<string, number>();
  for (const { page, relation, object } of rows) {
    const isYear = relation === 'birth date' || relation === 'founding year';
    if (isYear) yearOf.set(page, Number(object.slice(-4)));
  }
  const baseOf = new Map([
    ['publication year', 'author'],
    ['founding year', 'founder'],
    ['premiere year', 'composer'],
    ['launch year', 'builder'],
  ]);
  let compared = 0;
  for (const { page, relation, object } of rows) {
    const base = rows.find((row) => row.page === page && row.relation === baseOf.get(relation));
    const baseYear = yearOf.get(base?.objectPage ?? '');
    if (baseYear === undefined) continue;
    compared += 1;
    if (Number(object) <= baseYear) t.fail(`${page}: ${relation} ${object} before ${baseYear}`);
  }
  t.ok(compared > 200);
  const taught = rows.filter(({ relation }) => relation === 'teacher');
  t.ok(taught.length > 100);
  t.ok(
    taught.every((row) => (yearOf.get(row.objectPage ?? '') ?? 0) < (yearOf.get(row.page) ?? 0)),
  );
  t.end();
});

test('shared names lead to a disambiguation page, second names to a redirect', (t) => {
  const world = createWorld({ seed: 1, entities: 2000 });
  const pages = [...wikiPages(world)];
  const shared = [...world.sharedNames()];
  t.ok(shared.length >= 5);
  for (const namesakes of shared) {
    const title = world.nameOf(namesakes[0] ?? 0);
    const page = pages.find((candidate) => candidate.title === title);
    t.equal(page?.sort, 'disambiguation');
    t.ok(namesakes.every((entity) => page?.text.includes(`[[${world.titleOf(entity)}]]`)));
  }
  const redirects = pages.filter(({ sort }) => sort === 'redirect');
  t.ok(redirects.length > 150);
  const titles = new Map(pages.map((page) => [page.title, page]));
  for (const { title, redirect, text } of redirects) {
    const target = titles.get(redirect ?? '');
    t.equal(target?.sort, 'article');
    t.ok(target?.text.includes(`(also known as '''${title}''')`));
    t.ok(text.startsWith(`#REDIRECT [[${redirect ?? ''}]]`));
  }
  t.end();
});

test('a page does not depend on the pages made before it', (t) => {
  const world = createWorld({ seed: 4, entities: 50 });
  const [first] = [...wikiPages(world)].slice(30);
  const again = [...wikiPages(createWorld({ seed: 4, entities: 50 }))].find(
    ({ id }) => id === pageIdOf(30),
  );
  t.strictSame(again, first);
  t.end();
});

test('the words of all worlds are few and known', (t) => {
  const words = new Set<string>();
  for (const seed of [1, 2, 3]) {
    for (const { text, namespace } of wikiPages(createWorld({ seed, entities: 2000 }))) {
      if (namespace !== 0) continue;
      for (const word of expanded(text)
        .toLowerCase()
        .match(/[a-z]+/g) ?? [])
        words.add(word);
    }
  }
  t.ok(words.size > 600 && words.size < 900, `${words.size} words`);
  t.end();
});
