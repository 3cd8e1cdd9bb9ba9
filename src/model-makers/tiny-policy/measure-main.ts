import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openChatFormat } from '../../chat/chat-format.ts';
import { PolicyClient } from '../../clients/policy/policy-client.ts';
import { messageOf } from '../../errors/error.ts';
import { tinyPolicyFolder } from '../../models/shipped.ts';
import { silentProgress } from '../../progress/progress.ts';
import { measurePolicy } from './measure.ts';
import { makeTrainingWorld } from './training-world.ts';

// `npm run tiny-policy:measure -- <url of its policy service> [questions a hop] [seed]`: plays all
// three roles through the real services in a world that it has not seen, and prints the shares. The
// service is started before, `npx ssp policy --model src/models/tiny-policy --full --no-reference`.

const [url = 'http://127.0.0.1:8001', count = '200', seed = '1'] = process.argv.slice(2);
const { signal } = new AbortController();
const folder = await mkdtemp(join(tmpdir(), 'tiny-policy-'));
const client = new PolicyClient({ url });
const world = await makeTrainingWorld({
  ...{ folder, seed: Number(seed), questions: 3 * Number(count), signal },
  progress: silentProgress,
});
try {
  const chat = await openChatFormat(tinyPolicyFolder);
  const measured = await measurePolicy({ client, chat, world, count: Number(count), signal });
  process.stdout.write(`${JSON.stringify(measured, undefined, 2)}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 3;
} finally {
  await world.close();
  await client.close();
  await rm(folder, { recursive: true, force: true });
}
