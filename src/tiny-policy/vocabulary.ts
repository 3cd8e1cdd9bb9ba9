import { facts } from '../../corpus/fictional/facts.ts';
import { kinds } from '../../corpus/fictional/kinds.ts';
import { firstWords, lastWords } from '../../corpus/fictional/name-words.ts';
import { makeQuestions } from '../../corpus/fictional/questions.ts';
import { createWorld } from '../../corpus/fictional/world.ts';
import { gameFormats } from '../game/formats.ts';

/** What text is cut into before anything else: words and numbers of two digits, each with a space before. */
export const piecePattern = String.raw` ?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]|\s`;

/** Special tokens: they never come out of text. The first pads, the last ends a turn of the chat. */
export const controlTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;

const tagNames: readonly string[] = Object.values(gameFormats.tiny.tags);

/** The tags of the game, a token each; not special, as they are part of what the model says. */
export const tagTokens: readonly string[] = tagNames.flatMap((tag) => [`<${tag}>`, `</${tag}>`]);

const marks = '. , ; : ? ! \' " ( ) < > / - ‹'.split(' ');
/** Words that stand after a bracket, a number's point, or at the beginning of a message. */
const unspacedWords = 'user assistant system also information solve verify propose'.split(' ');
const sampleWorld = { seed: 1000, entities: 2000 };
/** Words that only the players say, and those around the chat. */
const otherWords = 'unknown of also known as km mi ft user assistant system No passage was found';

/**
 * Every piece that the tiny policy reads or writes as one token: the bytes apart, these are all
 * words of the generated encyclopedias, their questions and the game, and all numbers of two digits.
 * Sorted, so that an id says nothing.
 */
export async function vocabularyPieces(): Promise<string[]> {
  const world = createWorld(sampleWorld);
  const questions = await makeQuestions(world, 3000);
  const wordings = kinds.flatMap(({ leads, colour, pronouns, relations }) => [
    ...[...leads, ...colour, ...pronouns],
    ...relations.flatMap(({ name, sentences, phrases, questions: asked }) => [
      ...[name, ...sentences, ...phrases, ...asked],
    ]),
  ]);
  const prompts = Object.values(gameFormats.tiny.prompts).map(({ user }) => user);
  const texts = [
    ...[...firstWords, ...lastWords, ...wordings, ...prompts],
    ...tagNames,
    ...[...facts(world)].map(({ object }) => object),
    ...questions.map(({ question }) => question),
    otherWords,
  ];
  const words = new Set(texts.flatMap((text) => text.match(/\p{L}+/gu) ?? []));
  const numbers = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
  const digits = Array.from({ length: 10 }, (_, n) => String(n));
  const alone = [...numbers, ...digits, ...marks];
  const spaced = [...words, ...alone].map((piece) => ` ${piece}`);
  return [...new Set([...spaced, ...alone, ...unspacedWords])].sort();
}
