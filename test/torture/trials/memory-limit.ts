import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { errorCodeOf, mustRun, Program } from '../program.ts';
import { answersOf, serve } from '../search-answers.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';
import { buildArguments } from './index-build.ts';

/** An index and its answers, undisturbed, and the address space that each command took for it. */
interface Ground {
  readonly corpus: string;
  readonly index: string;
  readonly hash: string;
  readonly answers: string;
  readonly buildKiB: number;
  readonly serveKiB: number;
}

export const memoryLimitTrial: Trial = {
  name: 'memory-limited',
  tries:
    '`index build` and `serve` get less address space (`ulimit -v`) than they take undisturbed, in turn: each works, or ends with an error or by the runtime; no answer is wrong, and what a build leaves is no index until the same command has made it whole.',
  missing: process.platform === 'linux' ? false : 'ulimit -v and /proc (Linux)',
  async prepare(folder, signal) {
    const [corpus, index] = [join(folder, 'corpus'), join(folder, 'index')];
    await writeCorpus(corpus, smallPassages(400));
    const build = new Program(buildArguments(corpus, index), { signal });
    const buildKiB = await mostKiB(build);
    const { stdout, stderr, code } = await build.ended;
    hold(code === 0, () => `undisturbed: ${stderr}`);
    const { manifestHash: hash } = JSON.parse(stdout) as { manifestHash: string };
    const { program, url } = await serve(index, { signal });
    const answers = await answersOf(url);
    const serveKiB = addressKiB(program.pid);
    program.send('SIGTERM');
    await program.ended;
    const ground = { corpus, index, hash, answers, buildKiB, serveKiB };
    return (attempt) => (attempt.round % 2 === 0 ? limitedBuild : limitedService)(ground, attempt);
  },
};

function addressKiB(pid: number): number {
  const line = /^VmPeak:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0);
}

async function mostKiB(program: Program): Promise<number> {
  let most = 0;
  while (await program.wait(20)) {
    try {
      most = Math.max(most, addressKiB(program.pid));
    } catch {
      break; // it has just ended
    }
  }
  return most;
}

/** From a third of what it takes to a little more than that. */
function limitOf(wholeKiB: number, { random }: Attempt): number {
  return Math.round(wholeKiB * (0.3 + random.below(800) / 1000));
}

const limited = (kib: number): string[] => ['sh', '-c', 'ulimit -v "$0" && exec "$@"', String(kib)];

async function limitedBuild(ground: Ground, attempt: Attempt): Promise<void> {
  const { folder, signal, count } = attempt;
  const index = join(folder, 'index');
  const args = buildArguments(ground.corpus, index);
  for (let nth = 0; nth < 2; nth += 1) {
    const wrap = limited(limitOf(ground.buildKiB, attempt));
    const end = await new Program(args, { signal, wrap }).ended;
    if (end.code === 0) {
      const { manifestHash } = JSON.parse(end.stdout) as { manifestHash: string };
      holdSame(manifestHash, ground.hash, 'the manifest hash of a build with less memory');
    }
    count(`index build: ${outcomeOf(end)}`);
  }
  const { manifestHash } = (await mustRun(args, { signal })) as { manifestHash: string };
  holdSame(manifestHash, ground.hash, 'the manifest hash');
  await mustRun(['index', 'verify', '--index', index], { signal });
  count('index built whole by the same command');
}

async function limitedService(ground: Ground, attempt: Attempt): Promise<void> {
  const { signal, count } = attempt;
  for (let nth = 0; nth < 2; nth += 1) {
    const wrap = limited(limitOf(ground.serveKiB, attempt));
    const command = ['serve', '--index', ground.index, '--mode', 'bm25', '--port', '0', '--json'];
    const program = new Program(command, { signal, wrap });
    const isReady = await program.until(() => program.stderr.includes('ready: '));
    if (!isReady) {
      count(`serve: ${outcomeOf(await program.ended)}`);
      continue;
    }
    const { url } = JSON.parse(program.stdout) as { url: string };
    for (let asked = 0; asked < 5; asked += 1) {
      holdSame(await answersOf(url), ground.answers, 'what a service with less memory answers');
    }
    program.send('SIGTERM');
    await program.ended;
    count('serve: works');
  }
}

function outcomeOf(end: Awaited<Program['ended']>): string {
  if (end.code === 0) return 'works';
  return errorCodeOf(end) || 'ended by the runtime, which finds no memory';
}
