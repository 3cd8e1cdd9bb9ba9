import { appendFile, cp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import { dataFiles } from '../../../src/retrieval/index-files.ts';
import { dataFolder, headName, readHead } from '../../../src/retrieval/index-head.ts';
import type { Random } from '../../../src/types/random.ts';
import { flipBit } from '../../material/retrieval/damage.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { errorCodeOf, mustRun, runProgram } from '../program.ts';
import type { Attempt, Trial } from '../trial.ts';
import { hold } from '../trial.ts';
import { buildArguments } from './index-build.ts';

const damages = {
  'bit flipped': async (path: string, random: Random) => {
    await flipBit(path, random.below((await stat(path)).size), random.below(8));
  },
  'file cut': async (path: string, random: Random) => {
    await truncate(path, random.below((await stat(path)).size));
  },
  'file extended': async (path: string) => {
    await appendFile(path, '\0');
  },
  'file removed': async (path: string) => {
    await rm(path);
  },
};
const kinds = Object.keys(damages) as (keyof typeof damages)[];

export const damageTrial: Trial = {
  name: 'index-damaged',
  tries:
    'One bit of one file of an index is flipped, or a file is cut, extended or removed, four times an attempt: `index verify` ends with exit code 2 and names the file; with the file put right it finds nothing.',
  missing: false,
  async prepare(folder, signal) {
    const [corpus, index] = [join(folder, 'corpus'), join(folder, 'index')];
    await writeCorpus(corpus, smallPassages(300));
    await mustRun(buildArguments(corpus, index).slice(0, -1), { signal });
    return (attempt) => damaged(index, attempt);
  },
};

async function damaged(
  undisturbed: string,
  { folder, round, random, signal, count }: Attempt,
): Promise<void> {
  const index = join(folder, 'index');
  await cp(undisturbed, index, { recursive: true });
  const { generation } = await readHead(index);
  const data = (await dataFiles(index, generation)).map((file) =>
    join(dataFolder(index, generation), file),
  );
  for (let nth = 0; nth < 4; nth += 1) {
    const kind = nth < 2 ? 'bit flipped' : (kinds[1 + ((2 * round + nth) % 3)] ?? 'file cut');
    const path = nth === 0 && round % 3 === 2 ? join(index, headName) : random.pick(data);
    const good = await readFile(path);
    await damages[kind](path, random);
    const name = relative(index, path);
    const verified = await runProgram(['index', 'verify', '--index', index], { signal });
    const said = verified.stdout + verified.stderr;
    hold(verified.code !== 0, () => `${kind}: ${name} goes unnoticed: ${said}`);
    hold(verified.code === 2, () => `${kind}: ${name} is told with ${verified.code}: ${said}`);
    hold(said.includes(name), () => `${kind}: ${name} is not named: ${said}`);
    count(`${kind}: told (${errorCodeOf(verified) || 'in the report'})`);
    await writeFile(path, good);
  }
  await mustRun(['index', 'verify', '--index', index], { signal });
}
