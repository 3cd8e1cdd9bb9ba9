import { defineErrors } from './entry.ts';

/**
 * The embeddings server (`ssp encoder serve`); what any Python service may answer, such as a body that
 * is too large, has the code of the policy service, whose parts it uses. Read by Python as those are.
 */
export const encoderServerErrors = defineErrors({
  SSP_ENCODER_SERVER_MODEL: {
    message: 'The encoder {path} cannot be served: {problem}',
    remedy:
      'Name a folder with config.json, tokenizer.json and whole PyTorch weights (model.safetensors or pytorch_model.bin) of a BERT or RoBERTa encoder; an ONNX export alone has none.',
    status: 500,
    exitCode: 2,
  },
  SSP_ENCODER_SERVER_QUEUE_FULL: {
    message: '{waiting} texts are waiting; the limit is {limit}.',
    remedy: 'Repeat the request after the seconds of the Retry-After header.',
    status: 429,
    exitCode: 3,
  },
  SSP_ENCODER_SERVER_NOT_FINITE: {
    message: 'The vectors of this request of {count} texts hold NaN or infinite numbers.',
    remedy: 'Start the server with --dtype bf16 or fp32, which have a wider range than fp16.',
    status: 422,
    exitCode: 2,
  },
  SSP_ENCODER_SERVER_KEY_REQUIRED: {
    message: 'The address {host} can be reached from other machines, so a key is required.',
    remedy: 'Set SSP_EMBEDDINGS_KEY here and where the index is built, or listen on 127.0.0.1.',
    status: 500,
    exitCode: 2,
  },
});
