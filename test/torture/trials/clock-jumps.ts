import { join } from 'node:path';

import { skip } from '../../material/policy/served-policy.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import type { End, ProgramOptions } from '../program.ts';
import { errorCodeOf, mustRun, Program } from '../program.ts';
import { answersOf, serve } from '../search-answers.ts';
import type { TrainingGround } from '../training-ground.ts';
import { goOn, trainingGround } from '../training-ground.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';
import { buildArguments } from './index-build.ts';

const jumpingClock = new URL('../jumping-clock.ts', import.meta.url).href;

interface Ground {
  readonly corpus: string;
  readonly hash: string;
  readonly training: TrainingGround | undefined;
}

export const clockTrial: Trial = {
  name: 'clock-jumps',
  tries:
    'The clock of every process jumps by up to a day, back and forth, several times a second: two `index build` at once over an index that is served (one refused, the same manifest hash, the open index answers on), and a training (the same bytes).',
  missing: false,
  async prepare(folder, signal) {
    const [corpus, index] = [join(folder, 'corpus'), join(folder, 'index')];
    await writeCorpus(corpus, smallPassages(400));
    const built = await mustRun(buildArguments(corpus, index).slice(0, -1), { signal });
    const { manifestHash: hash } = built as { manifestHash: string };
    const training = skip === false ? await trainingGround(join(folder, 'run'), signal) : undefined;
    const ground = { corpus, hash, training };
    return async (attempt) => {
      if (training !== undefined && attempt.round % 2 === 1) await train(training, attempt);
      else await build(ground, attempt);
    };
  },
};

function jumping({ random, signal }: Attempt): ProgramOptions {
  return { signal, preload: [jumpingClock], env: { JUMPS: String(random.below(1_000_000)) } };
}

async function build({ corpus, hash }: Ground, attempt: Attempt): Promise<void> {
  const { folder, random, count } = attempt;
  const index = join(folder, 'index');
  const args = buildArguments(corpus, index);
  const first = (await mustRun(args.slice(0, -1), jumping(attempt))) as { manifestHash: string };
  holdSame(first.manifestHash, hash, 'the manifest hash under a jumping clock');
  const reader = await serve(index, jumping(attempt));
  const answers = await answersOf(reader.url);
  const one = new Program(args, jumping(attempt));
  await one.wait(random.below(1000));
  const other = new Program(args, jumping(attempt));
  const ends = await Promise.all([one.ended, other.ended]);
  const made = ends.filter(({ code }) => code === 0);
  hold(
    made.length > 0,
    () => `two builds, none made: ${ends.map(({ stderr }) => stderr).join('\n')}`,
  );
  for (const { stdout } of made) {
    const { manifestHash } = JSON.parse(stdout) as { manifestHash: string };
    holdSame(manifestHash, hash, 'the manifest hash under a jumping clock');
  }
  for (const end of ends) if (end.code !== 0) holdBusy(end);
  count(made.length === 2 ? 'two builds, one after the other' : 'two builds, one refused');
  holdSame(await answersOf(reader.url), answers, 'what the open index answers');
  reader.program.send('SIGTERM');
  await reader.program.ended;
  await mustRun(['index', 'verify', '--index', index, '--corpus', corpus], jumping(attempt));
  count('index: the same manifest hash');
}

function holdBusy(end: End): void {
  const code = errorCodeOf(end);
  hold(code === 'SSP_INDEX_BUSY', () => `the second build: ${end.code} ${end.stderr.slice(-2000)}`);
}

async function train(ground: TrainingGround, attempt: Attempt): Promise<void> {
  await goOn(ground, join(attempt.folder, 'run'), jumping(attempt));
  attempt.count('training: the same bytes');
}
