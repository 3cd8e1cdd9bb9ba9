import { join } from 'node:path';

import { test } from 'tap';

import { buildCorpus } from '../../../../corpus/build-corpus.ts';
import { openCorpus } from '../../../../corpus/corpus.ts';
import { facts } from '../../../../corpus/fictional/facts.ts';
import { generateEncyclopedia } from '../../../../corpus/fictional/generate.ts';
import { createWorld } from '../../../../corpus/fictional/world.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';

const { signal } = new AbortController();
const run = { force: false, signal, progress: silentProgress };

test('the encyclopedia goes through `corpus build` with every fact in a passage of its page', async (t) => {
  const folder = t.testdir();
  const out = join(folder, 'corpus');
  const size = { seed: 3, entities: 500 };
  const world = await generateEncyclopedia({ ...run, ...size, questions: 90, out: folder });
  const { corpus: config } = await loadConfig(undefined, { corpus: { workers: 2 } });
  const paths = [join(folder, 'dump.xml')];
  const manifest = await buildCorpus({ ...run, paths, out, restart: false, config });
  t.equal(manifest.outcomes['articles'], world.pages.article);
  t.equal(manifest.outcomes['redirects'], world.pages.redirect);
  t.equal(manifest.outcomes['disambiguation'], world.pages.disambiguation);
  t.equal(manifest.outcomes['lists'], world.pages.list);
  t.equal(manifest.outcomes['failed'] ?? 0, 0);
  t.equal(manifest.aliases, world.pages.redirect);
  const texts = new Map<string, string>();
  for await (const { title, text } of (await openCorpus(out)).passages()) {
    texts.set(title, `${texts.get(title) ?? ''}${text}\n`);
  }
  // A fact cut in two by the end of a passage would not be found: each ends its line here.
  const lost = [...facts(createWorld(size))].filter(
    ({ page, object }) => texts.get(page)?.includes(object) !== true,
  );
  t.strictSame(lost, []);
});
