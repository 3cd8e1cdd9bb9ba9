// Does a build that is killed at random moments end as the index of an undisturbed one?
// 20 builds of one corpus, each killed (SIGKILL) once at a random moment and then run to its end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildByCommand, builtModes, killBuild } from '../material/indexer/killed-builds.ts';
import { randomNumbers, smallPassages, writeCorpus } from '../material/retrieval/small-corpus.ts';
import { recordFigures } from './record.ts';

const kills = 20;
const passages = 1500;

const folder = await mkdtemp(join(tmpdir(), 'ssp-kill-'));
try {
  const corpus = join(folder, 'corpus');
  await writeCorpus(corpus, smallPassages(passages));
  const undisturbed = await buildByCommand(corpus, join(folder, 'undisturbed'));
  const random = randomNumbers(Date.now());
  let sameManifest = 0;
  let sameContent = 0;
  const momentsMs: number[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const out = join(folder, `killed-${kill}`);
    const delayMs = random() * undisturbed.elapsedMs;
    momentsMs.push(Math.round(delayMs));
    await killBuild(corpus, out, delayMs);
    const { manifest, manifestHash } = await buildByCommand(corpus, out);
    const isSame = manifestHash === undisturbed.manifestHash;
    sameManifest += Number(isSame);
    const { passagesHash, dense } = undisturbed.manifest;
    const vectorsAgree = manifest.dense?.vectorsHash === dense?.vectorsHash;
    sameContent += Number(vectorsAgree && manifest.passagesHash === passagesHash);
    process.stderr.write(`kill ${kill + 1} at ${Math.round(delayMs)} ms: ${String(isSame)}\n`);
    await rm(out, { recursive: true });
  }
  await recordFigures(
    import.meta.url,
    [
      { measure: `kills at random moments (${builtModes}, ${passages} passages)`, value: kills },
      { measure: 'same manifest hash after the rerun', value: sameManifest, bar: kills },
      { measure: 'same passages and vectors, bit by bit', value: sameContent, bar: kills },
    ],
    { undisturbedMs: Math.round(undisturbed.elapsedMs), momentsMs },
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
