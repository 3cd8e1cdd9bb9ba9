import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { openChatFormat } from '../../../src/chat/chat-format.ts';
import { promptIds } from '../../../src/rollout/sampler.ts';

test('a prompt does not depend on the day', async (t) => {
  const folder = fileURLToPath(new URL('../../material/chat/fixtures/llama-3.1', import.meta.url));
  const format = await openChatFormat(folder);
  const text = format.tokenizer.decode(promptIds(format, [{ role: 'user', content: 'Who?' }]));
  t.match(text, /Today is 26 Jul 2024/);
  t.match(text, /Who\?/);
  t.match(text, /assistant<\|end_header_id\|>\s*$/);
});
