import type { Test } from 'tap';
import { test } from 'tap';

import { isSspError } from '../../../../src/errors/error.ts';
import { tinyEncoderFolder } from '../../../../src/models/shipped.ts';
import { describeFolder } from '../../../../src/retrieval/model-folder.ts';

const bert = { model_type: 'bert', hidden_size: 8, max_position_embeddings: 512 };
const xlmRoberta = {
  model_type: 'xlm-roberta',
  hidden_size: 8,
  max_position_embeddings: 514,
  pad_token_id: 1,
};
const modules = (...kinds: string[]): object[] =>
  kinds.map((kind, idx) => ({
    idx,
    name: String(idx),
    path: kind === 'Transformer' ? '' : `${idx}_${kind}`,
    type: `sentence_transformers.models.${kind}`,
  }));
const files = (contents: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(contents).map(([name, value]) => [name, JSON.stringify(value)]),
  );

test('an e5 folder without further files gets the rules of e5', async (t) => {
  const folder = t.testdir(files({ 'config.json': bert }));
  t.same(await describeFolder(folder, 'e5-small-v2'), {
    name: 'e5-small-v2',
    dimension: 8,
    pooling: 'mean',
    normalize: true,
    queryPrefix: 'query: ',
    passagePrefix: 'passage: ',
    titleSeparator: '\n',
    queryMaxTokens: 256,
    passageMaxTokens: 512,
  });
});

test('the shipped encoder is described as in the indexes that exist', async (t) => {
  t.same(await describeFolder(tinyEncoderFolder, 'tiny-e5'), {
    name: 'tiny-e5',
    dimension: 128,
    pooling: 'mean',
    normalize: true,
    queryPrefix: 'query: ',
    passagePrefix: 'passage: ',
    titleSeparator: '\n',
    queryMaxTokens: 256,
    passageMaxTokens: 512,
  });
});

test('multilingual e5: two of 514 positions are taken by RoBERTa itself', async (t) => {
  const folder = t.testdir(files({ 'config.json': xlmRoberta }));
  const description = await describeFolder(folder, 'multilingual-e5-small');
  t.equal(description.passageMaxTokens, 512);
  t.equal(description.queryPrefix, 'query: ');
});

test('a sentence-transformers folder says its own rules', async (t) => {
  const folder = t.testdir({
    ...files({
      'config.json': bert,
      'modules.json': modules('Transformer', 'Pooling'),
      'sentence_bert_config.json': { max_seq_length: 128 },
      'config_sentence_transformers.json': { prompts: { query: 'q> ', document: 'd> ' } },
    }),
    '1_Pooling': files({
      'config.json': { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
    }),
  });
  t.match(await describeFolder(folder, 'my-model'), {
    pooling: 'cls',
    normalize: false,
    queryPrefix: 'q> ',
    passagePrefix: 'd> ',
    queryMaxTokens: 128,
    passageMaxTokens: 128,
  });
});

test('the newer form of the pooling file is read too', async (t) => {
  const folder = t.testdir({
    ...files({
      'config.json': bert,
      'modules.json': modules('Transformer', 'Pooling', 'Normalize'),
    }),
    '1_Pooling': files({ 'config.json': { embedding_dimension: 8, pooling_mode: 'mean' } }),
  });
  t.match(await describeFolder(folder, 'my-model'), { pooling: 'mean', normalize: true });
});

/** A folder of sentence-transformers with mean pooling, but for what is given. */
function sentenceFolder(
  t: Test,
  contents: Record<string, unknown>,
  pooling: object = { pooling_mode: 'mean' },
): string {
  const usual = { 'config.json': bert, 'modules.json': modules('Transformer', 'Pooling') };
  return t.testdir({
    ...files({ ...usual, ...contents }),
    '1_Pooling': files({ 'config.json': pooling }),
  });
}

async function refused(t: Test, folder: string, problem: RegExp): Promise<void> {
  const expected = { code: 'SSP_ENCODER_UNSUPPORTED', details: { path: folder, problem } };
  await t.rejects(describeFolder(folder, 'x'), expected);
}

test('poolings that are not carried out are refused by name', async (t) => {
  const poolings: [object, RegExp][] = [
    [{ pooling_mode_max_tokens: true }, /pools by max;/],
    [{ pooling_mode_lasttoken: true }, /pools by lasttoken;/],
    [{ pooling_mode: 'weightedmean' }, /pools by weightedmean;/],
    [{ pooling_mode_mean_sqrt_len_tokens: true }, /pools by mean_sqrt_len;/],
    [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: true }, /by cls and mean;/],
    [{ pooling_mode: ['mean', 'max'] }, /by mean and max;/],
    [{}, /pools by nothing;/],
    [{ pooling_mode: 'mean', word_embedding_dimension: 16 }, /of 16 dimensions.*hidden_size 8/],
  ];
  for (const [pooling, problem] of poolings) {
    await refused(t, sentenceFolder(t, {}, pooling), problem);
  }
});

test('modules that are not carried out are refused by name', async (t) => {
  const orders: [string[], RegExp][] = [
    [['Transformer', 'Pooling', 'Dense', 'Normalize'], /where the Dense module/],
    [['Transformer', 'Dense'], /where the Dense module/],
    [['Transformer', 'Normalize', 'Pooling'], /where the Normalize module/],
    [['Transformer', 'Pooling', 'Normalize', 'Dense'], /where the Dense module/],
    [['StaticEmbedding'], /where the StaticEmbedding module/],
    [['Transformer'], /says Transformer;/],
    [[], /says nothing;/],
  ];
  for (const [kinds, problem] of orders) {
    await refused(t, sentenceFolder(t, { 'modules.json': modules(...kinds) }), problem);
  }
  const apart = [
    { path: '0_Transformer', type: 'sentence_transformers.models.Transformer' },
    ...modules('Transformer', 'Pooling').slice(1),
  ];
  await refused(t, sentenceFolder(t, { 'modules.json': apart }), /in the folder 0_Transformer/);
});

const settings = 'config_sentence_transformers.json';

test('instructions are found by the names that models give them', async (t) => {
  const search = 'Instruct: Find it.\nQuery: ';
  const cases: [object, string, string][] = [
    [{ prompts: { query: 'q', passage: 'p' } }, 'q', 'p'],
    [{ prompts: { search_query: 'q', search_document: 'p', clustering: 'c' } }, 'q', 'p'],
    [{ prompts: { s2p_query: search, s2s_query: 's' } }, search, ''],
    [{ prompts: { web_search_query: search, sts_query: 's' } }, search, ''],
    [{ prompts: { 'retrieval.query': 'q', 'retrieval.passage': 'p' } }, 'q', 'p'],
    [{ prompts: { query: 'q', document: '', STS: 's' } }, 'q', ''],
    [{ prompts: { STS: 's' }, default_prompt_name: 'STS' }, 's', 's'],
    [{ prompts: { query: 'q', STS: 's' }, default_prompt_name: 'STS' }, 'q', 's'],
    [{ prompts: { query: '', document: '' }, default_prompt_name: null }, '', ''],
    [{ prompts: null }, '', ''],
  ];
  for (const [value, queryPrefix, passagePrefix] of cases) {
    const description = await describeFolder(sentenceFolder(t, { [settings]: value }), 'x');
    t.match(description, { queryPrefix, passagePrefix }, JSON.stringify(value));
  }
});

test('instructions by other names are refused, unless ssp-encoder.json says which they are', async (t) => {
  const prompts = { prompts: { STS: 's', Summarization: 't' } };
  const folder = sentenceFolder(t, { [settings]: prompts });
  await refused(t, folder, /named STS, Summarization,.*ssp-encoder\.json/);
  const stated = { queryPrefix: 's', passagePrefix: '' };
  const told = sentenceFolder(t, { [settings]: prompts, 'ssp-encoder.json': stated });
  t.match(await describeFolder(told, 'x'), stated);
  const unknown = { prompts: {}, default_prompt_name: 'query' };
  await refused(t, sentenceFolder(t, { [settings]: unknown }), /default_prompt_name is query/);
  const excluded = { pooling_mode: 'mean', include_prompt: false };
  const query = { [settings]: { prompts: { query: 'q' } } };
  await refused(t, sentenceFolder(t, query, excluded), /include_prompt is false/);
  t.match(await describeFolder(sentenceFolder(t, {}, excluded), 'x'), { pooling: 'mean' });
});

test('an instruct model of e5 wants an instruction before queries and nothing before passages', async (t) => {
  const folder = t.testdir(files({ 'config.json': xlmRoberta }));
  const description = await describeFolder(folder, 'multilingual-e5-large-instruct');
  t.match(description, {
    queryPrefix:
      'Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: ',
    passagePrefix: '',
    queryMaxTokens: 512,
    passageMaxTokens: 512,
  });
});

test('vectors are unit vectors where they are compared by cosine', async (t) => {
  const similarity = async (name: unknown): Promise<boolean> => {
    const folder = sentenceFolder(t, { [settings]: { similarity_fn_name: name } });
    return (await describeFolder(folder, 'x')).normalize;
  };
  t.equal(await similarity('cosine'), true);
  t.equal(await similarity('dot'), false);
  t.equal(await similarity(null), false);
  const euclidean = { [settings]: { similarity_fn_name: 'euclidean' } };
  await refused(t, sentenceFolder(t, euclidean), /similarity_fn_name is euclidean/);
  await refused(t, sentenceFolder(t, { [settings]: { truncate_dim: 4 } }), /truncate_dim is 4/);
  t.equal(
    (await describeFolder(sentenceFolder(t, { [settings]: { truncate_dim: 8 } }), 'x')).dimension,
    8,
  );
});

const lowering = (lowercase: boolean): object => ({
  normalizer: {
    type: 'BertNormalizer',
    lowercase,
    strip_accents: null,
    handle_chinese_chars: true,
  },
  added_tokens: [{ content: '[PAD]' }],
  model: { vocab: { '[PAD]': 0 } },
});

test('a tokenizer that two files describe differently is refused by field and value', async (t) => {
  const folder = (tokenizer: object, config: object, sentence = {}): string =>
    sentenceFolder(t, {
      'tokenizer.json': tokenizer,
      'tokenizer_config.json': config,
      'sentence_bert_config.json': sentence,
    });
  const same = { do_lower_case: true, strip_accents: null, pad_token: '[PAD]' };
  t.ok(await describeFolder(folder(lowering(true), same), 'x'));
  await refused(
    t,
    folder(lowering(true), { do_lower_case: false }),
    /do_lower_case false, tokenizer\.json true/,
  );
  await refused(t, folder(lowering(true), { strip_accents: false }), /strip_accents false/);
  const chinese = { tokenize_chinese_chars: false };
  await refused(t, folder(lowering(true), chinese), /tokenize_chinese_chars false/);
  await refused(t, folder(lowering(true), { pad_token: '<pad>' }), /pad_token <pad>, unknown/);
  await refused(
    t,
    folder({}, { do_lower_case: true }),
    /do_lower_case true, tokenizer\.json false/,
  );
  const lowered = { do_lower_case: true };
  await refused(t, folder(lowering(false), {}, lowered), /sentence_bert_config\.json has do_lower/);
  t.ok(await describeFolder(folder(lowering(true), {}, lowered), 'x'));
});

test('the shortest limit of tokens holds', async (t) => {
  const limit = async (contents: Record<string, unknown>): Promise<number> =>
    (await describeFolder(sentenceFolder(t, contents), 'x')).passageMaxTokens;
  const most = { 'tokenizer_config.json': { model_max_length: 128 } };
  t.equal(await limit(most), 128);
  t.equal(await limit({ ...most, 'sentence_bert_config.json': { max_seq_length: 256 } }), 256);
  t.equal(await limit({ 'sentence_bert_config.json': { max_seq_length: 9999 } }), 512);
  t.equal(await limit({ 'tokenizer_config.json': { model_max_length: 1e30 } }), 512);
});

test('what ssp-encoder.json says wins, so that a renamed folder keeps its rules', async (t) => {
  const folder = t.testdir(
    files({
      'config.json': bert,
      'ssp-encoder.json': { name: 'intfloat/e5-small-v2', queryMaxTokens: 64 },
    }),
  );
  t.match(await describeFolder(folder, 'renamed'), {
    name: 'intfloat/e5-small-v2',
    passagePrefix: 'passage: ',
    queryMaxTokens: 64,
    passageMaxTokens: 512,
  });
});

test('a damaged file is named', async (t) => {
  const folder = t.testdir({ ...files({ 'config.json': bert }), 'modules.json': '{' });
  const error: unknown = await describeFolder(folder, 'x').catch((error: unknown) => error);
  t.ok(isSspError(error, 'SSP_FILE_INVALID'));
  t.match(String(error), /modules\.json/);
});
