// A process that takes a lock whenever its parent says so, and looks whether it is alone then.
import promises, { readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

import { messageOf } from '../../../src/errors/error.ts';
import { withLock } from '../../../src/storage/lock.ts';

const [path = '', fileSystem] = process.argv.slice(2);

// What link(2) says on FAT.
if (fileSystem === 'without-links') {
  const refusal = Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
  promises.link = () => Promise.reject(refusal);
  syncBuiltinESMExports();
}

/** Marks the place as this process's for a moment; throws where another living one is there. */
async function enter(): Promise<void> {
  const mark = `${path}.inside`;
  const before = Number(await readFile(mark, 'utf8').catch(() => '0'));
  if (before !== 0 && answers(before)) throw new Error(`process ${before} is inside too`);
  await writeFile(mark, String(process.pid));
  await sleep(Math.random() < 0.5 ? 0 : 2);
  const after = await readFile(mark, 'utf8');
  if (after !== String(process.pid)) throw new Error(`process ${after} came inside`);
  await rm(mark);
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

process.on('message', () => {
  withLock(path, { onWait: () => undefined }, enter).then(
    () => process.send?.('alone'),
    (error: unknown) => process.send?.(messageOf(error)),
  );
});
process.send?.('ready');
