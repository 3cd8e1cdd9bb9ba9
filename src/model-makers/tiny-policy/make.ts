import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ChatFormat } from '../../chat/chat-format.ts';
import { openChatFormat } from '../../chat/chat-format.ts';
import { tinyPolicyFolder } from '../../models/shipped.ts';
import type { JobContext } from '../../progress/progress.ts';
import { silentProgress } from '../../progress/progress.ts';
import { ensurePythonEnvironment } from '../../python/environment.ts';
import { runLines } from '../../python/process.ts';
import { createRandom } from '../../random/random.ts';
import { writeFileAtomic } from '../../storage/atomic-file.ts';
import { createFolder } from '../../storage/create-folder.ts';
import { writeTokenizer } from './tokenizer-folder.ts';
import { makeTrainingWorld } from './training-world.ts';
import { worldData } from './world-data.ts';

// It learns from what oracles played in the worlds of these seeds; the last one is only measured on. The
// default world, seed 1, is not among them: that is where it will play.
const firstSeed = 1000;
const trainingWorlds = 12;
const unseenSeed = 999;
const questions = 9000;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const runFolder = join(root, 'runs/tiny-policy');

/** Makes the shipped policy anew. Throws where its training fails, with the last that it said. */
export async function makePolicy(context: JobContext): Promise<void> {
  await createFolder(join(runFolder, 'examples'));
  await writeTokenizer(tinyPolicyFolder);
  const chat = await openChatFormat(tinyPolicyFolder);
  await writeWorldData(unseenSeed, join(runFolder, 'unseen.jsonl'), chat, context);
  for (let seed = firstSeed; seed < firstSeed + trainingWorlds; seed += 1) {
    await writeWorldData(seed, join(runFolder, 'examples', `${seed}.jsonl`), chat, context);
  }
  await train(context);
}

/** Writes what the oracles played in the world of `seed`, an example a line. */
async function writeWorldData(
  seed: number,
  file: string,
  chat: ChatFormat,
  { progress, signal }: JobContext,
): Promise<void> {
  signal.throwIfAborted();
  const folder = join(runFolder, 'world');
  const world = await makeTrainingWorld({
    ...{ folder, seed, questions, signal },
    progress: silentProgress,
  });
  const lines: string[] = [];
  try {
    for await (const example of worldData(world, chat, createRandom(seed, 'examples'))) {
      lines.push(`${JSON.stringify(example)}\n`);
    }
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
  await writeFileAtomic(file, lines.join(''));
  progress.note(`world ${seed}: ${lines.length} examples`);
}

async function train({ progress, signal }: JobContext): Promise<void> {
  const { python } = await ensurePythonEnvironment({ progress, signal });
  const files = {
    examples: join(runFolder, 'examples'),
    unseen: join(runFolder, 'unseen.jsonl'),
    out: tinyPolicyFolder,
    log: join(root, 'src/model-makers/tiny-policy/training-log.jsonl'),
  };
  const script = join(root, 'src/model-makers/tiny-policy/train.py');
  const args = Object.entries(files).flatMap(([name, path]) => [`--${name}`, path]);
  const ended = await runLines(python, [script, ...args], signal, (line) => {
    process.stdout.write(`${line}\n`);
  });
  signal.throwIfAborted();
  if (ended.code !== 0) throw new Error(ended.tail.join('\n'));
}
