import { defineErrors } from './entry.ts';

/** Tokenizers and chat templates of language models. */
export const tokenizerErrors = defineErrors({
  SSP_TOKENIZER_UNSUPPORTED: {
    message: 'The tokenizer {path} cannot be used: {problem}',
    remedy:
      'Choose a model with a byte-level BPE tokenizer.json, as Qwen2.5, Qwen3 and Llama 3 have it, and check that the file is whole.',
    status: 400,
    exitCode: 2,
  },
  SSP_CHAT_TEMPLATE_MISSING: {
    message: 'The model folder {path} has no chat template.',
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
});
