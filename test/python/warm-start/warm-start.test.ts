import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import t, { test } from 'tap';

import type { WarmStartRequest } from '../../../src/app/warm-start.ts';
import { warmStart } from '../../../src/app/warm-start.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Progress } from '../../../src/progress/progress.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { modelFolder, servePolicy, skip } from '../../material/policy/served-policy.ts';
import { testFolder } from '../../material/test-folder.ts';
import { makeWorld, writeRunConfig } from '../training/world.ts';

t.setTimeout(1_800_000); // services that start PyTorch, on whatever machine this is

/** Ends the job at a note that matches, as Ctrl-C would. */
function stopsAt(pattern: RegExp): { progress: Progress; signal: AbortSignal } {
  const stop = new AbortController();
  const note = (text: string): void => {
    if (pattern.test(text)) stop.abort(new Error('stopped by the test'));
  };
  return { progress: { ...silentProgress, note }, signal: stop.signal };
}

test('a model that knows nothing learns how the game is played', { skip }, async (t) => {
  const folder = testFolder(t);
  const world = await makeWorld(folder, { questions: 300 });
  const model = await modelFolder(folder, 'chat');
  const warm = {
    ...{ episodes: 60, epochs: 6, batchEpisodes: 8, learningRate: 0.003, measureSteps: 20 },
    ...{ heldOutShare: 0.2, playedEpisodes: 6 },
  };
  const path = await writeRunConfig(folder, world, {
    policy: { model, exactSampling: true },
    game: { maxPromptTokens: 700, maxResponseTokens: 320, topPassages: 1 },
  });
  const config = await loadConfig(path, { warmStart: warm });
  const request: WarmStartRequest = {
    ...{ config, index: world.index, seeds: world.seeds, from: [] },
    ...{ out: join(folder, 'undisturbed'), questions: [join(folder, 'world', 'questions.jsonl')] },
  };
  const context = { progress: silentProgress, signal: new AbortController().signal };

  const undisturbed = await warmStart(request, context);
  const [before, after] = [undisturbed.losses.at(0)?.heldOut, undisturbed.losses.at(-1)?.heldOut];
  t.ok(Number(after) < 0.6 * Number(before), `held-out loss ${before} -> ${after}`);
  t.same(Object.keys(undisturbed.played ?? {}), ['proposer', 'solver', 'verifier']);

  await t.test('stopped twice and taken up, it comes to the same numbers', async (t) => {
    const again = { ...request, out: join(folder, 'again') };
    await t.rejects(warmStart(again, stopsAt(/step 0\//)));
    await t.rejects(warmStart(again, stopsAt(/step 20\//)));
    const { checkpoint, losses, played } = await warmStart(again, context);
    t.same({ losses, played }, { losses: undisturbed.losses, played: undisturbed.played });
    const weights = (path: string) => readFile(join(path, 'model', 'model.safetensors'));
    t.ok(
      (await weights(checkpoint.path)).equals(await weights(undisturbed.checkpoint.path)),
      'bit by bit',
    );
  });

  await t.test('a finished one is told again at once, another one is refused', async (t) => {
    t.same(await warmStart(request, context), undisturbed);
    const other = await loadConfig(path, { warmStart: { ...warm, epochs: 7 } });
    await t.rejects(warmStart({ ...request, config: other }, context), {
      code: 'SSP_WARM_START_DIFFERS',
      message: /epochs/,
    });
  });

  await t.test('what it makes is a model to begin with', async (t) => {
    const served = await servePolicy(folder, undisturbed.model);
    t.teardown(() => served.stop());
    t.match(served.url, /^http/);
    const elsewhere = { ...request, out: join(folder, 'elsewhere'), policyUrl: served.url };
    const refusal = { code: 'SSP_USAGE', message: /mode lora, the command in mode full/ };
    await t.rejects(warmStart(elsewhere, context), refusal, 'it trains an adapter');
  });

  await t.test('nothing to show is said', async (t) => {
    const empty = join(folder, 'empty.jsonl');
    await writeFile(
      empty,
      '{"id": "1", "question": "Who?", "golden_answers": ["Nobody at all"]}\n',
    );
    const nothing = { ...request, out: join(folder, 'nothing'), questions: [empty] };
    await t.rejects(warmStart({ ...nothing, seeds: undefined }, context), {
      code: 'SSP_WARM_START_EMPTY',
      message: /proposer, solver, verifier/,
    });
  });
});
