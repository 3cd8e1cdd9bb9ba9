import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';

import { dumpOf } from '../../material/corpus/build-request.ts';

t.setTimeout(600_000); // a build that stands still most of the time

const entry = fileURLToPath(new URL('../../../src/cli/ssp.mjs', import.meta.url));
const timeoutMs = 1000;

/** Pages that take a worker some tens of milliseconds each: one is always under way. */
function longPages(): string {
  const sentence = (n: number): string =>
    `The [[town ${n}|town]] is {{convert|${n + 1}|km|mi}} from '''here''' since {{start date|1901|5|2}}. `;
  const text = Array.from({ length: 700 }, (_, n) => sentence(n)).join('');
  return dumpOf(Array.from({ length: 50 }, (_, n) => ({ title: `Page ${n}`, text })));
}

function startBuild(dump: string, out: string): ChildProcess {
  const args = ['corpus', 'build', dump, '--out', out, '--workers', '2'];
  return spawn(process.execPath, [entry, ...args, '--page-timeout-ms', String(timeoutMs)]);
}

function filesOf(folder: string): Buffer {
  const names = readdirSync(folder).sort();
  return Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
}

test('a build that stands still loses no page: only its own time counts', async (t) => {
  const folder = t.testdir();
  const dump = join(folder, 'w.xml');
  writeFileSync(dump, longPages());
  const whole = join(folder, 'whole');
  const [wholeCode] = (await once(startBuild(dump, whole), 'exit')) as [number];
  t.equal(wholeCode, 0);
  const out = join(folder, 'stopped');
  const build = startBuild(dump, out);
  const exit = once(build, 'exit');
  while (!existsSync(join(out, '.partial', 'passages-00000.jsonl.gz'))) await sleep(10);
  // Stopped for longer than a page may take, again and again, as on a machine that is very slow.
  let stops = 0;
  while (stops < 6 && build.exitCode === null) {
    build.kill('SIGSTOP');
    await sleep(timeoutMs * 1.5);
    build.kill('SIGCONT');
    await sleep(100);
    stops += 1;
  }
  const [code] = (await exit) as [number];
  t.equal(code, 0);
  t.equal(stops, 6, 'the build was under way');
  t.ok(filesOf(out).equals(filesOf(whole)), 'the same bytes');
});
