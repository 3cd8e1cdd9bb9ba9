import { join } from 'node:path';

import { facts } from '../../../corpus/fictional/facts.ts';
import { kinds } from '../../../corpus/fictional/kinds.ts';
import { firstWords, lastWords } from '../../../corpus/fictional/names.ts';
import { makeQuestions } from '../../../corpus/fictional/questions.ts';
import { createWorld } from '../../../corpus/fictional/world.ts';
import { gameFormats } from '../../rollout/game-formats.ts';
import { writeFileAtomic, writeJsonAtomic } from '../../storage/atomic-file.ts';
import { createFolder } from '../../storage/create-folder.ts';

/** ChatML, as Qwen writes it. */
const chatTemplate =
  '{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}' +
  '{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

const maxTokens = 2048;

/**
 * Writes the tiny policy's tokenizer and chat template into `folder`: byte-level BPE without merges,
 * whose vocabulary holds all bytes and whole pieces. A known piece is one token (`ignore_merges`), as
 * in Llama 3; any other text is its bytes.
 */
export async function writeTokenizer(folder: string): Promise<void> {
  await createFolder(folder);
  await writeJsonAtomic(join(folder, 'tokenizer.json'), tokenizerJson(await vocabularyPieces()));
  await writeJsonAtomic(join(folder, 'tokenizer_config.json'), {
    tokenizer_class: 'PreTrainedTokenizerFast',
    eos_token: controlTokens[2],
    pad_token: controlTokens[0],
    model_max_length: maxTokens,
    clean_up_tokenization_spaces: false,
  });
  await writeFileAtomic(join(folder, 'chat_template.jinja'), chatTemplate);
}

function tokenizerJson(pieces: readonly string[]): object {
  const bytes = Array.from({ length: 256 }, (_, byte) => byteCharacters[byte] ?? '');
  const words = [...new Set([...bytes, ...pieces.map(byteLevel)])];
  const added = [...controlTokens, ...tagTokens];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added.map((content, i) => ({
      id: words.length + i,
      content,
      ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
      special: i < controlTokens.length,
    })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: piecePattern }, behavior: 'Isolated', invert: false },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      ...{ dropout: null, unk_token: null, continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: true },
      vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      merges: [],
    },
  };
}

/** The character that stands for each byte in byte-level BPE (GPT-2, `bytes_to_unicode`). */
const byteCharacters: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) ||
    (byte >= 0xa1 && byte <= 0xac) ||
    (byte >= 0xae && byte <= 0xff);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(isPrintable(byte) ? byte : next++),
  );
})();

function byteLevel(piece: string): string {
  return [...Buffer.from(piece)].map((byte) => byteCharacters[byte]).join('');
}

/** What text is cut into before anything else: words and numbers of two digits, each with a space before. */
const piecePattern = String.raw` ?\p{L}+| ?\p{N}{1,2}| ?[^\s\p{L}\p{N}]|\s`;

/** Special tokens: they never come out of text. The first pads, the last ends a turn of the chat. */
const controlTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'] as const;

const tagNames: readonly string[] = Object.values(gameFormats.tiny.tags);

/** The tags of the game, a token each; not special, as they are part of what the model says. */
const tagTokens: readonly string[] = tagNames.flatMap((tag) => [`<${tag}>`, `</${tag}>`]);

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
async function vocabularyPieces(): Promise<string[]> {
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
