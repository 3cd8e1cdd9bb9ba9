import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fc from 'fast-check';
import { test } from 'tap';
import { z } from 'zod';

import { openTokenizer } from '../../../src/chat/tokenizer.ts';

const fixtures = fileURLToPath(new URL('../../material/chat/fixtures', import.meta.url));
const families = ['qwen2.5', 'qwen3', 'llama-3.1'] as const;

// Ids and texts by Python's tokenizers; golden/tokens.py writes them.
const ids = z.array(z.int());
const familySchema = z.object({
  size: z.int(),
  texts: z.array(
    z.object({ text: z.string(), ids, withSpecial: ids, plain: ids, split: ids.nullable() }),
  ),
  decoded: z.array(z.object({ ids, text: z.string(), withoutSpecial: z.string() })),
});
const golden = z
  .object({
    made_by: z.string(),
    'qwen2.5': familySchema,
    qwen3: familySchema,
    'llama-3.1': familySchema,
  })
  .parse(
    JSON.parse(
      await readFile(new URL('../../material/chat/golden/tokens.json', import.meta.url), 'utf8'),
    ),
  );

for (const family of families) {
  test(`${family}: ids and texts are those of Python`, async (t) => {
    const tokenizer = await openTokenizer(join(fixtures, family));
    const { size, texts, decoded } = golden[family];
    t.equal(tokenizer.vocabularySize, size);
    const ours = texts.map(({ text, split }) => ({
      text,
      ids: tokenizer.encode(text),
      withSpecial: tokenizer.encode(text, { addSpecialTokens: true }),
      plain: tokenizer.encode(text, { plainText: true }),
      split: split && tokenizer.encode(text, { plainText: true }),
    }));
    t.same(ours, texts);
    const texted = decoded.map(({ ids }) => ({
      ids,
      text: tokenizer.decode(ids),
      withoutSpecial: tokenizer.decode(ids, { skipSpecialTokens: true }),
    }));
    t.same(texted, decoded);
  });

  test(`${family}: plain text holds no added token and decodes to itself`, async (t) => {
    const tokenizer = await openTokenizer(join(fixtures, family));
    const added = new Set(tokenizer.addedTokens.values());
    const pieces = fc.oneof(
      fc.constantFrom(...tokenizer.addedTokens.keys()),
      fc.constantFrom('<|', '|>', '<|im_', 'im_end', '<', '|'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    const texts = fc
      .array(pieces, { maxLength: 6 })
      .map((parts) => parts.join('').normalize('NFC'));
    fc.assert(
      fc.property(texts, (text) => {
        const ids = tokenizer.encode(text, { plainText: true });
        return !ids.some((id) => added.has(id)) && tokenizer.decode(ids) === text;
      }),
    );
    t.end();
  });
}

test('special tokens by name; no ids and ids without a token are the empty text', async (t) => {
  const qwen = await openTokenizer(join(fixtures, 'qwen3'));
  t.same(qwen.specialTokens, { eos_token: '<|im_end|>', pad_token: '<|endoftext|>' });
  t.equal(qwen.decode([qwen.addedTokens.get('<think>') ?? -1]), '<think>');
  const llama = await openTokenizer(join(fixtures, 'llama-3.1'));
  t.same(llama.specialTokens, { bos_token: '<|begin_of_text|>', eos_token: '<|eot_id|>' });
  t.same(llama.encode('', { addSpecialTokens: true, plainText: true }), [
    llama.addedTokens.get('<|begin_of_text|>'),
  ]);
  t.same(llama.encode(''), []);
  const spaced = "It is n't tidied , is it ?";
  t.equal(llama.decode(llama.encode(spaced)), spaced, 'though the folder asks for tidy spaces');
  t.equal(llama.decode([]), '');
  t.equal(llama.decode([llama.vocabularySize, 1e9, -1]), '');
});

test('which tokens are special stands in the files that Python reads', async (t) => {
  const folder = t.testdir({});
  await cp(join(fixtures, 'qwen3'), folder, { recursive: true });
  const write = (name: string, value: object): Promise<void> =>
    writeFile(join(folder, name), JSON.stringify(value));
  const special = async (): Promise<object> => (await openTokenizer(folder)).specialTokens;
  const end = { content: '<|im_end|>', lstrip: false, __type: 'AddedToken' };
  await write('tokenizer_config.json', { eos_token: end, pad_token: null });
  await write('special_tokens_map.json', {
    eos_token: '<|endoftext|>',
    bos_token: { content: '<|im_start|>', normalized: false },
    additional_special_tokens: ['<think>'],
  });
  // As of AutoTokenizer.from_pretrained(folder).special_tokens_map of transformers 5.17.0.
  t.same(await special(), { eos_token: '<|endoftext|>', bos_token: '<|im_start|>' });
  const tokenizer = await openTokenizer(folder);
  t.equal(tokenizer.decode(tokenizer.encode('a<think>'), { skipSpecialTokens: true }), 'a');
  const id = String(tokenizer.addedTokens.get('<|im_end|>'));
  const listed = { [id]: { ...end, special: true } };
  await write('tokenizer_config.json', { eos_token: end, added_tokens_decoder: listed });
  t.same(await special(), { eos_token: '<|im_end|>' }, 'the map is not read then');
  await write('tokenizer_config.json', { tokenizer_class: 'LlamaTokenizerFast' });
  await write('special_tokens_map.json', {});
  t.same(await special(), {}, 'no class brings tokens of its own');
  await rm(join(folder, 'tokenizer_config.json'));
  t.same(await special(), {}, 'a folder may be without it, as for the policy service');
  await write('special_tokens_map.json', { eos_token: '<|endoftext|>' });
  t.same(await special(), { eos_token: '<|endoftext|>' });
});

test('files that contradict tokenizer.json are refused by field and value', async (t) => {
  const folder = t.testdir({});
  await cp(join(fixtures, 'qwen3'), folder, { recursive: true });
  const end = (await openTokenizer(folder)).addedTokens.get('<|im_end|>') ?? 0;
  const im_end = { content: '<|im_end|>', special: true };
  const refused = async (config: object, problem: string): Promise<void> => {
    await writeFile(join(folder, 'tokenizer_config.json'), JSON.stringify(config));
    const details = { path: folder, problem };
    await t.rejects(openTokenizer(folder), { code: 'SSP_TOKENIZER_CONTRADICTORY', details });
  };
  const config = 'tokenizer_config.json';
  await refused(
    { eos_token: '<|end|>' },
    `${config} has eos_token <|end|>, unknown to tokenizer.json`,
  );
  await refused(
    { additional_special_tokens: ['<|im_end|>', { content: '<a>' }] },
    `${config} has additional_special_tokens <a>, unknown to tokenizer.json`,
  );
  await refused(
    { extra_special_tokens: { image: '<image>' } },
    `${config} has extra_special_tokens <image>, unknown to tokenizer.json`,
  );
  await refused(
    { added_tokens_decoder: { [end + 1]: im_end } },
    `${config} gives <|im_end|> the id ${end + 1}, tokenizer.json has ${end}`,
  );
  await refused(
    { added_tokens_decoder: { 7: { content: '<new>' } } },
    `${config} gives <new> the id 7, tokenizer.json has none`,
  );
  await refused(
    { added_tokens_decoder: { [end]: { ...im_end, lstrip: true } } },
    `${config} says lstrip true of <|im_end|>, tokenizer.json says false`,
  );
  for (const field of ['do_lower_case', 'remove_space', 'split_special_tokens']) {
    await refused(
      { [field]: true },
      `${config} has ${field} true, tokenizer.json does no such thing`,
    );
  }
  await writeFile(join(folder, config), '{}');
  await writeFile(join(folder, 'special_tokens_map.json'), '{"pad_token": "<pad>"}');
  await t.rejects(openTokenizer(folder), {
    message: /special_tokens_map.json has pad_token <pad>, unknown to tokenizer.json/,
  });
});

test('missing, cut and foreign files are coded errors', async (t) => {
  const folder = t.testdir({});
  await t.rejects(openTokenizer(folder), {
    code: 'SSP_FILE_NOT_FOUND',
    message: /There is no tokenizer at .*tokenizer\.json/,
  });
  await cp(join(fixtures, 'qwen3'), folder, { recursive: true });
  const file = join(folder, 'tokenizer.json');
  const whole = await readFile(file, 'utf8');
  const description = JSON.parse(whole) as { model: object; added_tokens: object[] };
  const refused = async (text: string, code: string): Promise<void> => {
    await writeFile(file, text);
    await t.rejects(openTokenizer(folder), { code }, text.slice(0, 40));
  };
  await refused(whole.slice(0, 5000), 'SSP_FILE_INVALID');
  await refused('[]', 'SSP_FILE_INVALID');
  await refused('{}', 'SSP_TOKENIZER_UNSUPPORTED');
  const foreign = { ...description, model: { ...description.model, type: 'Unigram' } };
  await refused(JSON.stringify(foreign), 'SSP_TOKENIZER_UNSUPPORTED');
  const drawn = { ...description, model: { ...description.model, dropout: 0.1 } };
  await refused(JSON.stringify(drawn), 'SSP_TOKENIZER_UNSUPPORTED');
  const wide = { id: 999, content: '<mask>', lstrip: true };
  const looking = { ...description, added_tokens: [...description.added_tokens, wide] };
  await refused(JSON.stringify(looking), 'SSP_TOKENIZER_UNSUPPORTED');
  const empty = { ...description, model: { type: 'BPE' } };
  await refused(JSON.stringify(empty), 'SSP_TOKENIZER_UNSUPPORTED');
  await writeFile(file, whole);
  await writeFile(join(folder, 'tokenizer_config.json'), '{"eos_token": 7}');
  await t.rejects(openTokenizer(folder), { code: 'SSP_FILE_INVALID' });
});

// The names, classes and flags of DeepSeek-R1-Distill-Llama on the words of the fixture; ids by
// tokenizers of Python, which reads tokenizer.json alone. LlamaTokenizer of transformers 5 gives others.
test('a byte-level folder that names LlamaTokenizerFast is read as its tokenizer.json says', async (t) => {
  const names = new Map([
    ['<|begin_of_text|>', '<｜begin▁of▁sentence｜>'],
    ['<|end_of_text|>', '<｜end▁of▁sentence｜>'],
    ['<|start_header_id|>', '<｜User｜>'],
    ['<|eom_id|>', '<think>'],
    ['<|eot_id|>', '</think>'],
  ]);
  let json = await readFile(join(fixtures, 'llama-3.1', 'tokenizer.json'), 'utf8');
  for (const [old, name] of names) json = json.replaceAll(old, name);
  const token = (content: string): object => ({ __type: 'AddedToken', content, normalized: true });
  const [bos, eos] = [token('<｜begin▁of▁sentence｜>'), token('<｜end▁of▁sentence｜>')];
  const config = {
    ...{
      add_bos_token: true,
      add_eos_token: false,
      bos_token: bos,
      eos_token: eos,
      pad_token: eos,
    },
    ...{ clean_up_tokenization_spaces: false, legacy: true, sp_model_kwargs: {}, unk_token: null },
    tokenizer_class: 'LlamaTokenizerFast',
  };
  const folder = t.testdir({
    'tokenizer.json': json,
    'tokenizer_config.json': JSON.stringify(config),
  });
  const tokenizer = await openTokenizer(folder);
  t.same(tokenizer.encode('the river and'), [331, 68, 220, 274, 500, 301]);
  t.same(tokenizer.encode('▁x ｜ y'), [158, 244, 223, 87, 220, 171, 121, 250, 502]);
  const chat = '<｜begin▁of▁sentence｜>hi<｜User｜>what<think>\n</think>';
  const ids = [956, 493, 960, 86, 71, 292, 962, 198, 963];
  t.same(tokenizer.encode(chat), ids);
  t.equal(tokenizer.decode(ids), chat);
  t.equal(tokenizer.encode('hi', { addSpecialTokens: true })[0], 956);
  t.match(tokenizer.specialTokens, { bos_token: '<｜begin▁of▁sentence｜>' });
});
