import { defineErrors } from './entry.ts';

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
