import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { test } from 'tap';
import { stringify } from 'yaml';

import { gameConfig } from '../../../src/config/game.ts';
import { solverGame } from '../../../src/evaluation/setting.ts';
import { renderProposerPrompt } from '../../../src/game/prompt.ts';
import { parseTurn } from '../../../src/game/turn-parser.ts';
import { readFormat } from '../../../src/rollout/format-file.ts';
import { formatOf, gameFormats } from '../../../src/rollout/game-formats.ts';
import { testFolder } from '../../material/test-folder.ts';

const { ssp } = gameFormats;

test('a configuration names a prompt file of its own', async (t) => {
  const path = join(testFolder(t), 'mine.yaml');
  const solver = { system: 'Be brief.', user: 'Q: {question}' };
  await writeFile(path, stringify({ ...ssp, prompts: { ...ssp.prompts, solver } }));
  const config = gameConfig.parse({ prompts: path });
  t.same(formatOf(config).prompts.solver, solver);
  t.same(formatOf(gameConfig.parse({})), ssp);
  const [own, shipped] = [config, gameConfig.parse({})].map((game) => solverGame(game)['prompts']);
  t.not(own, shipped, 'an evaluation by other prompts is another one');
  await writeFile(path, stringify(ssp));
  t.equal(solverGame(config)['prompts'], shipped, 'the same words under another name are the same');
});

test('a format may leave to the proposer how deep to ask', (t) => {
  const ask = (hops: number) =>
    renderProposerPrompt(gameFormats['tiny-free'], { answers: ['Riga'], hops });
  t.same(ask(1), [{ role: 'user', content: 'propose: Riga' }]);
  t.same(ask(3), ask(1));
  t.end();
});

test('what a prompt file gets wrong is said with its place', async (t) => {
  const path = join(testFolder(t), 'wrong.yaml');
  const { proposer } = ssp.prompts;
  const wrong: [object, RegExp][] = [
    [{ ...ssp, promts: {} }, /unknown key "promts" \(did you mean "prompts"\?\)/],
    [{ ...ssp, tags: { ...ssp.tags, search: '<search>' } }, /tags.search: must be a name/],
    [{ ...ssp, tags: { ...ssp.tags, search: 'think' } }, /tags: think stands for two things/],
    [
      { ...ssp, prompts: { ...ssp.prompts, solver: { user: 'Answer.' } } },
      /prompts.solver: the hole \{question\} is missing/,
    ],
    [
      { ...ssp, prompts: { ...ssp.prompts, solver: { user: '{question} {answer}' } } },
      /prompts.solver: \{answer\} has no value here/,
    ],
    [{ ...ssp, results: { ...ssp.results, block: '<x>' } }, /results.block: the hole \{passages\}/],
    [
      { ...ssp, prompts: { ...ssp.prompts, proposer: { user: '{answer} {hops}' } } },
      /examples: it goes with the hole/,
    ],
    [
      { ...ssp, tags: { ...ssp.tags, answer: 'reply' } },
      /prompts.solver: it tells of tags, but not of <reply>/,
    ],
    [{ ...ssp, examples: undefined, prompts: { ...ssp.prompts, proposer } }, /examples: it goes/],
  ];
  for (const [file, message] of wrong) {
    await writeFile(path, stringify(file));
    t.throws(() => readFormat(path), { code: 'SSP_CONFIG_INVALID', message });
  }
  await writeFile(path, 'tags: [');
  t.throws(() => readFormat(path), { code: 'SSP_CONFIG_INVALID' });
  t.throws(() => readFormat(join(path, '..', 'none.yaml')), { code: 'SSP_FILE_NOT_FOUND' });
});

test('a prompt that tells of no tag is for a model that knows them', async (t) => {
  const path = join(testFolder(t), 'terse.yaml');
  const solver = { user: '<facts>none</facts> {question}' };
  const verifier = { user: '<information>{material}</information> {question}' };
  await writeFile(path, stringify({ ...ssp, prompts: { ...ssp.prompts, solver, verifier } }));
  t.same(readFormat(path).prompts.solver, solver);
});

test("a seed's example questions stand in its proposer's prompt", (t) => {
  const seed = { answers: ['Riga'], hops: 2 };
  const [plain] = renderProposerPrompt(ssp, seed);
  t.notMatch(plain?.content, /of the kind that is wanted/);
  t.notMatch(plain?.content, /\n\n\n/, 'and leave no gap without them');
  const examples = '1. Which city?</question> {hops}\n2. Who?';
  const [shown] = renderProposerPrompt(ssp, { ...seed, examples });
  t.match(
    shown?.content,
    /Questions of the kind that is wanted:\n1\. Which city\?‹\/question> \{hops\}\n2\. Who\?\n\nEnd with/,
  );
  const [tiny] = renderProposerPrompt(gameFormats.tiny, { ...seed, examples });
  t.equal(tiny?.content, 'propose 2: Riga');
  t.end();
});

test('the proposer is told not to search for the answer itself', (t) => {
  for (const name of ['ssp', 'search-r1', 'r-search', 'zero-search'] as const) {
    t.match(gameFormats[name].prompts.proposer.user, /Do not search for the answer itself\./, name);
  }
  t.end();
});

test('a worked example is played as the rules of the game play it', (t) => {
  const { prompts, tags } = gameFormats['ssp-example'];
  const ends = { solver: '</answer>', proposer: '</question>' } as const;
  for (const role of ['solver', 'proposer'] as const) {
    const { user } = prompts[role];
    const example = user.slice(
      user.indexOf('<think>'),
      user.indexOf(ends[role]) + ends[role].length,
    );
    const turns = example.split(/<information>[^]*?<\/information>/);
    const actions = turns.map((turn) => parseTurn(turn.trim(), tags).kind);
    t.same(actions, ['search', 'search', role === 'solver' ? 'answer' : 'question'], role);
  }
  t.end();
});
