import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Passage } from '../../../src/types/passage.ts';
import type { RunningService } from '../cli/running-service.ts';
import { startService } from '../cli/running-service.ts';
import { ssp } from '../cli/ssp.ts';

/** Builds a real index of `passages` in `folder` with the commands a user runs; gives its path. */
export async function buildIndexOf(
  folder: string,
  passages: readonly Passage[],
  modes = 'bm25',
): Promise<string> {
  const file = join(folder, 'passages.jsonl');
  const lines = passages.map(({ id, title, text }) => JSON.stringify({ id, title, text }));
  await writeFile(file, `${lines.join('\n')}\n`);
  const [corpus, index] = [join(folder, 'corpus'), join(folder, 'index')];
  await done(['corpus', 'import', file, '--out', corpus]);
  await done(['index', 'build', '--corpus', corpus, '--out', index, '--modes', modes]);
  return index;
}

async function done(args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await ssp(args);
  if (exitCode !== 0) throw new Error(`ssp ${args.join(' ')}: ${stderr}`);
}

/** Starts `ssp serve` over the index at `index` and waits until it is ready. */
export function serveIndex(
  index: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningService> {
  return startService(['serve', '--index', index, ...args], env);
}
