import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { writeFileAtomic, writeJsonAtomic } from '../storage/atomic-file.ts';
import { controlTokens, piecePattern, tagTokens, vocabularyPieces } from './vocabulary.ts';

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
  await mkdir(folder, { recursive: true });
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
