import { createRandom } from '../../src/random/random.ts';
import type { Random } from '../../src/types/random.ts';
import type { Kind, Relation } from './kind.ts';
import { kindNamed } from './kinds.ts';
import { datePartsOf } from './value.ts';
import type { World } from './world.ts';

const pronounShare = 0.35;
const infoboxShare = 0.8;
const referenceShare = 0.15;
const templateShare = 0.5;

interface Statement {
  readonly relation: Relation;
  readonly object: number;
}

/**
 * The wikitext of an entity's page: an infobox, a lead, the facts in random order and wording under
 * their headings, references and a category. It does not depend on the pages made before.
 */
export function articleText(world: World, entity: number): string {
  const random = createRandom(world.seed, 'article', entity);
  const kind = world.kindOf(entity);
  const statements = kind.relations.flatMap((relation): Statement[] => {
    const object = world.objectOf(relation, entity);
    return object === undefined ? [] : [{ relation, object }];
  });
  return [
    infobox(world, entity, statements, random),
    ...body(world, entity, random.shuffled(statements), random),
    '== References ==\n{{reflist}}',
    `[[Category:${capitalized(kind.plural)}]]`,
  ].join('\n\n');
}

function infobox(
  world: World,
  entity: number,
  statements: readonly Statement[],
  random: Random,
): string {
  const rows = statements
    .filter(() => random.chance(infoboxShare))
    .map(({ relation, object }) => {
      const value = infoboxValue(world, relation, object, random);
      return `| ${relation.infoboxKey} = ${value}`;
    });
  const start = [`{{Infobox ${world.kindOf(entity).name}`, `| name = ${world.nameOf(entity)}`];
  return [...start, ...rows, '}}'].join('\n');
}

function infoboxValue(world: World, relation: Relation, object: number, random: Random): string {
  const rule = relation.object;
  if (rule.type === 'date') {
    const { year, month, day } = datePartsOf(object);
    return `{{birth date|${year}|${month}|${day}|df=y}}`;
  }
  if (rule.type === 'count') return `{{formatnum:${object}}}`;
  return objectText(world, relation, object, random);
}

/** The lead, then one block for each section that has a fact. */
function body(
  world: World,
  entity: number,
  statements: readonly Statement[],
  random: Random,
): string[] {
  const kind = world.kindOf(entity);
  const write = writerFor(world, entity, random);
  const sections = new Map<string, string[]>([['', [leadSentence(world, entity, random)]]]);
  for (const { relation, object } of statements) {
    const heading = relation.section ?? '';
    const sentence = write(
      random.pick(relation.sentences),
      objectText(world, relation, object, random),
    );
    sections.set(heading, [...(sections.get(heading) ?? []), sentence]);
  }
  const last = random.pick([...sections.values()]);
  last.push(write(random.pick(kind.colour), ''));
  return [...sections].map(([heading, sentences]) =>
    heading === '' ? sentences.join(' ') : `== ${heading} ==\n${sentences.join(' ')}`,
  );
}

function leadSentence(world: World, entity: number, random: Random): string {
  const kind = world.kindOf(entity);
  const alias = world.aliasOf(entity);
  const known = alias === undefined ? '' : ` (also known as '''${alias}''')`;
  const name = `'''${inQuotes(kind, world.nameOf(entity))}'''${known}`;
  return random.pick(kind.leads).replace('{s}', name);
}

/** Puts subject and object into a sentence; a sentence that starts with its subject may say "It". */
function writerFor(
  world: World,
  entity: number,
  random: Random,
): (sentence: string, object: string) => string {
  const kind = world.kindOf(entity);
  const pronoun = random.pick(kind.pronouns);
  const name = inQuotes(kind, world.nameOf(entity));
  return (sentence, object) => {
    const usesPronoun = sentence.startsWith('{s}') && random.chance(pronounShare);
    const written = sentence.replace('{s}', usesPronoun ? pronoun : name).replace('{o}', object);
    return random.chance(referenceShare) ? `${written}${reference(random)}` : written;
  };
}

function reference(random: Random): string {
  return `<ref>{{cite book|title=Annals of the Province|page=${1 + random.below(99)}}}</ref>`;
}

/** An object as it stands in wikitext: a link, a template, or plain. */
function objectText(world: World, relation: Relation, object: number, random: Random): string {
  const rule = relation.object;
  const [text] = world.textsOf(rule, object);
  if (rule.type === 'length' && random.chance(templateShare)) {
    return `{{convert|${object}|${rule.unit}|abbr=on}}`;
  }
  if (rule.type !== 'entity') return text;
  const title = world.titleOf(object);
  const link = title === text ? `[[${text}]]` : `[[${title}|${text}]]`;
  return inQuotes(kindNamed[rule.kind], link);
}

function inQuotes(kind: Kind, text: string): string {
  return `${kind.quote}${text}${kind.quote}`;
}

/** `towns` as `Towns`. */
export function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
