import { readFile } from 'node:fs/promises';

import { writeFileAtomic } from '../../storage/atomic-file.ts';

/**
 * Writes the first `perHop` questions of each number of hops: what the policy is scored on, before
 * and after. Gives their number. Their answers become no seeds.
 */
export async function writeHeldOut(
  questions: string,
  perHop: number,
  out: string,
): Promise<number> {
  const lines = (await readFile(questions, 'utf8')).split('\n').filter((line) => line !== '');
  const byHops = Map.groupBy(lines, (line) => (JSON.parse(line) as { hops: number }).hops);
  const chosen = [...byHops.values()].flatMap((group) => group.slice(0, perHop));
  await writeFileAtomic(out, chosen.map((line) => `${line}\n`).join(''));
  return chosen.length;
}
