import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { test } from 'tap';

import { generateEncyclopedia } from '../../../corpus/fictional/generate.ts';
import { silentProgress } from '../../../src/progress/progress.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));

test('the example of docs/from-node.md runs in a project that has linked the package', async (t) => {
  const folder = t.testdir();
  const { signal } = new AbortController();
  const world = { entities: 120, questions: 0, seed: 1, out: join(folder, 'world'), force: false };
  await generateEncyclopedia({ ...world, progress: silentProgress, signal });
  await cp(join(world.out, 'dump.xml'), join(folder, 'dump.xml'));
  await mkdir(join(folder, 'node_modules'));
  await symlink(root, join(folder, 'node_modules', 'ssp'), 'dir');
  const document = await readFile(join(root, 'docs/from-node.md'), 'utf8');
  const example = /```js\n([^]*?)```/.exec(document)?.[1] ?? '';
  const title = /<title>([^<:]+)<\/title>/.exec(
    await readFile(join(folder, 'dump.xml'), 'utf8'),
  )?.[1];
  t.ok(title);
  await writeFile(join(folder, 'example.mjs'), example.replaceAll('Paris', String(title)));
  const { stdout } = await run(process.execPath, ['example.mjs'], { cwd: folder });
  const lines = stdout.trim().split('\n');
  t.match(lines[0], new RegExp(`^1 ${String(title)} \\d+\\.\\d\\d$`));
  t.equal(lines.at(-1), title);
});
