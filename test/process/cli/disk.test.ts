import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';

import { dumpOf } from '../../material/corpus/build-request.ts';
import { smallPassages } from '../../material/retrieval/small-corpus.ts';
import { noSmallDisks, smallDisk } from '../../material/storage/small-disk.ts';

t.setTimeout(600_000); // three dozen processes

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));

/** A program of its own with arguments, and what it left. */
async function run(
  [program = '', ...args]: readonly string[],
  options: { readonly uid?: number } = {},
): Promise<{ exitCode: number | null; stderr: string }> {
  const child = spawn(program, args, {
    ...options,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const stderr = text(child.stderr);
  const exitCode = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { exitCode, stderr: await stderr };
}

const ssp = (...args: readonly string[]): string[] => [process.execPath, entry, ...args];

/** A command with a disk of its own, mounted at `path` for it alone. */
const onDisk = (path: string, options: string, command: readonly string[]): string[] => [
  ...['unshare', '-r', '-m', 'sh', '-c'],
  `mount -t tmpfs -o ${options} none "$0" && exec "$@"`,
  ...[path, ...command],
];

/** Inputs of the commands that write. */
function inputs(folder: string): void {
  const words = (n: number): string =>
    Array.from({ length: 400 }, (_, i) => `w${n * i}x`).join(' ');
  const pages = Array.from({ length: 300 }, (_, n) => ({ title: `T${n}`, text: words(n) }));
  writeFileSync(join(folder, 'w.xml'), dumpOf(pages));
  const lines = pages.map((page, id) => JSON.stringify({ id, ...page }));
  writeFileSync(join(folder, 'p.jsonl'), lines.join('\n'));
  writeFileSync(join(folder, 'seeds.jsonl'), '{"ground_truth": "Titan", "search_turns": 2}');
}

/** The commands that make a corpus, writing to `out`. */
const makers = (folder: string, out: string): string[][] => [
  ssp('corpus', 'build', join(folder, 'w.xml'), '--out', out, '--shard-passages', '100'),
  ssp('corpus', 'import', join(folder, 'p.jsonl'), '--out', out),
  ssp('corpus', 'generate', '--entities', '2000', '--out', out),
];

/** Those and all others that write a folder. */
const writers = (folder: string, out: string): string[][] => [
  ...makers(folder, out),
  ssp('index', 'build', '--corpus', join(folder, 'corpus'), '--modes', 'bm25', '--out', out),
  ssp('seeds', '--corpus', join(folder, 'corpus'), '--out', join(out, 'seeds.jsonl')),
  ssp('quickstart', '--out', out),
  ssp(
    ...['train', '--run', out, '--seeds', join(folder, 'seeds.jsonl'), '--policy-model', 'any'],
    ...['--search-url', 'http://127.0.0.1:9', '--policy-url', 'http://127.0.0.1:9'],
  ),
];

test('where no folder can be made a command ends at once and says so', async (t) => {
  const folder = t.testdir();
  inputs(folder);
  const corpus = ssp('corpus', 'import', join(folder, 'p.jsonl'), '--out', join(folder, 'corpus'));
  t.equal((await run(corpus)).exitCode, 0);
  const loop = join(folder, 'loop');
  symlinkSync(loop, loop);
  const cases: readonly (readonly [string, RegExp])[] = [
    [loop, /^error SSP_FILE_SYSTEM: .*ELOOP.*loop/m],
    [join(loop, 'below'), /^error SSP_FILE_SYSTEM: .*ELOOP.*loop/m],
    ...(existsSync('/proc/self')
      ? [['/proc/ssp', /^error SSP_NOT_WRITABLE: Nothing can be written to \/proc:/m] as const]
      : []),
  ];
  for (const [out, message] of cases) {
    for (const command of writers(folder, out)) {
      const { exitCode, stderr } = await run(command);
      const name = command.slice(2, 4).join(' ');
      t.equal(exitCode, 3, `${name} --out ${out}`);
      t.match(stderr, message);
    }
  }
  for (const job of ['build', 'import']) {
    const { exitCode, stderr } = await run(ssp('corpus', job, loop, '--out', join(folder, 'x')));
    t.equal(exitCode, 3);
    t.match(stderr, /^error SSP_FILE_SYSTEM: .*ELOOP.*loop/m, `${job} of a loop of links`);
  }
});

test(
  'a full disk is named, and nothing half-made is taken for whole',
  { skip: noSmallDisks() },
  async (t) => {
    const folder = t.testdir();
    inputs(folder);
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    for (const command of makers(folder, join(disk, 'out'))) {
      const { exitCode, stderr } = await run(onDisk(disk, 'size=200k', command));
      t.equal(exitCode, 3, command.slice(2, 4).join(' '));
      t.match(
        stderr,
        /^error SSP_DISK_FULL: There is no room on the disk of .*\/disk\/out\/.*ENOSPC/m,
      );
    }
  },
);

test(
  'a disk that fills up while an index is built is named',
  { skip: noSmallDisks() },
  async (t) => {
    const folder = t.testdir();
    const lines = smallPassages(300).map((passage) => JSON.stringify(passage));
    writeFileSync(join(folder, 'p.jsonl'), lines.join('\n'));
    const corpus = join(folder, 'corpus');
    await run(ssp('corpus', 'import', join(folder, 'p.jsonl'), '--out', corpus));
    const disk = await smallDisk(join(folder, 'disk'), 200);
    t.teardown(() => disk.unmount());
    const generations = join(disk.here, 'index', 'generations');
    const hasVectors = (): boolean =>
      existsSync(generations) &&
      readdirSync(generations, { recursive: true }).some((name) => String(name).endsWith('.lance'));
    const index = join(disk.path, 'index');
    const build = ssp('index', 'build', '--corpus', corpus, '--out', index);
    const ended = run([...disk.within, ...build]);
    const over = new AbortController();
    void ended.then(() => {
      over.abort();
    });
    while (!over.signal.aborted && !hasVectors()) await sleep(5);
    disk.fill();
    const { exitCode, stderr } = await ended;
    t.equal(exitCode, 3);
    t.match(stderr, /^error SSP_DISK_FULL: There is no room on the disk of .*\/disk\/index/m);
    disk.free();
    t.equal((await run([...disk.within, ...build])).exitCode, 0, 'and goes on once there is room');
  },
);

test('a disk that is read-only is named', { skip: noSmallDisks() }, async (t) => {
  const folder = t.testdir();
  inputs(folder);
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  for (const command of makers(folder, join(disk, 'a', 'b'))) {
    const { exitCode, stderr } = await run(onDisk(disk, 'ro', command));
    t.equal(exitCode, 3, command.slice(2, 4).join(' '));
    t.match(stderr, /^error SSP_NOT_WRITABLE: Nothing can be written to .*\/disk: EROFS/m);
  }
});

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const noRights = isRoot
  ? spawnSync(process.execPath, [entry, '--version'], { uid: nobody }).status === 0
    ? false
    : 'root may write everywhere, and no other user may read the project'
  : false;

test('a folder without the right to write is named', { skip: noRights }, async (t) => {
  const folder = t.testdir({ closed: {} });
  inputs(folder);
  chmodSync(join(folder, 'closed'), 0o555);
  for (const command of makers(folder, join(folder, 'closed', 'a', 'b'))) {
    const { exitCode, stderr } = await run(command, isRoot ? { uid: nobody } : {});
    t.equal(exitCode, 3, command.slice(2, 4).join(' '));
    t.match(stderr, /^error SSP_NOT_WRITABLE: Nothing can be written to .*\/closed: EACCES/m);
  }
  t.strictSame(readdirSync(join(folder, 'closed')), []);
});

test(
  'a result that finds no room is no success, a log that finds none is no failure',
  { skip: existsSync('/dev/full') ? false : 'no /dev/full' },
  async (t) => {
    const folder = t.testdir();
    const into = (redirection: string, out: string): string[] => [
      ...['sh', '-c', `"$@" ${redirection}`, 'sh'],
      ...ssp('corpus', 'generate', '--entities', '40', '--out', join(folder, out)),
    ];
    const result = await run(into('>/dev/full', 'a'));
    t.equal(result.exitCode, 3);
    t.match(result.stderr, /^error SSP_DISK_FULL: .*ENOSPC/m);
    t.equal((await run(into('2>/dev/full', 'b'))).exitCode, 0);
  },
);
