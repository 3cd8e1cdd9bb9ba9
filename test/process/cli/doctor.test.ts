import { test } from 'tap';

import { e5Sizes, indexNeeds } from '../../../indexer/sizing.ts';
import { gpusOf } from '../../../src/app/machine-facts.ts';
import { ssp } from '../../material/cli/ssp.ts';

test('doctor tells what there is and whether an index fits', async (t) => {
  const { exitCode, stdout } = await ssp(['doctor', '--json'], { SSP_PYTHON: '/no/such/python' });
  t.equal(exitCode, 0);
  const { machine, needs } = JSON.parse(stdout) as {
    machine: Record<string, unknown>;
    needs: { buildMemoryBytes: number; serveMemoryBytes: number; lacks: string[] }[];
  };
  t.equal(machine['node'], process.version);
  t.ok(Number(machine['cores']) >= 1 && Number(machine['memoryBytes']) > 1e8);
  t.match(machine['python'], { problem: /Python/ }, 'what is missing comes with its reason');
  t.equal(needs.length, 12, 'three sizes, each with no vectors, the encoder at hand and two of e5');
  t.match(machine['encoderRate'], { name: 'tiny-e5', dimension: 128 });
  for (const { buildMemoryBytes, serveMemoryBytes, lacks } of needs) {
    const memoryBytes = Math.max(buildMemoryBytes, serveMemoryBytes);
    t.equal(lacks.includes('memory'), memoryBytes > Number(machine['memoryBytes']));
  }
});

test('doctor answers for a count and a folder', async (t) => {
  const { stdout } = await ssp(['doctor', '--passages', '1000000000000', '--dir', t.testdir()]);
  t.match(stdout, /^1000G +BM25 + .* too little memory and disk$/m);
  const wrong = await ssp(['doctor', '--passages', 'many']);
  t.equal(wrong.exitCode, 2);
  const nowhere = await ssp(['doctor', '--dir', '/no/such/folder']);
  t.equal(nowhere.exitCode, 2);
  t.match(nowhere.stderr, /SSP_FILE_NOT_FOUND/);
});

test('what an index needs grows with passages and dimension', (t) => {
  const [small, base] = e5Sizes;
  const wiki = 21_015_324;
  const vectors = indexNeeds(wiki, 2, base).diskBytes - indexNeeds(wiki, 2).diskBytes;
  t.equal(
    Math.round(vectors / 3.23e9),
    11,
    "half of wiki-18's 64.6 GB of fp32 vectors and a tenth for their index",
  );
  const { gpuBuildSeconds = 0 } = indexNeeds(wiki, 2, base);
  t.ok(gpuBuildSeconds > 3600 && gpuBuildSeconds < 10 * 3600, 'hours with a GPU');
  const seconds = (cores: number): number => indexNeeds(wiki, cores, small).buildSeconds;
  t.ok(seconds(2) > 1.9 * seconds(4), 'encoding is nearly all of it, and uses every core');
  t.ok(indexNeeds(wiki, 2, base).buildSeconds > 3 * seconds(2));
  t.end();
});

test('the lines of nvidia-smi', (t) => {
  t.strictSame(gpusOf('NVIDIA H200, 143771\nNVIDIA A40, 46068\n'), [
    { name: 'NVIDIA H200', memoryBytes: 143_771 * 2 ** 20 },
    { name: 'NVIDIA A40', memoryBytes: 46_068 * 2 ** 20 },
  ]);
  t.strictSame(gpusOf(''), []);
  t.end();
});
