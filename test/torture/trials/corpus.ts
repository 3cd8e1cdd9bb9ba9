import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { hashOf } from '../../../src/storage/hash.ts';
import { manifestOf } from '../../material/corpus/build-request.ts';
import { smallPassages } from '../../material/retrieval/small-corpus.ts';
import type { Span } from '../moments.ts';
import { reach, spansOf } from '../moments.ts';
import type { End } from '../program.ts';
import { errorCodeOf, mustRun, Program, signalTo } from '../program.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold, holdSame } from '../trial.ts';

const stoppedMs = 3000;
/** Less than the stop: a page must not be charged for it. */
const pageTimeoutMs = 1500;

/** A command that makes a corpus, and what it makes undisturbed. */
interface Maker {
  readonly name: 'build' | 'import';
  readonly args: readonly string[];
  readonly hash: string;
  readonly spans: readonly Span[];
}

export const corpusTrial: Trial = {
  name: 'corpus-disturbed',
  tries:
    '`corpus build` and `corpus import` are killed twice, stopped for three seconds (with a page time limit of half of that), or started twice at once into one folder, in turn: the same corpus hash and files that fit it; of two at once one is refused.',
  missing: false,
  async prepare(folder, signal) {
    const world = join(folder, 'world');
    await mustRun(['corpus', 'generate', '--entities', '1500', '--out', world], { signal });
    const lines = smallPassages(60_000).map((passage) => JSON.stringify(passage));
    await writeFile(join(folder, 'passages.jsonl'), lines.join('\n'));
    const limit = ['--page-timeout-ms', String(pageTimeoutMs), '--shard-passages', '500'];
    const makers = [
      await makerOf('build', [join(world, 'dump.xml'), ...limit], folder, signal),
      await makerOf('import', [join(folder, 'passages.jsonl')], folder, signal),
    ];
    return (attempt) => disturbed(makers, attempt);
  },
};

async function makerOf(
  name: Maker['name'],
  inputs: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<Maker> {
  const args = ['corpus', name, ...inputs];
  const startMs = performance.now();
  const program = new Program([...args, '--out', join(folder, name)], { signal });
  const { code, stderr } = await program.ended;
  hold(code === 0, () => `undisturbed: ${stderr}`);
  const spans = spansOf(program.stages, performance.now() - startMs);
  const hash = await wholeHash(join(folder, name));
  return { name, args, hash, spans };
}

/** The hash of a corpus whose files are what its manifest says. */
async function wholeHash(folder: string): Promise<string> {
  const { corpusHash, shards } = manifestOf(folder);
  for (const { file, sha256 } of shards) {
    const is = hashOf(await readFile(join(folder, file)));
    holdSame(is, sha256, `the SHA-256 of ${file}`);
  }
  return corpusHash;
}

async function disturbed(makers: readonly Maker[], attempt: Attempt): Promise<void> {
  const { folder, round, count } = attempt;
  const ways = [killed, stopped, twice];
  for (const [at, maker] of makers.entries()) {
    const out = join(folder, maker.name);
    await ways[(round + at) % ways.length]?.(maker, out, attempt);
    holdSame(await wholeHash(out), maker.hash, `the hash of corpus ${maker.name}`);
    count(`${maker.name}: the same corpus in the end`);
  }
}

async function killed({ name, args, spans }: Maker, out: string, attempt: Attempt): Promise<void> {
  const { random, signal, count } = attempt;
  for (let kill = 0; kill < 2; kill += 1) {
    const span = spans[1] ?? spans[0];
    if (span === undefined) throw new Error('no stages');
    const program = new Program([...args, '--out', out], { signal });
    const isThere = await reach(program, span, random);
    program.send('SIGKILL');
    const { code } = await program.ended;
    const isFinished = code !== null;
    count(isThere && !isFinished ? `${name}: killed` : `${name}: ended before its kill`);
    if (isFinished) return;
  }
  const again = await new Program([...args, '--out', out], { signal }).ended;
  // The kill may have come between the manifest and the end of the process.
  const isDone = again.code === 0 || errorCodeOf(again) === 'SSP_OUTPUT_EXISTS';
  hold(isDone, () => `corpus ${name} after kills: ${again.stderr}`);
}

async function stopped({ name, args, spans }: Maker, out: string, attempt: Attempt): Promise<void> {
  const { random, signal, count } = attempt;
  const program = new Program([...args, '--out', out], { signal });
  const isThere = await reach(program, spans[1] ?? { stage: 'start', lengthMs: 0 }, random);
  program.send('SIGSTOP');
  await program.wait(stoppedMs);
  signalTo(program.pid, 'SIGCONT');
  const { code, stderr } = await program.ended;
  hold(code === 0, () => `corpus ${name}, stopped: ${stderr}`);
  count(isThere ? `${name}: stopped and continued` : `${name}: ended before its stop`);
}

async function twice({ name, args }: Maker, out: string, attempt: Attempt): Promise<void> {
  const { signal, random, count } = attempt;
  const one = new Program([...args, '--out', out], { signal });
  await one.wait(random.below(1500));
  const other = new Program([...args, '--out', out], { signal });
  const ends = await Promise.all([one.ended, other.ended]);
  const [winner, refused] = ends.toSorted((a, b) => (a.code ?? 99) - (b.code ?? 99)) as [End, End];
  hold(winner.code === 0, () => `corpus ${name}, twice: none is made\n${winner.stderr}`);
  const code = errorCodeOf(refused);
  hold(
    refused.code === 2 && /^SSP_OUTPUT_(IN_USE|EXISTS)$/.test(code),
    () => `corpus ${name}, twice: the other ends with ${refused.code}: ${refused.stderr}`,
  );
  count(`${name}: two at once, one refused (${code})`);
}
