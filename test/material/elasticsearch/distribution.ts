import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { cacheFolder } from '../../../src/storage/cache-folder.ts';

// Elasticsearch without its machine learning, stemmers and JDK, as its own tests use it: a node that starts
// in seconds with half a gigabyte.

/** The server that the tests run. */
export const distribution = {
  version: '8.19.0',
  bytes: 97_002_615,
  sha256: '14833b2d86c30656901f92049f81fb5777a8e4545413c8656cd1a21b55173033',
  url: 'https://repo1.maven.org/maven2/org/elasticsearch/distribution/integ-test-zip/elasticsearch/8.19.0/elasticsearch-8.19.0.zip',
} as const;

/** Where it lies: the folder that SSP_TEST_ELASTICSEARCH names, else one of the cache folder. */
export function distributionFolder(): string {
  const { SSP_TEST_ELASTICSEARCH: named } = process.env;
  return named || join(cacheFolder(), `elasticsearch-${distribution.version}`);
}

/** The Java that it runs on: ES_JAVA_HOME, JAVA_HOME, or a 17 or 21 that the system has. */
function javaHome(): string | undefined {
  const { ES_JAVA_HOME, JAVA_HOME } = process.env;
  const root = '/usr/lib/jvm';
  const installed = existsSync(root)
    ? readdirSync(root).filter((name) => /\b(1\.)?(17|21)\b/.test(name))
    : [];
  const candidates = [ES_JAVA_HOME, JAVA_HOME, ...installed.sort().map((name) => join(root, name))];
  return candidates.find((home) => home !== undefined && existsSync(join(home, 'bin', 'java')));
}

/** What a node is started from, or why none can be. */
export function findElasticsearch():
  { readonly folder: string; readonly javaHome: string } | { readonly reason: string } {
  const folder = distributionFolder();
  if (!existsSync(join(folder, 'bin', 'elasticsearch'))) {
    return { reason: `no Elasticsearch in ${folder}: npm run elasticsearch:fetch` };
  }
  const java = javaHome();
  if (java === undefined) return { reason: 'no Java 17 or 21: install one, or set ES_JAVA_HOME' };
  return { folder, javaHome: java };
}

/** Why tests that need a cluster are skipped, or false. */
export function missingElasticsearch(): string | false {
  const found = findElasticsearch();
  return 'reason' in found ? found.reason : false;
}
