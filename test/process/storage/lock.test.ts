import type { ChildProcess } from 'node:child_process';
import { fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { t, test } from 'tap';

import type { LockHolder } from '../../../src/storage/lock.ts';
import { withLock } from '../../../src/storage/lock.ts';
import { testFolder } from '../../material/test-folder.ts';

t.setTimeout(600_000); // many processes in turn, on whatever machine this is

const contender = fileURLToPath(new URL('lock-contender.ts', import.meta.url));
const host = hostname();
const deadPid = await endedProcess();
const done = (): Promise<string> => Promise.resolve('done');
const refuse = ({ pid, host, lock }: LockHolder): Error =>
  new Error(`held by ${pid} on ${host}, ${basename(lock)}`);
const onWait = (): undefined => undefined;

async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

/** What a process that is no more has left. */
function deadRecord(token = randomUUID() as string): string {
  return JSON.stringify({ pid: deadPid, host, started: '1', token });
}

/** What a process that goes on has left, as far as is known of it. */
const livingRecord = JSON.stringify({ pid: process.ppid, host, started: '', token: 'a' });

function writeOld(path: string, text: string): void {
  writeFileSync(path, text);
  utimesSync(path, new Date(0), new Date(0));
}

/** A dead lock, a dead claim on it, a dead claim on that: as many dead processes as `depth`. */
function writeDeadChain(path: string, depth: number): void {
  let at = path;
  for (let n = 0; n < depth; n += 1) {
    const token = randomUUID();
    writeFileSync(at, deadRecord(token));
    at = `${path}.after-${token}`;
  }
}

test('one body at a time, in one process too; the holder is told once', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  let inside = 0;
  const told: LockHolder[] = [];
  const body = async (): Promise<void> => {
    inside += 1;
    t.equal(inside, 1);
    t.equal((JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid, process.pid);
    while (told.length === 0) await sleep(5);
    inside -= 1;
  };
  const whenHeld = { onWait: (holder: LockHolder) => told.push(holder) };
  await Promise.all([1, 2].map(() => withLock(path, whenHeld, body)));
  t.same(told, [{ pid: process.pid, host, lock: path }], 'told once');
  t.same(readdirSync(dirname(path)), []);
});

test('lock and folders that were made for it are gone after a failure too', async (t) => {
  const folder = t.testdir({});
  const path = join(folder, 'made', 'deep', 'x.lock');
  const failing = withLock(path, { refuse }, () => Promise.reject(new Error('broken')));
  await t.rejects(failing, /broken/);
  t.same(readdirSync(folder), []);
});

test('whenever a lock file can be read, it names its holder', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  const state = { isDone: false, read: 0 };
  const taking = (async () => {
    for (let n = 0; n < 30; n += 1) await withLock(path, { refuse }, done);
    state.isDone = true;
  })();
  while (!state.isDone) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    t.match(text, /^\{.*"token":.*\}$/);
    state.read += 1;
  }
  await taking;
  t.ok(state.read > 0);
});

test('a folder that was there stays, and one that got something', async (t) => {
  const folder = t.testdir({ there: {} });
  await withLock(join(folder, 'there', '.lock'), { refuse }, done);
  const body = (): Promise<void> => {
    writeFileSync(join(folder, 'made', 'result'), '');
    return Promise.resolve();
  };
  await withLock(join(folder, 'made', '.lock'), { refuse }, body);
  t.same(readdirSync(folder), ['made', 'there']);
  t.same(readdirSync(join(folder, 'made')), ['result']);
});

test('who does not want to wait gets the error that it made of the holder', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  await withLock(path, { refuse }, async () => {
    await t.rejects(withLock(path, { refuse }, done), {
      message: `held by ${process.pid} on ${host}, x.lock`,
    });
  });
  for (const text of [livingRecord, String(process.ppid)]) {
    writeFileSync(path, text);
    await t.rejects(withLock(path, { refuse }, done), {
      message: `held by ${process.ppid} on ${host}, x.lock`,
    });
    t.equal(readFileSync(path, 'utf8'), text, 'the other one keeps it');
  }
  t.same(readdirSync(dirname(path)), ['x.lock'], 'and nothing is left beside it');
});

test('a lock of another machine holds, as its processes cannot be seen', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  const record = { pid: deadPid, host: 'elsewhere', started: '1', token: 'a' };
  writeFileSync(path, JSON.stringify(record));
  await t.rejects(withLock(path, { refuse }, done), { message: /on elsewhere/ });
});

test('what dead processes have left is taken over', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  const left: readonly (() => void)[] = [
    () => {
      writeFileSync(path, deadRecord());
    },
    ...[2, 3].map((depth) => () => {
      writeDeadChain(path, depth);
    }),
    // Older versions wrote the id alone; one that was killed may have left nothing in the file.
    ...[String(deadPid), `${deadPid}\n`, String(process.pid)].map((text) => () => {
      writeFileSync(path, text);
    }),
    ...['', '{"pid": 3', '0', '99999999999'].map((text) => () => {
      writeOld(path, text);
    }),
  ];
  for (const leave of left) {
    leave();
    t.equal(await withLock(path, { refuse }, done), 'done', leave.toString());
    t.same(readdirSync(dirname(path)), [], 'nothing is left');
  }
});

test('leftovers of killed processes go with the next taking, nothing else does', async (t) => {
  const path = join(t.testdir({ 'x.lock.txt': '', 'x.locks': '' }), 'x.lock');
  writeFileSync(`${path}.${randomUUID()}.new`, deadRecord());
  const living = `${path}.${randomUUID()}.new`;
  writeFileSync(living, livingRecord);
  writeFileSync(`${path}.after-${randomUUID()}`, deadRecord());
  // What stands there on file systems without links.
  for (const end of [`after-${randomUUID()}`, `${randomUUID()}.old`]) {
    mkdirSync(`${path}.${end}`);
    writeFileSync(join(`${path}.${end}`, 'holder.json'), deadRecord());
  }
  await withLock(path, { refuse }, done);
  t.same(readdirSync(dirname(path)), [basename(living), 'x.lock.txt', 'x.locks']);
});

test('a file that an older version may be about to write is waited for', async (t) => {
  const path = join(t.testdir({ 'x.lock': '' }), 'x.lock');
  const waiting = withLock(path, { refuse }, done);
  setTimeout(() => {
    writeFileSync(path, String(process.ppid));
  }, 100);
  await t.rejects(waiting, { message: /^held by/ });
});

const skip = process.platform === 'linux' ? false : 'start times are read on Linux only';
test(
  'a process that has the id of a dead holder is told apart by its start',
  { skip },
  async (t) => {
    const path = join(t.testdir({}), 'x.lock');
    for (const pid of [process.pid, process.ppid]) {
      writeFileSync(path, JSON.stringify({ pid, host, started: '1', token: 'a' }));
      t.equal(await withLock(path, { refuse }, done), 'done');
    }
  },
);

test('a holder whose parent has not asked for its end is dead', { skip }, async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60']);
  t.teardown(() => parent.kill('SIGKILL'));
  const [output] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(output.toString());
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await sleep(5);
  writeFileSync(path, String(pid));
  t.equal(await withLock(path, { refuse }, done), 'done');
});

test('an abort ends the wait with its reason', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  writeFileSync(path, livingRecord);
  const controller = new AbortController();
  setTimeout(() => {
    controller.abort(new Error('enough'));
  }, 50);
  await t.rejects(withLock(path, { onWait, signal: controller.signal }, done), /enough/);
  t.same(readdirSync(dirname(path)), ['x.lock'], 'the other one keeps it');
});

test('a lock that was removed and taken by another is not removed at the end', async (t) => {
  const path = join(t.testdir({}), 'x.lock');
  await withLock(path, { refuse }, () => {
    writeFileSync(path, livingRecord);
    return Promise.resolve();
  });
  t.equal(readFileSync(path, 'utf8'), livingRecord);
});

test('a folder of something else at the place of the lock is refused and kept', async (t) => {
  const path = join(t.testdir({ 'x.lock': { thesis: '' } }), 'x.lock');
  await t.rejects(withLock(path, { refuse }, done), { code: 'SSP_FILE_SYSTEM' });
  t.ok(existsSync(join(path, 'thesis')));
});

/** Says `go` to a contender; gives its answer, undefined where it is killed before. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  child.send('go');
  const answer = await Promise.race([
    once(child, 'message', stop).then(([message]) => message as unknown),
    once(child, 'exit', stop).then(() => undefined),
  ]);
  stop.abort();
  return answer;
}

async function contenders(count: number, args: readonly string[]): Promise<ChildProcess[]> {
  const children = Array.from({ length: count }, () => fork(contender, args));
  await Promise.all(children.map((child) => once(child, 'message')));
  return children;
}

for (const [fileSystem, rounds] of [
  ['with-links', 40],
  ['without-links', 15],
] as const) {
  test(`6 processes find a dead holder at once, ${rounds} rounds, ${fileSystem}`, async (t) => {
    const path = join(testFolder(t, {}), 'x.lock');
    const children = await contenders(6, [path, fileSystem]);
    t.teardown(() => {
      for (const child of children) child.kill('SIGKILL');
    });
    const answers: unknown[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const kinds = [
        () => {
          writeDeadChain(path, 1 + (round % 3));
        },
        () => {
          writeFileSync(path, String(deadPid));
        },
        () => {
          writeOld(path, '');
        },
      ];
      kinds[round % kinds.length]?.();
      answers.push(...(await Promise.all(children.map(answerOf))));
    }
    t.same(new Set(answers), new Set(['alone']));
    t.equal(answers.length, 6 * rounds);
    t.same(readdirSync(dirname(path)), [], 'nothing is left');
  });

  test(`processes that are killed at any moment, ${fileSystem}`, async (t) => {
    const path = join(testFolder(t, {}), 'x.lock');
    const children = await contenders(4, [path, fileSystem]);
    t.teardown(() => {
      for (const child of children) child.kill('SIGKILL');
    });
    const answers: unknown[] = [];
    for (let round = 0; round < 15; round += 1) {
      const victim = children[round % children.length];
      setTimeout(() => victim?.kill('SIGKILL'), Math.random() * 20);
      answers.push(...(await Promise.all(children.map(answerOf))));
      if (victim?.exitCode === null && victim.signalCode === null) await once(victim, 'exit');
      children.splice(round % children.length, 1, ...(await contenders(1, [path, fileSystem])));
    }
    const answered = answers.filter((answer) => answer !== undefined);
    t.same(new Set(answered), new Set(['alone']));
    t.ok(answered.length >= 45, 'who is not killed gets in');
  });
}
