import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';
import { z } from 'zod';

import { firstWords, lastWords } from '../../../../corpus/fictional/names.ts';
import { openChatFormat } from '../../../../src/chat/chat-format.ts';
import { PolicyClient } from '../../../../src/clients/policy/policy-client.ts';
import { measurePolicy } from '../../../../src/model-makers/tiny-policy/measure.ts';
import { writeTokenizer } from '../../../../src/model-makers/tiny-policy/tokenizer-folder.ts';
import { makeTrainingWorld } from '../../../../src/model-makers/tiny-policy/training-world.ts';
import { tinyPolicyFolder } from '../../../../src/models/shipped.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { installedPythonEnvironment } from '../../../../src/python/environment.ts';
import { pythonVariables } from '../../../../src/python/process.ts';
import { hashFile } from '../../../../src/storage/hash.ts';
import { servePolicy, skip } from '../../../material/policy/served-policy.ts';
import { testFolder } from '../../../material/test-folder.ts';

t.setTimeout(600_000); // PyTorch is imported, on whatever machine this is

const model = tinyPolicyFolder;
const chat = await openChatFormat(model);
const { signal } = new AbortController();

const texts = [
  ' Doalva Skunont was born on 25 May 1814 and is 312 km (194 mi) long; 16,400 people.',
  '<search> Doalva Skunont founder</search><information>\n No passage was found.\n</information>',
  'Łódź, naïve  café\t😀 <|im_end|> </answer> 7',
  '',
];

test('each word of a name, number of two digits and tag is one token', (t) => {
  const { tokenizer } = chat;
  for (const word of [...firstWords, ...lastWords]) t.equal(tokenizer.encode(` ${word}`).length, 1);
  t.equal(tokenizer.encode(' 1814').length, 2);
  for (const tag of ['<search>', '</search>', '<answer>', '</answer>', '</question>', '<think>']) {
    const [id = -1, ...others] = tokenizer.encode(tag);
    t.same(others, [], tag);
    t.equal(tokenizer.decode([id], { skipSpecialTokens: true }), tag);
  }
  t.end();
});

test('the shipped tokenizer is the one that is made, and the file is small', async (t) => {
  const made = t.testdir();
  await writeTokenizer(made);
  for (const file of ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']) {
    t.equal(await hashFile(join(model, file)), await hashFile(join(made, file)), file);
  }
  const weights = join(model, 'model.safetensors');
  t.ok((await stat(weights)).size < 16e6);
  const told = new URL('../../../../src/model-makers/tiny-policy/README.md', import.meta.url);
  const readme = await readFile(told, 'utf8');
  t.match(readme, await hashFile(weights), 'the README speaks of these weights');
});

/** Ids by transformers' tokenizer and log-probs by its plain forward pass. */
const pythonSchema = z.object({
  parameters: z.int(),
  architecture: z.string(),
  ids: z.array(z.array(z.int())),
  logProbs: z.array(z.number()),
});

async function readInPython(sequence: readonly number[]): Promise<z.output<typeof pythonSchema>> {
  const environment = await installedPythonEnvironment();
  const script = fileURLToPath(new URL('read_model.py', import.meta.url));
  const child = spawn(environment?.python ?? '', [script, model], { env: pythonVariables() });
  child.stdin.end(JSON.stringify({ texts, sequence }));
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return pythonSchema.parse(JSON.parse(output));
}

test('transformers reads the folder: equal ids, equal log-probs', { skip }, async (t) => {
  const question = 'Who founded Doalva Skunont?';
  const messages = [{ role: 'user', content: `solve: ${question}` } as const];
  const sequence = [
    ...chat.renderChat(messages, { addGenerationPrompt: true }).ids,
    ...chat.tokenizer.encode('<search> Doalva Skunont founder</search>'),
  ];
  const python = await readInPython(sequence);
  t.equal(python.architecture, 'Qwen3ForCausalLM');
  t.ok(python.parameters >= 1e6 && python.parameters <= 6e6);
  t.same(
    python.ids,
    texts.map((one) => chat.tokenizer.encode(one)),
  );
  const service = await servePolicy(testFolder(t), model, ['--full', '--no-reference']);
  t.teardown(() => service.stop());
  const client = new PolicyClient({ url: service.url });
  t.teardown(() => client.close());
  const scores = await client.logProbs({ sequences: [sequence] });
  const given = scores.logProbs[0] ?? [];
  for (const [i, logProb] of python.logProbs.entries()) {
    t.ok(Math.abs(logProb - (given[i + 1] ?? Number.NaN)) < 1e-4, `token ${i + 1}`);
  }
  await service.stop();
});

test('it is a weak player that knows the rules', { skip }, async (t) => {
  const folder = testFolder(t);
  const service = await servePolicy(folder, model, ['--full', '--no-reference']);
  t.teardown(() => service.stop());
  const client = new PolicyClient({ url: service.url });
  const world = await makeTrainingWorld({
    ...{ folder, seed: 1, questions: 3000, progress: silentProgress, signal },
  });
  t.teardown(() => Promise.all([client.close(), world.close()]));
  const { solver, verifier, proposer } = await measurePolicy({
    ...{ client, chat, world, count: 40, signal },
  });
  const [one = 0, two = 1, three = 1] = solver.greedy;
  t.ok(one >= 0.75, `1 hop ${one}`);
  t.ok(two <= 0.25, `2 hops ${two}`);
  t.ok(three <= 0.25, `3 hops ${three}`);
  const [, sampled = 0] = solver.sampled;
  t.ok(sampled >= 0.05, `2 hops, sampled ${sampled}: what self-play can reward`);
  t.ok(verifier.unknown >= 0.7, `unknown ${verifier.unknown}`);
  t.ok(proposer.accepted >= 0.3, `accepted ${proposer.accepted}`);
  t.ok(proposer.truth >= 0.6, `truth ${proposer.truth}`);
  await service.stop();
  const alone = measurePolicy({ client, chat, world, count: 1, signal });
  await t.rejects(alone, { code: 'SSP_POLICY_UNREACHABLE' }, 'no service is no score of 0');
});
