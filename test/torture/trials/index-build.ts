import { cp } from 'node:fs/promises';
import { join } from 'node:path';

import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import type { Span } from '../moments.ts';
import { reach, spansOf } from '../moments.ts';
import { mustRun, Program } from '../program.ts';
import type { Reader } from '../search-answers.ts';
import { answersOf, serve } from '../search-answers.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';

const killsPerBuild = 3;

/** Two corpora and their indexes, built undisturbed, and how long each stage of the newer took. */
interface Ground {
  readonly corpus: string;
  /** Of another corpus; what a reader has open meanwhile. */
  readonly older: string;
  readonly olderAnswers: string;
  readonly newerAnswers: string;
  readonly newerHash: string;
  readonly spans: readonly Span[];
}

export const indexBuildTrial: Trial = {
  name: 'index-build-killed',
  tries:
    '`index build --force` over an older index that a service has open is killed (SIGKILL) in each of its stages in turn, three times a build, and run again: the same manifest hash, `index verify` finds nothing, and the service answers from the older index throughout and from the new one after SIGHUP.',
  missing: false,
  async prepare(folder, signal) {
    const ground = await makeGround(folder, signal);
    return (attempt) => killedBuild(ground, attempt);
  },
};

export function buildArguments(corpus: string, out: string): string[] {
  const options = ['--vector-index', 'ivf-rq', '--force', '--json'];
  return ['index', 'build', '--corpus', corpus, '--out', out, ...options];
}

async function makeGround(folder: string, signal: AbortSignal): Promise<Ground> {
  const paths = ['older-corpus', 'older', 'corpus', 'newer'].map((name) => join(folder, name));
  const [olderCorpus = '', older = '', corpus = '', newer = ''] = paths;
  await writeCorpus(olderCorpus, smallPassages(200, 8));
  await writeCorpus(corpus, smallPassages(900));
  await mustRun(buildArguments(olderCorpus, older).slice(0, -1), { signal });
  const startMs = performance.now();
  const program = new Program(buildArguments(corpus, newer), { signal });
  const { code, stdout, stderr } = await program.ended;
  hold(code === 0, () => `undisturbed: ${stderr}`);
  const spans = spansOf(program.stages, performance.now() - startMs);
  const { manifestHash: newerHash } = JSON.parse(stdout) as { manifestHash: string };
  const [olderAnswers, newerAnswers] = [
    await answersOfIndex(older, signal),
    await answersOfIndex(newer, signal),
  ];
  return { corpus, older, olderAnswers, newerAnswers, newerHash, spans };
}

async function answersOfIndex(index: string, signal: AbortSignal): Promise<string> {
  const reader = await serve(index, { signal });
  const answers = await answersOf(reader.url);
  await stop(reader);
  return answers;
}

async function stop({ program }: Reader): Promise<void> {
  program.send('SIGTERM');
  const { code, stderr } = await program.ended;
  hold(code === 0, () => `the service ends with ${code}: ${stderr}`);
}

async function killedBuild(
  { corpus, older, olderAnswers, newerAnswers, newerHash, spans }: Ground,
  { folder, round, random, signal, count }: Attempt,
): Promise<void> {
  const index = join(folder, 'index');
  await cp(older, index, { recursive: true });
  const reader = await serve(index, { signal });
  const args = buildArguments(corpus, index);
  for (let kill = 0; kill < killsPerBuild; kill += 1) {
    const span = spans[(killsPerBuild * round + kill) % spans.length];
    if (span === undefined) throw new Error('no stages');
    const build = new Program(args, { signal });
    const isThere = await reach(build, span, random);
    build.send('SIGKILL');
    const { code } = await build.ended;
    count(isThere && code === null ? `killed in "${span.stage}"` : 'ended before its kill');
    holdSame(await answersOf(reader.url), olderAnswers, 'what the open index answers after a kill');
  }
  const { manifestHash } = (await mustRun(args, { signal })) as { manifestHash: string };
  holdSame(manifestHash, newerHash, 'the manifest hash');
  await mustRun(['index', 'verify', '--index', index, '--corpus', corpus], { signal });
  count('built whole by the same command');
  holdSame(await answersOf(reader.url), olderAnswers, 'what the open index answers');
  reader.program.send('SIGHUP');
  await reader.program.until(() => reader.program.stderr.includes('reloaded: '));
  holdSame(await answersOf(reader.url), newerAnswers, 'what the new index answers');
  await stop(reader);
  count('read before and after by one service');
}
