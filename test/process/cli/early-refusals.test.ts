import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Test } from 'tap';
import { test } from 'tap';

import { ssp } from '../../material/cli/ssp.ts';
import { testFolder } from '../../material/test-folder.ts';

const fixture = fileURLToPath(new URL('../../material/chat/fixtures/qwen3', import.meta.url));
const shipped = fileURLToPath(new URL('../../../src/game/formats/ssp.yaml', import.meta.url));

/** Of config.json, which decides where the command starts the service by itself. */
const ofServed = /vocab_size|SSP_TRAINING_CONTEXT/;

/** A model folder without weights, a seed and a question; the index `none` is opened after all checks. */
async function place(t: Test) {
  const folder = testFolder(t);
  const [model, seeds, set] = ['model', 'seeds.jsonl', 'set.jsonl'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  await cp(fixture, model, { recursive: true });
  await writeFile(join(model, 'config.json'), '{"max_position_embeddings": 40960}');
  await writeFile(seeds, '{"ground_truth": "Titan", "search_turns": 2}\n');
  await writeFile(set, '{"id": "1", "question": "Which moon?", "golden_answers": ["Titan"]}\n');
  const index = ['--index', join(folder, 'none')];
  const service = 'http://127.0.0.1:9';
  const commands = {
    train: ['train', '--run', join(folder, 'run'), '--seeds', seeds, '--policy-model', model],
    eval: [
      ...['eval', '--set', `set=${set}`, '--out', join(folder, 'scores')],
      ...['--policy-url', service, '--tokenizer', model],
    ],
    'warm-start': [
      ...['warm-start', '--questions', set, '--out', join(folder, 'warm'), '--policy-model', model],
    ],
  };
  const refused = async (error: RegExp, ...more: string[]): Promise<void> => {
    for (const [name, command] of Object.entries(commands)) {
      if (name === 'eval' && ofServed.test(error.source)) continue;
      const { exitCode, stderr } = await ssp([...command, ...index, ...more]);
      t.equal(exitCode, 2, name);
      t.match(stderr, error, name);
    }
  };
  return { folder, model, refused };
}

test('a tokenizer or a chat template that cannot be used is refused before an index is opened', async (t) => {
  const { model, refused } = await place(t);
  await refused(/error SSP_FILE_NOT_FOUND: There is no index/);
  await refused(/error SSP_TRAINING_CONTEXT/, '--game-max-response-tokens', '40960');
  const config = join(model, 'config.json');
  await writeFile(config, '{"vocab_size": 300}');
  await refused(/CONTRADICTORY.* the id \d+, config\.json has vocab_size 300/);
  await writeFile(config, '{}');
  await rm(join(model, 'chat_template.jinja'));
  await refused(
    /error SSP_CHAT_TEMPLATE_MISSING.* no chat_template\.jinja, and tokenizer_config\.json has no field chat_template/,
  );
  await rm(join(model, 'tokenizer_config.json'));
  await refused(/error SSP_CHAT_TEMPLATE_MISSING.*and there is no tokenizer_config\.json/);
  await writeFile(join(model, 'tokenizer_config.json'), '{"eos_token": "<|end|>"}');
  await refused(/error SSP_TOKENIZER_CONTRADICTORY.*eos_token <\|end\|>/);
});

test('so are prompts: a hole that is missing, a tag that is left out, more than the limit', async (t) => {
  const { folder, refused } = await place(t);
  await refused(
    /error SSP_PROMPT_TOO_LONG: The prompt of the (proposer|solver) takes \d+ tokens .*game\.maxPromptTokens is 20\./,
    ...['--game-max-prompt-tokens', '20'],
  );
  const prompts = join(folder, 'mine.yaml');
  const text = await readFile(shipped, 'utf8');
  await writeFile(prompts, text.replaceAll('{question}', ''));
  const own = ['--game-prompts', prompts];
  await refused(
    /error SSP_CONFIG_INVALID.*prompts\.solver: the hole \{question\} is missing/,
    ...own,
  );
  await writeFile(prompts, text.replace('search: search', 'search: query'));
  await refused(
    /error SSP_CONFIG_INVALID.*prompts\.proposer: it tells of tags, but not of <query>/,
    ...own,
  );
});
