import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildCorpus } from '../../../corpus/build-corpus.ts';
import { generateEncyclopedia } from '../../../corpus/fictional/generate.ts';
import { loadConfig } from '../../config/load.ts';
import { messageOf } from '../../errors/error.ts';
import { terminalProgress } from '../../progress/terminal-progress.ts';
import { ensurePythonEnvironment } from '../../python/environment.ts';
import { runLines } from '../../python/process.ts';
import { createFolder } from '../../storage/create-folder.ts';

// `npm run tiny-e5`: makes the shipped encoder anew. It learns from the worlds of four seeds and is
// measured on the default world, which it has not seen.

const trainingSeeds = [101, 102, 103, 104];
const unseenSeed = 1;
const entities = 2000;
/** Many to learn from: few of them start back. */
const trainingQuestions = 12_000;
const unseenQuestions = 3000;

const root = fileURLToPath(new URL('../../../', import.meta.url));
const worlds = join(root, 'runs/tiny-e5/worlds');
const controller = new AbortController();
const run = { signal: controller.signal, progress: terminalProgress(process.stderr) };

/** One encyclopedia and its corpus, in a folder of its own. */
async function makeWorld(name: string, seed: number, questions: number): Promise<void> {
  const out = join(worlds, name);
  const world = join(out, 'world');
  await generateEncyclopedia({ ...run, entities, questions, seed, out: world, force: true });
  const { corpus: config } = await loadConfig(undefined);
  const corpus = { out: join(out, 'corpus'), force: true, restart: true };
  await buildCorpus({ ...run, ...corpus, paths: [join(world, 'dump.xml')], config });
}

async function train(): Promise<number> {
  const { python } = await ensurePythonEnvironment(run);
  const files = {
    worlds,
    out: join(root, 'src/models/tiny-e5'),
    golden: join(root, 'test/unit/models/tiny-e5/golden.json'),
    log: join(root, 'src/model-makers/tiny-e5/training-log.jsonl'),
  };
  await createFolder(dirname(files.out));
  const script = join(root, 'src/model-makers/tiny-e5/train.py');
  const args = Object.entries(files).flatMap(([name, path]) => [`--${name}`, path]);
  const ended = await runLines(python, [script, ...args], run.signal, (line) => {
    process.stdout.write(`${line}\n`);
  });
  if (ended.code !== 0) process.stderr.write(`${ended.tail.join('\n')}\n`);
  return ended.code;
}

process.once('SIGINT', () => {
  controller.abort(new Error('SIGINT'));
});
try {
  await makeWorld('unseen', unseenSeed, unseenQuestions);
  for (const seed of trainingSeeds) {
    await makeWorld(String(seed), seed, trainingQuestions);
  }
  process.exitCode = await train();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = controller.signal.aborted ? 130 : 3;
}
