import { createRandom } from '../../src/random/random.ts';
import type { Random } from '../../src/types/random.ts';
import type { Kind, KindName, ObjectRule, Relation } from './kind.ts';
import { kinds } from './kinds.ts';
import { drawNames, nameText } from './names.ts';
import { datePartsOf, drawValue, valueTexts } from './value.ts';

/** Share of the entities that have a second name, which becomes a redirect. */
const aliasShare = 0.1;
/** Share of the entities that take the name of one of another kind. */
const sharedShare = 0.01;
const none = -1;
/** What a year counts from where its base is missing. */
const defaultBaseYear = 1850;

export interface WorldSize {
  /** 0..2^32 - 1. */
  readonly seed: number;
  /** 2..1,000,000. */
  readonly entities: number;
}

/**
 * A fictional world: entities numbered from 0, kind after kind, and at most one object for each
 * subject and relation. Numbers stand in typed arrays, so a million entities take some 25 MB; the
 * texts are made when asked for.
 */
export interface World extends WorldSize {
  kindOf(entity: number): Kind;
  entitiesOf(kind: KindName): EntityRange;
  nameOf(entity: number): string;
  /** The second name, if it has one. No other entity has it. */
  aliasOf(entity: number): string | undefined;
  /** The name, then the second name if there is one. */
  namesOf(entity: number): readonly [string, ...string[]];
  /** The page title: the name, with the kind in brackets where several share it. */
  titleOf(entity: number): string;
  /** Every entity of the same name, itself included. */
  namesakesOf(entity: number): readonly number[];
  /** The object as an entity number or a packed value; undefined where the subject has none. */
  objectOf(relation: Relation, subject: number): number | undefined;
  /** The ways to write an object: first the one that its article uses. */
  textsOf(rule: ObjectRule, object: number): readonly [string, ...string[]];
  /** Names that several entities share, with those entities. */
  sharedNames(): Iterable<readonly number[]>;
}

/** The entities of a kind: `count` of them from number `first` on. */
interface EntityRange {
  readonly first: number;
  readonly count: number;
}

/** Draws a world. The same size and seed always give the same one. */
export function createWorld(size: WorldSize): World {
  const ranges = rangesOf(size.entities);
  const rangeOf = (kind: KindName): EntityRange => ranges.get(kind) ?? { first: 0, count: 0 };
  const { names, aliases, shared } = drawWorldNames(size, ranges);
  const objects = drawObjects(size.seed, rangeOf);
  const kindOf = (entity: number): Kind => {
    const kind = kinds.find(({ name }) => entity < rangeOf(name).first + rangeOf(name).count);
    if (kind === undefined) throw new RangeError(`There is no entity ${entity}.`);
    return kind;
  };
  const nameOf = (entity: number): string => nameText(names[entity] ?? 0);
  const aliasOf = (entity: number): string | undefined => {
    const alias = aliases[entity] ?? none;
    return alias === none ? undefined : nameText(alias);
  };
  const namesOf = (entity: number): [string, ...string[]] => {
    const alias = aliasOf(entity);
    return alias === undefined ? [nameOf(entity)] : [nameOf(entity), alias];
  };
  return {
    ...size,
    kindOf,
    entitiesOf: rangeOf,
    nameOf,
    aliasOf,
    namesOf,
    titleOf: (entity) => {
      const isShared = shared.has(names[entity] ?? 0);
      return isShared ? `${nameOf(entity)} (${kindOf(entity).name})` : nameOf(entity);
    },
    namesakesOf: (entity) => shared.get(names[entity] ?? 0) ?? [entity],
    objectOf: (relation, subject) => {
      const object = objects.get(relation)?.[subject - rangeOf(kindOf(subject).name).first] ?? none;
      return object === none ? undefined : object;
    },
    textsOf: (rule, object) =>
      rule.type === 'entity' ? namesOf(object) : valueTexts(rule, object),
    sharedNames: () => shared.values(),
  };
}

/** Splits the entities among the kinds by their shares; the largest remainders get the rest. */
function rangesOf(entities: number): ReadonlyMap<KindName, EntityRange> {
  const counts = kinds.map(({ share }) => Math.floor(share * entities));
  const remainders = kinds
    .map(({ share }, index) => ({ index, remainder: share * entities - (counts[index] ?? 0) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  const rest = entities - counts.reduce((sum, count) => sum + count, 0);
  for (const { index } of remainders.slice(0, rest)) counts[index] = (counts[index] ?? 0) + 1;
  const ranges = new Map<KindName, EntityRange>();
  let first = 0;
  for (const [index, kind] of kinds.entries()) {
    const count = counts[index] ?? 0;
    ranges.set(kind.name, { first, count });
    first += count;
  }
  return ranges;
}

interface WorldNames {
  readonly names: Int32Array;
  /** -1 for an entity without a second name. */
  readonly aliases: Int32Array;
  readonly shared: ReadonlyMap<number, readonly number[]>;
}

function drawWorldNames(
  { seed, entities }: WorldSize,
  ranges: ReadonlyMap<KindName, EntityRange>,
): WorldNames {
  const random = createRandom(seed, 'names');
  const aliasCount = Math.floor(entities * aliasShare);
  const drawn = drawNames(entities + aliasCount, random);
  const names = drawn.slice(0, entities);
  const aliases = new Int32Array(entities).fill(none);
  for (const alias of drawn.subarray(entities)) aliases[random.below(entities)] = alias;
  const shared = new Map<number, number[]>();
  for (const { first, count } of ranges.values()) {
    for (let entity = first; first > 0 && entity < first + count; entity += 1) {
      if (random.chance(sharedShare)) shareName(names, shared, entity, random.below(first));
    }
  }
  return { names, aliases, shared };
}

/** Gives `entity` the name of `other`, unless that name has two bearers already. */
function shareName(
  names: Int32Array,
  shared: Map<number, number[]>,
  entity: number,
  other: number,
): void {
  const name = names[other] ?? 0;
  if (shared.has(name)) return;
  names[entity] = name;
  shared.set(name, [other, entity]);
}

type Objects = ReadonlyMap<Relation, Int32Array>;

function drawObjects(seed: number, rangeOf: (kind: KindName) => EntityRange): Objects {
  const objects = new Map<Relation, Int32Array>();
  /** Birth and founding years by entity, which later years follow. */
  const years = new Map<number, number>();
  for (const kind of kinds) {
    const { first, count } = rangeOf(kind.name);
    for (const relation of kind.relations) {
      const random = createRandom(seed, kind.name, relation.name);
      const base = baseOf(kind, relation, objects);
      const column = new Int32Array(count).fill(none);
      for (let row = 0; row < count; row += 1) {
        if (!random.chance(relation.share)) continue;
        const draw = { random, rangeOf, years };
        const object = drawObject(relation.object, first + row, base?.[row], draw);
        column[row] = object;
        if (relation.origin === true) years.set(first + row, yearOf(relation.object, object));
      }
      objects.set(relation, column);
    }
  }
  return objects;
}

/** The column that holds the entity whose year `relation` follows. */
function baseOf(kind: Kind, relation: Relation, objects: Objects): Int32Array | undefined {
  const rule = relation.object;
  if (rule.type !== 'year') return undefined;
  const base = kind.relations.find(({ name }) => name === rule.base);
  return base === undefined ? undefined : objects.get(base);
}

interface Draw {
  readonly random: Random;
  readonly rangeOf: (kind: KindName) => EntityRange;
  readonly years: ReadonlyMap<number, number>;
}

function drawObject(
  rule: ObjectRule,
  subject: number,
  base: number | undefined,
  draw: Draw,
): number {
  const { random, rangeOf, years } = draw;
  if (rule.type !== 'entity') {
    return drawValue(rule, years.get(base ?? none) ?? defaultBaseYear, random);
  }
  const { first, count } = rangeOf(rule.kind);
  if (count === 0) return none;
  const object = first + random.below(count);
  if (object === subject) return none;
  const isTooYoung = rule.elder === true && (years.get(object) ?? 0) >= (years.get(subject) ?? 0);
  return isTooYoung ? none : object;
}

function yearOf(rule: ObjectRule, object: number): number {
  return rule.type === 'date' ? datePartsOf(object).year : object;
}
