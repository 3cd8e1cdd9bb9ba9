import { defineErrors } from './entry.ts';

/** Encoder models and embedding servers. */
export const encoderErrors = defineErrors({
  SSP_ENCODER_NOT_FOUND: {
    message: 'There is no encoder {model}: no folder at {path}, and it is no hub id.',
    remedy:
      'Name a model folder, a hub id such as intfloat/e5-small-v2, or tiny-e5 (--encoder-model).',
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
