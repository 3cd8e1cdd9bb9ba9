import { defineErrors } from './entry.ts';

/**
 * The policy service and its client. `npm run docs` also writes these rows to
 * services/policy/ssp_policy/error_catalogue.json, where the Python side reads them; placeholders
 * are single words, so that they are names in both languages.
 */
export const policyErrors = defineErrors({
  SSP_POLICY_REQUEST_INVALID: {
    message: 'The request is not valid: {problem}',
    remedy: 'Correct the named field; GET /openapi.json describes every field.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_TOKEN_OUT_OF_RANGE: {
    message: '{where} holds token {token}; the ids of this model go from 0 to {last}.',
    remedy: 'Encode the text with the tokenizer of this model; GET /v1/facts gives its vocabulary.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_SEQUENCE_TOO_LONG: {
    message: '{where} needs room for {length} tokens; the limit is {limit}.',
    remedy:
      'Send a shorter sequence or a smaller max_tokens, or start the service with a higher --max-sequence-tokens.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_SHAPE_MISMATCH: {
    message: '{where} has {found} entries; it needs {expected}.',
    remedy: 'Send one value for each token of its sequence.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_WEIGHT_NOT_FINITE: {
    message: '{where} is {value}; a weight must be a finite number.',
    remedy: 'Look for a division by zero or an overflow where the weights are computed.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_LIMIT_EXCEEDED: {
    message: 'The request is over a limit of this service: {problem}',
    remedy: 'Send less in one request, or start the service with a higher limit.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_BODY_MALFORMED: {
    message: 'The request body is not JSON: {problem}',
    remedy: 'Send one JSON object in UTF-8.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_BODY_TOO_LARGE: {
    message: 'The request body is larger than {limit} bytes.',
    remedy: 'Send fewer sequences in one request, or start the service with more --max-body-bytes.',
    status: 413,
    exitCode: 2,
  },
  SSP_POLICY_CONTENT_TYPE: {
    message: 'The content type {type} is not supported.',
    remedy: 'Send the header `content-type: application/json`.',
    status: 415,
    exitCode: 2,
  },
  SSP_POLICY_HOST_REFUSED: {
    message: 'This service is not asked as {host}.',
    remedy:
      'Use the address that it listens on, or start it with --allowed-hosts and this name: others are refused, as a web page could have made them up.',
    status: 403,
    exitCode: 2,
  },
  SSP_POLICY_ORIGIN_REFUSED: {
    message: 'Web pages of {origin} may not use this service.',
    remedy: 'Start the service with --allowed-origins and this origin, if its pages may.',
    status: 403,
    exitCode: 2,
  },
  SSP_POLICY_HTTP_MALFORMED: {
    message: 'This is not a valid HTTP request: {problem}',
    remedy: 'Use an HTTP/1.1 client.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_ROUTE_UNKNOWN: {
    message: 'There is no {method} {path}.{hint}',
    remedy: 'GET /openapi.json lists every route.',
    status: 404,
    exitCode: 2,
  },
  SSP_POLICY_METHOD_NOT_ALLOWED: {
    message: '{path} does not take {method}.',
    remedy: 'Use {allowed}.',
    status: 405,
    exitCode: 2,
  },
  SSP_POLICY_MODEL_UNKNOWN: {
    message: 'There is no model {model}; this service has {models}.',
    remedy: 'Name one of these, or make the snapshot first.',
    status: 404,
    exitCode: 2,
  },
  SSP_POLICY_CHECKPOINT_UNKNOWN: {
    message: 'There is no checkpoint {name} in {folder}.',
    remedy: 'Check the name and the --checkpoints folder of the service.',
    status: 404,
    exitCode: 2,
  },
  SSP_POLICY_SNAPSHOT_EXISTS: {
    message: 'There is already a snapshot {name}; snapshots never change.',
    remedy: 'Choose another name, or DELETE this snapshot first.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_CHECKPOINT_EXISTS: {
    message: 'There is already a checkpoint {name} in {folder}.',
    remedy: 'Choose another name, or send "overwrite": true.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_CHECKPOINT_DAMAGED: {
    message: 'The checkpoint {path} is damaged: {problem}',
    remedy: 'Load an older checkpoint; the running weights were not touched.',
    status: 422,
    exitCode: 2,
  },
  SSP_POLICY_CHECKPOINT_DIFFERS: {
    message: 'The checkpoint {name} is another one than is wanted: {expected}; found {found}.',
    remedy:
      'Load the one that is meant, with the --model, the training mode and the --dtype that it was saved with; the running weights were not touched.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_SAVE_FAILED: {
    message: 'The checkpoint {path} cannot be written: {problem}',
    remedy: 'Free some disk space and check the permissions; nothing half-written was left.',
    status: 507,
    exitCode: 3,
  },
  SSP_POLICY_WEIGHTS_NOT_FINITE: {
    message: 'The weights {name} hold NaN or infinite values; no checkpoint of them was written.',
    remedy: 'Load the last checkpoint, and train with a lower lr or with max_grad_norm.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_GRADIENT_PENDING: {
    message: '{pending} sequences have a gradient that no step has used yet.',
    remedy: 'POST /v1/training/step to use it, or POST /v1/training/zero to drop it.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_NO_GRADIENT: {
    message: 'There is no gradient to step with.',
    remedy: 'POST /v1/training/backward first.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_GRADIENT_NOT_FINITE: {
    message: 'The {what} is not finite; nothing of this call was applied.',
    remedy: 'Send smaller weights or a lower learning rate; with bf16 try --dtype fp32.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_KEY_REUSED: {
    message: 'The idempotency key {key} was used for another request.',
    remedy: 'Use a new key for each new request; repeat a request with the same body.',
    status: 409,
    exitCode: 2,
  },
  SSP_POLICY_NO_TOKENIZER: {
    message: 'This model folder has no tokenizer, which {what} needs.',
    remedy: 'Send token ids, or put tokenizer.json into the model folder.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_NO_CHAT_TEMPLATE: {
    message: 'The tokenizer of this model has no chat template.',
    remedy: 'Use /v1/completions, or an instruct model.',
    status: 400,
    exitCode: 2,
  },
  SSP_POLICY_UNAUTHORIZED: {
    message: 'This service needs a token.',
    remedy: 'Send the header `authorization: Bearer <token>` with the token of the service.',
    status: 401,
    exitCode: 2,
  },
  SSP_POLICY_QUEUE_FULL: {
    message: '{waiting} requests are waiting; the limit is {limit}.',
    remedy: 'Repeat the request after the seconds of the Retry-After header.',
    status: 429,
    exitCode: 3,
  },
  SSP_POLICY_TOO_MANY_CONNECTIONS: {
    message: 'More than {limit} connections are open.',
    remedy: 'Use connections again, close those that are idle, or raise --max-connections.',
    status: 503,
    exitCode: 3,
  },
  SSP_POLICY_REQUEST_TIMEOUT: {
    message: 'The request did not arrive whole in time.',
    remedy: 'Send the whole request at once, or raise --request-timeout-seconds.',
    status: 408,
    exitCode: 3,
  },
  SSP_POLICY_NOT_READY: {
    message: 'The service is not ready: {state}.',
    remedy: 'Wait until GET /readyz replies 200, then repeat the request.',
    status: 503,
    exitCode: 3,
  },
  SSP_POLICY_STOPPING: {
    message: 'The service is stopping and takes no more requests.',
    remedy: 'Repeat the request once the service runs again.',
    status: 503,
    exitCode: 3,
  },
  SSP_POLICY_OUT_OF_MEMORY: {
    message: 'The device ran out of memory during {what}; nothing of this call was applied.',
    remedy: 'Lower {lower}.',
    status: 507,
    exitCode: 3,
  },
  SSP_POLICY_INTERNAL: {
    message: 'Unexpected failure: {problem}',
    remedy: 'This is a defect of ssp. Please report it with the log of the service.',
    status: 500,
    exitCode: 3,
  },
  SSP_POLICY_DOES_NOT_FIT: {
    message: 'This configuration needs {needed} on {device}, which has {available}: {parts}',
    remedy: 'Lower or change: {advice}. `ssp policy --preflight` prints the whole table.',
    status: 507,
    exitCode: 2,
  },
  SSP_POLICY_MODEL_UNSUPPORTED: {
    message: 'The model {path} is not supported: {problem}',
    remedy: 'Use a Qwen2, Qwen2.5, Qwen3 or Llama 3 model in the Hugging Face format, safetensors.',
    status: 500,
    exitCode: 2,
  },
  SSP_POLICY_MODEL_UNREADABLE: {
    message: 'The model file {path} cannot be read: {problem}',
    remedy: 'Fetch or copy the model again.',
    status: 500,
    exitCode: 2,
  },
  SSP_POLICY_WEIGHTS_REFUSED: {
    message: 'The weights in {path} are refused: {problem}.',
    remedy: 'Correct the model folder. {advice}',
    status: 500,
    exitCode: 2,
  },
  SSP_POLICY_ADAPTER_REFUSED: {
    message: 'The adapter in {path} is refused: {problem}.',
    remedy:
      'Take a plain LoRA adapter in PEFT’s format that was trained on this model; another kind is merged where it was made, and the result taken as --model.',
    status: 422,
    exitCode: 2,
  },
  SSP_POLICY_EXPORT_FAILED: {
    message: 'The model {path} cannot be written: {problem}',
    remedy: 'Name another --out folder; nothing half-written was left.',
    status: 507,
    exitCode: 3,
  },
  SSP_POLICY_TOKENIZER_REFUSED: {
    message: 'The tokenizer in {path} cannot be used: {problem}.',
    remedy:
      'Take all of its files from one and the same model with byte-level BPE, such as Qwen2.5, Qwen3 and Llama 3; where tokenizer.json is right, correct the named field.',
    status: 500,
    exitCode: 2,
  },
  SSP_POLICY_DEVICE_UNAVAILABLE: {
    message: 'The device {device} cannot be used: {problem}',
    remedy: 'Pass --device cpu, or check the driver and that this PyTorch was built for it.',
    status: 500,
    exitCode: 3,
  },
  SSP_POLICY_ADDRESS_UNAVAILABLE: {
    message: 'Cannot listen on {host} port {port}: {problem}',
    remedy: 'Stop the other program or choose another --host or --port; --port 0 takes a free one.',
    status: 500,
    exitCode: 2,
  },
  SSP_POLICY_TOKEN_REQUIRED: {
    message: 'The address {host} can be reached from other machines, so a token is required.',
    remedy: 'Set SSP_POLICY_TOKEN (or SSP_TOKEN), or listen on 127.0.0.1.',
    status: 500,
    exitCode: 2,
  },
  SSP_POLICY_TOKEN_INVALID: {
    message: 'The token of {source} is not usable: {problem}',
    remedy: 'Use 16 or more printable ASCII characters without spaces.',
    status: 500,
    exitCode: 2,
  },
  SSP_POLICY_UNREACHABLE: {
    message: 'No policy service answers at {url}: {problem}',
    remedy: 'Start one with `ssp policy --model <folder>`, or check the address.',
    status: 502,
    exitCode: 3,
  },
  SSP_POLICY_TIMEOUT: {
    message: 'The policy service at {url} did not reply within {timeoutMs} ms.',
    remedy: 'Send less in one request, or give it more time.',
    status: 504,
    exitCode: 3,
  },
  SSP_POLICY_REFUSED: {
    message: 'The policy service at {url} replied {status} {code}: {problem}',
    remedy: 'Look the code up in ERRORS.md; a 401 asks for the service’s token.',
    status: 502,
    exitCode: 3,
  },
  SSP_POLICY_REPLY_INVALID: {
    message: 'The policy service at {url} gave a reply that is not understood: {problem}',
    remedy: 'Check that the service and its client are of the same version.',
    status: 502,
    exitCode: 3,
  },
});
