import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { skip } from '../../material/policy/served-policy.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import type { SmallDisk } from '../../material/storage/small-disk.ts';
import { noSmallDisks, smallDisk } from '../../material/storage/small-disk.ts';
import type { Span } from '../moments.ts';
import { reach, spansOf } from '../moments.ts';
import type { End, ProgramOptions } from '../program.ts';
import { errorCodeOf, mustRun, Program } from '../program.ts';
import { answersOf, serve } from '../search-answers.ts';
import type { Phase, TrainingGround } from '../training-ground.ts';
import { goOn, reachPhase, trainArguments, trainingGround } from '../training-ground.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';
import { buildArguments } from './index-build.ts';

/** An index that is built undisturbed. */
interface Ground {
  readonly corpus: string;
  readonly index: string;
  readonly answers: string;
  readonly hash: string;
  readonly spans: readonly Span[];
  readonly indexBytes: number;
  readonly training: TrainingGround | undefined;
}

export const diskFullTrial: Trial = {
  name: 'disk-full',
  tries:
    'The disk (a tmpfs) of an index under construction, of a run folder, of an index and the log of its service is filled to the last byte in a stage or phase: the command ends with SSP_DISK_FULL and, once there is room, goes on to the same result; the service answers on.',
  missing: noSmallDisks(),
  async prepare(folder, signal) {
    const ground = await makeGround(folder, signal);
    const ways = [fullBuild, ...(ground.training === undefined ? [] : [fullRun]), fullService];
    return async (attempt) => {
      const disk = await smallDisk(join(attempt.folder, 'disk'), 200);
      try {
        await ways[attempt.round % ways.length]?.(ground, disk, attempt);
      } finally {
        await disk.unmount();
      }
    };
  },
};

async function makeGround(folder: string, signal: AbortSignal): Promise<Ground> {
  const [corpus, index] = [join(folder, 'corpus'), join(folder, 'index')];
  await writeCorpus(corpus, smallPassages(600));
  const startMs = performance.now();
  const program = new Program(buildArguments(corpus, index), { signal });
  const { code, stdout, stderr } = await program.ended;
  hold(code === 0, () => `undisturbed: ${stderr}`);
  const spans = spansOf(program.stages, performance.now() - startMs);
  const { manifestHash: hash } = JSON.parse(stdout) as { manifestHash: string };
  const reader = await serve(index, { signal });
  const answers = await answersOf(reader.url);
  reader.program.send('SIGTERM');
  await reader.program.ended;
  const training = skip === false ? await trainingGround(join(folder, 'run'), signal) : undefined;
  return { corpus, index, answers, hash, spans, indexBytes: await bytesIn(index), training };
}

async function bytesIn(folder: string): Promise<number> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  const sizes = files.map(
    async ({ parentPath, name }) => (await stat(join(parentPath, name))).size,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function holdDiskFull(end: End, what: string): void {
  const code = errorCodeOf(end);
  hold(
    code === 'SSP_DISK_FULL' || end.stderr.includes('SSP_DISK_FULL'),
    () =>
      `${what}: ended with ${end.code ?? end.endedBy ?? ''} ${code}\n${end.stderr.slice(-3000)}`,
  );
}

async function fullBuild(
  { corpus, hash, spans, indexBytes }: Ground,
  disk: SmallDisk,
  { random, signal, count }: Attempt,
): Promise<void> {
  const options: ProgramOptions = { signal, wrap: disk.within };
  const args = buildArguments(corpus, join(disk.path, 'index'));
  // By room: it runs out wherever that much has been written; by time: in a stage.
  const byRoom = { span: { stage: 'passages', lengthMs: 1 }, butBytes: random.below(indexBytes) };
  const byTime = { span: random.pick(spans.slice(1)), butBytes: 0 };
  for (const { span, butBytes } of [byRoom, byTime]) {
    const build = new Program(args, options);
    const isIn = await reach(build, span, random);
    disk.fill(butBytes);
    const end = await build.ended;
    const what = `index build, full in "${build.stages.at(-1)?.name ?? 'start'}"`;
    if (end.code !== 0) holdDiskFull(end, what);
    const isDone = end.code === 0 || !isIn;
    count(isDone ? 'index build was done before the disk was full' : `${what}: SSP_DISK_FULL`);
    disk.free();
    if (isDone) break;
  }
  const { manifestHash } = (await mustRun(args, options)) as { manifestHash: string };
  holdSame(manifestHash, hash, 'the manifest hash');
  await mustRun(['index', 'verify', '--index', join(disk.path, 'index')], options);
  count('index built whole once there was room');
}

const filled: readonly Phase[] = ['save', 'update', 'solve', 'validate', 'begin'];

async function fullRun(
  { training: ground }: Ground,
  disk: SmallDisk,
  { round, random, signal, count }: Attempt,
): Promise<void> {
  if (ground === undefined) return;
  const options: ProgramOptions = { signal, wrap: disk.within };
  const run = join(disk.path, 'run');
  const phase = filled[Math.floor(round / 3) % filled.length] ?? 'save';
  const training = new Program(trainArguments(ground.config, run), options);
  const moment = { phase, step: 1 };
  await reachPhase(training, join(disk.here, 'run'), moment, ground, random);
  disk.fill();
  const end = await training.ended;
  const what = `run folder full in ${phase}`;
  if (end.code !== 0) holdDiskFull(end, what);
  count(`${what}: ${end.code === 0 ? 'needed no more room' : 'SSP_DISK_FULL'}`);
  disk.free();
  await goOn(ground, run, options, { here: join(disk.here, 'run') });
  count('run resumed to the same bytes once there was room');
}

async function fullService(
  { index, answers }: Ground,
  disk: SmallDisk,
  { signal, count }: Attempt,
): Promise<void> {
  await cp(index, join(disk.here, 'index'), { recursive: true });
  const folder = join(disk.path, 'index');
  const args = ['serve', '--index', folder, '--mode', 'bm25', '--port', '0', '--json'];
  const logs = ['sh', '-c', 'log="$0"; exec "$@" 2>"$log"', join(disk.path, 'service.log')];
  for (const isFullBefore of [false, true]) {
    if (isFullBefore) disk.fill();
    const options = { signal, wrap: [...disk.within, ...logs] };
    const service = new Program([...args, '--request-log'], options);
    await service.until(() => service.stdout.trimEnd().endsWith('}'));
    hold(!service.isOver, () => `a service ends on a full disk: ${service.stdout}`);
    const { url } = JSON.parse(service.stdout) as { url: string };
    while ((await fetch(`${url}/readyz`)).status !== 200) await service.wait(50);
    disk.fill();
    for (let nth = 0; nth < 10; nth += 1) {
      holdSame(await answersOf(url), answers, 'what a service on a full disk answers');
      if (nth === 5) service.send('SIGHUP');
    }
    service.send('SIGTERM');
    const { code, stdout } = await service.ended;
    hold(code === 0, () => `a service on a full disk ends with ${code}: ${stdout}`);
    disk.free();
  }
  count('service on a full disk: right answers, with a reload and a start');
}
