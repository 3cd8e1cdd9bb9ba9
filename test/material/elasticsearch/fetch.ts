// `npm run elasticsearch:fetch`: the server that the tests of the cluster start, from Maven Central.
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { unzipSync } from 'fflate';

import { downloadFile } from '../../../src/models/file-download.ts';
import { terminalProgress } from '../../../src/progress/terminal-progress.ts';
import { distribution, distributionFolder, missingElasticsearch } from './distribution.ts';

const folder = distributionFolder();
const { url, bytes, sha256, version } = distribution;
if (missingElasticsearch() === false) {
  process.stdout.write(`Elasticsearch ${version} is in ${folder}\n`);
} else {
  const archive = `${folder}.zip`;
  const stage = terminalProgress(process.stderr).stage('download', 'bytes', bytes);
  await downloadFile({ url, bytes, checksum: { kind: 'sha256', hex: sha256 } }, archive, {}, stage);
  stage.end();
  await unpack(archive, `${folder}.part`);
  await rm(folder, { recursive: true, force: true });
  await rename(join(`${folder}.part`, `elasticsearch-${version}`), folder);
  await rm(`${folder}.part`, { recursive: true });
  await rm(archive);
  const missing = missingElasticsearch();
  process.stdout.write(
    missing === false ? `Elasticsearch ${version} is in ${folder}\n` : `${missing}\n`,
  );
}

async function unpack(archive: string, out: string): Promise<void> {
  await rm(out, { recursive: true, force: true });
  for (const [name, content] of Object.entries(unzipSync(await readFile(archive)))) {
    const path = join(out, name);
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (name.endsWith('/')) continue;
    await writeFile(path, content);
    if (/\/bin\/[^/]+$/.test(name)) await chmod(path, 0o755);
  }
}
