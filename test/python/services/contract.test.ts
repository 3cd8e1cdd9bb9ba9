import { execFile } from 'node:child_process';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Test } from 'tap';
import t from 'tap';

import { startService } from '../../../services/search/service.ts';
import { serviceConfig } from '../../../src/config/service.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { modelFolder, openPolicy, skip } from '../../material/policy/served-policy.ts';
import { standInIndex } from '../../material/search/stand-in-index.ts';
import { testFolder } from '../../material/test-folder.ts';
import type { HeldService } from './service.contract.ts';
import { serviceContract, token, webAccess } from './service.contract.ts';

t.setTimeout(600_000); // a process with PyTorch, on whatever machine this is

const search = {
  name: 'the search service',
  openAiPaths: [],
  jsonRpcPaths: ['/mcp'],
  skip: false,
} as const;

serviceContract(search, async (t) => {
  const gate = Promise.withResolvers<undefined>();
  const service = await startService({
    config: serviceConfig.parse({ port: 0, ...webAccess }),
    token,
    async open(progress) {
      const stage = progress.stage('open index', 'tables', 3);
      await gate.promise;
      stage.end();
      return standInIndex();
    },
    progress: silentProgress,
  });
  t.teardown(() => {
    gate.resolve(undefined);
    return service.stop();
  });
  return {
    url: service.url,
    finishLoading() {
      gate.resolve(undefined);
      return Promise.resolve();
    },
  };
});

serviceContract(
  {
    name: 'the policy service',
    openAiPaths: ['/v1/completions', '/v1/chat/completions', '/v1/models'],
    jsonRpcPaths: [],
    skip,
  },
  startHeldPolicy,
);

/** The service is held by its model's configuration: a pipe, until loading is to go on. */
async function startHeldPolicy(t: Test): Promise<HeldService> {
  const folder = testFolder(t);
  const model = await modelFolder(folder, 'tiny');
  const [pipe, kept] = [join(model, 'config.json'), join(folder, 'config.json')];
  await rename(pipe, kept);
  await promisify(execFile)('mkfifo', [pipe]);
  const { allowedHosts, allowedOrigins } = webAccess;
  const service = await openPolicy(folder, model, { SSP_TOKEN: token }, [
    ...['--allowed-hosts', allowedHosts.join(',')],
    ...['--allowed-origins', allowedOrigins.join(',')],
  ]);
  t.teardown(() => service.stop());
  return {
    url: service.url,
    async finishLoading() {
      const end = await open(pipe, 'w');
      const text = await readFile(kept);
      await rename(kept, pipe); // for those that read it again
      await end.writeFile(text);
      await end.close();
    },
  };
}
