import { test } from 'tap';

import { openCorpus } from '../../../corpus/corpus.ts';
import { createBuildPlan } from '../../../indexer/build-plan.ts';
import { indexConfig } from '../../../src/config/index-build.ts';
import type { AnalyzerName } from '../../../src/types/index-manifest.ts';
import { smallPassages, writeCorpus } from '../../material/retrieval/small-corpus.ts';
import { testFolder } from '../../material/test-folder.ts';

test("words are stemmed in the language of the corpus's dump, unless another analyzer is named", async (t) => {
  const folder = testFolder(t);
  await writeCorpus(folder, smallPassages(3));
  const corpus = await openCorpus(folder);
  const named = (language: string | undefined, analyzer?: AnalyzerName): string | undefined => {
    const site = language === undefined ? {} : { site: { name: '', base: '', language } };
    const config = indexConfig.parse({ modes: ['bm25'], ...(analyzer && { analyzer }) });
    const manifest = { ...corpus.manifest, ...site };
    return createBuildPlan({ ...corpus, manifest }, config, undefined).bm25?.analyzer.name;
  };
  t.equal(named('fr'), 'french');
  t.equal(named('ja'), 'simple');
  t.equal(named(undefined), 'english', 'imported texts do not say their language');
  t.equal(named('fr', 'german'), 'german');
});
