import { defineErrors } from './entry.ts';

/** Encoder models and embedding servers. */
export const encoderErrors = defineErrors({
  SSP_ENCODER_NOT_FOUND: {
    message: 'There is no encoder {model}: no folder at {path}, and it is no hub id.',
    remedy:
      'Name a model folder, a hub id such as intfloat/e5-small-v2, or tiny-e5 (--encoder-model); or put the folder of an index’s encoder beside the index as `encoder`. Search by bm25 needs none (--mode bm25).',
    status: 404,
    exitCode: 2,
  },
  SSP_ENCODER_NO_ONNX: {
    message: 'The hub model {model} has no {weights}; it has {has}.',
    remedy:
      'Choose another --encoder-dtype, or download its PyTorch folder and run `ssp encoder export`.',
    status: 404,
    exitCode: 2,
  },
  SSP_ENCODER_FILES_MISSING: {
    message: 'The encoder folder {path} lacks {files}.',
    remedy:
      'A folder needs config.json, tokenizer.json, tokenizer_config.json and {weights}. `ssp encoder export` makes the onnx files from a PyTorch folder.',
    status: 404,
    exitCode: 2,
  },
  SSP_ENCODER_UNSUPPORTED: {
    message: 'The encoder {path} cannot be used: {problem}',
    remedy:
      'Choose a BERT or XLM-RoBERTa sentence encoder with mean or CLS pooling, such as intfloat/e5-small-v2.',
    status: 400,
    exitCode: 2,
  },
  SSP_ENCODER_FAILED: {
    message: 'The encoder {name} failed: {problem}',
    remedy:
      'Give it less at a time (--encoder-batch-tokens) if memory ran out; otherwise make its folder again.',
    status: 500,
    exitCode: 3,
  },
  SSP_ENCODER_EXPORT_FAILED: {
    message: 'Exporting {path} failed: {problem}',
    remedy:
      'Check that the folder holds config.json, the tokenizer and whole PyTorch weights (model.safetensors or pytorch_model.bin).',
    status: 500,
    exitCode: 2,
  },
  SSP_EMBEDDINGS_UNREACHABLE: {
    message: 'The embeddings server {url} does not answer: {problem}',
    remedy: 'Check that it runs and that its address (--encoder-url) is right; then try again.',
    status: 503,
    exitCode: 3,
  },
  SSP_EMBEDDINGS_REFUSED: {
    message: 'The embeddings server {url} refuses the request: {problem}',
    remedy:
      'Check the model name (--encoder-model) and the key (environment variable SSP_EMBEDDINGS_KEY), and that passages fit the limit of the model.',
    status: 502,
    exitCode: 2,
  },
  SSP_EMBEDDINGS_INVALID: {
    message: 'The reply of the embeddings server {url} cannot be used: {problem}',
    remedy: 'Check that it is an OpenAI-compatible embeddings server and serves the named model.',
    status: 502,
    exitCode: 3,
  },
});

/** Fetching models by name. */
export const hubErrors = defineErrors({
  SSP_MODEL_OFFLINE: {
    message: 'The model {model} is not in the cache, and {hub} cannot be reached: {problem}',
    remedy:
      'Run it once with a network, or put these files of the model into {folder}: {files} (and the small .json files beside them, where the model has some).',
    status: 503,
    exitCode: 3,
  },
  SSP_MODEL_NOT_ON_HUB: {
    message: 'The hub {hub} gives no model {model} (HTTP {status}).',
    remedy:
      'Check the spelling; a private or gated model needs a token in the environment variable HF_TOKEN.',
    status: 404,
    exitCode: 2,
  },
  SSP_DOWNLOAD_CHECKSUM: {
    message: '{url} arrived damaged: its checksum is {found} instead of {expected}.',
    remedy: 'Run the command again; the damaged file was removed.',
    status: 502,
    exitCode: 3,
  },
});

/** Tokenizers and chat templates of language models. */
export const tokenizerErrors = defineErrors({
  SSP_TOKENIZER_UNSUPPORTED: {
    message: 'The tokenizer {path} cannot be used: {problem}',
    remedy:
      'Choose a model with a byte-level BPE tokenizer.json, as Qwen2.5, Qwen3 and Llama 3 have it, and check that the file is whole.',
    status: 400,
    exitCode: 2,
  },
  SSP_TOKENIZER_CONTRADICTORY: {
    message: 'The files of the tokenizer in {path} contradict one another: {problem}.',
    remedy:
      'Take all of them from one and the same model; where tokenizer.json is right, correct the named field.',
    status: 400,
    exitCode: 2,
  },
  SSP_CHAT_TEMPLATE_MISSING: {
    message: 'The model folder {path} has no chat template: {problem}.',
    remedy:
      'Put the template into chat_template.jinja of the folder, or take the instruct version of the model.',
    status: 404,
    exitCode: 2,
  },
  SSP_CHAT_TEMPLATE_FAILED: {
    message: 'The chat template of {path} fails: {problem}',
    remedy:
      'Check that the roles, their order and the tools are those that this model family knows; if the template itself is wrong, correct it in the folder.',
    status: 400,
    exitCode: 2,
  },
  SSP_CHAT_TEMPLATE_UNSUPPORTED: {
    message: 'The chat template of {path} cannot be rendered as Python would: {problem}.',
    remedy:
      'Write the template without it, in chat_template.jinja of the folder; docs/policy-service.md says what is carried out.',
    status: 400,
    exitCode: 2,
  },
});

/** OpenAI-compatible chat servers: the judge, and models under evaluation. */
export const chatServerErrors = defineErrors({
  SSP_CHAT_SERVER_UNREACHABLE: {
    message: 'The chat server {url} does not answer: {problem}',
    remedy: 'Check the address and that the server runs; a slow one may need a higher timeout.',
    status: 503,
    exitCode: 3,
  },
  SSP_CHAT_SERVER_REFUSED: {
    message: 'The chat server {url} replied {status}: {reply}',
    remedy: 'Check the model name, the token in the environment and the limits of the server.',
    status: 502,
    exitCode: 3,
  },
  SSP_CHAT_REPLY_INVALID: {
    message: 'The chat server {url} sent no chat completion: {problem}',
    remedy: 'Give the address of an OpenAI-compatible server, such as http://localhost:8080/v1.',
    status: 502,
    exitCode: 3,
  },
  SSP_JUDGE_UNCLEAR: {
    message: 'The judge gave no verdict in the form that was asked for: {reply}',
    remedy: 'A few are only counted; where there are many, take a judge that follows instructions.',
    status: 502,
    exitCode: 3,
  },
});
