import { resolve } from 'node:path';

import type { EncoderServerConfig } from '../config/encoder-server.ts';
import { SspError } from '../errors/error.ts';
import type { JobContext } from '../progress/progress.ts';
import type { FolderDescription } from '../retrieval/model-folder.ts';
import {
  defaultRules,
  describeFolder,
  describeInWords,
  folderName,
} from '../retrieval/model-folder.ts';
import type { PolicyEvents } from './policy-events.ts';
import { runPythonService, serviceFlags } from './python-service.ts';

/**
 * Serves the vectors of an encoder folder's PyTorch weights until the server ends or the signal is
 * aborted. Pooling, normalisation and length are those of the folder's description, as an index reads
 * it; prefixes are put before the texts by whoever asks. Throws SSP_USAGE, SSP_FILE_ errors,
 * SSP_ENCODER_UNSUPPORTED, the server's own coded errors and SSP_PYTHON_ errors.
 */
export async function serveEncoder(
  config: EncoderServerConfig,
  events: PolicyEvents,
  context: JobContext,
): Promise<void> {
  if (config.model === undefined) {
    throw new SspError('SSP_USAGE', { problem: 'give --model <folder with PyTorch weights>' });
  }
  const model = resolve(config.model);
  const described = await describeFolder(model, config.name ?? folderName(model));
  const description = { ...described, name: config.name ?? described.name };
  context.progress.note(describeInWords(description));
  const warning = prefixWarning(description);
  if (warning !== undefined) context.progress.note(warning);
  const { pooling, normalize, name } = description;
  const maxTokens = Math.max(description.queryMaxTokens, description.passageMaxTokens);
  const flags = serviceFlags({ ...config, model, name, pooling, normalize, maxTokens });
  await runPythonService(
    { module: 'ssp_encoder', flags: [...flags, '--stop-with-input'] },
    events,
    context,
  );
}

/** What to do where a client that knows only the name would put other prefixes before the texts. */
function prefixWarning(description: FolderDescription): string | undefined {
  const rules = defaultRules(description.name, Infinity);
  const fields = ['queryPrefix', 'passagePrefix'] as const;
  const odd = fields.filter((field) => rules[field] !== description[field]);
  if (odd.length === 0) return undefined;
  const shown = odd.map(
    (field) =>
      `${field} ${JSON.stringify(rules[field])}, not ${JSON.stringify(description[field])}`,
  );
  return (
    `warning: with --encoder-model ${description.name} ssp takes ${shown.join(' and ')} as the folder ` +
    'says; --name gives it a name that brings the right prefixes.'
  );
}
