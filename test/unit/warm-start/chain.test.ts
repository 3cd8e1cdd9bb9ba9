import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { openChatFormat } from '../../../src/chat/chat-format.ts';
import { gameConfig } from '../../../src/config/game.ts';
import { warmStartConfig } from '../../../src/config/warm-start.ts';
import { silentProgress } from '../../../src/progress/progress.ts';
import { createRandom } from '../../../src/random/random.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';
import type { EpisodeRecord, RetrievedPassage } from '../../../src/types/episode.ts';
import { chainQuestion } from '../../../src/warm-start/chain.ts';
import { collectExamples } from '../../../src/warm-start/examples.ts';
import type { OracleParts } from '../../../src/warm-start/oracle.ts';
import { proposerEpisode, solverEpisode, verifierEpisode } from '../../../src/warm-start/oracle.ts';

const { signal } = new AbortController();
const folder = fileURLToPath(new URL('../../material/chat/fixtures/qwen2.5', import.meta.url));
const chat = await openChatFormat(folder);

const velmora: RetrievedPassage = {
  ...{ id: '1-0', title: 'Velmora' },
  text: 'The old harbour town of Velmora was founded by Ann Lee in the year 1284.',
};
const light: RetrievedPassage = {
  ...{ id: '2-0', title: 'Orlo Light' },
  text: 'Short one. The lighthouse of Orlo looks over the wide bay of Velmora to the west.',
};
const telling: RetrievedPassage = {
  ...light,
  text: `${light.text} Ann Lee has never been there.`,
};

/** An index that gives each query those passages of `held` that have one of its longer words. */
function partsOf(held: readonly RetrievedPassage[]): { parts: OracleParts; queries: string[] } {
  const queries: string[] = [];
  const search = (query: string) => {
    queries.push(query);
    const words = query.match(/[\p{L}\d]{3,}/gu) ?? [];
    const ofBoth = ['the', 'old', 'wide', 'was'];
    const asked = words.filter((word) => !ofBoth.includes(word.toLowerCase()));
    return Promise.resolve(
      held.filter(({ title, text }) => asked.some((word) => `${title} ${text}`.includes(word))),
    );
  };
  const options = gameOptions(gameConfig.parse({ minSearches: 2 }));
  return { parts: { ...options, chat, searcher: { search } }, queries };
}

const said = (record: EpisodeRecord | undefined): string[] =>
  record?.steps.flatMap((step) => (step.kind === 'sampled' ? [step.text] : [])) ?? [];

const question =
  'What is missing in this sentence? The old harbour town of [X] was founded by ____ in the year 1284. ' +
  'Here [X] is the name that is missing in another one: ' +
  'The lighthouse of Orlo looks over the wide bay of [X] to the west.';

test('a title that another passage names makes a question over both', async (t) => {
  const { parts } = partsOf([velmora, light]);
  const known = await chainQuestion(['Lee of Bath', 'Ann Lee'], parts.searcher, signal);
  t.match(known, { question, chain: { bridge: 'Velmora' } });
  const none = async (held: readonly RetrievedPassage[], answer = 'Ann Lee'): Promise<unknown> =>
    t.equal(await chainQuestion([answer], partsOf(held).parts.searcher, signal), undefined);
  await none([velmora]);
  await none([velmora, telling], 'Ann Lee');
  await none([velmora, { ...light, title: 'Velmora' }]);
  await none([velmora, light], 'Velmora');
  await none([{ ...velmora, title: 'Harbour towns' }, light]);
});

test('a title is taken as it is', async (t) => {
  const cash = (passage: RetrievedPassage): RetrievedPassage => ({
    ...passage,
    title: passage.title.replace('Velmora', () => 'Cash $& Carry'),
    text: passage.text.replaceAll('Velmora', () => 'Cash $& Carry'),
  });
  const { parts } = partsOf([velmora, light].map(cash));
  const known = await chainQuestion(['Ann Lee'], parts.searcher, signal);
  t.match(known?.chain?.queries[1], 'The old harbour town of Cash $& Carry was founded by');
});

test('it is asked and answered by two searches, the second with what the first one found', async (t) => {
  const both = [velmora, light];
  const { parts } = partsOf(both);
  const known = await chainQuestion(['Ann Lee'], parts.searcher, signal);
  if (known === undefined) throw new Error('no chain');
  const proposal = await proposerEpisode(known, partsOf(both).parts, signal);
  t.same(said(proposal), [
    '<search>Ann Lee</search>',
    '<search>Velmora</search>',
    `<question>${question}</question>`,
  ]);
  t.match(chat.tokenizer.decode(proposal?.prompt ?? []), /\b2\b/, 'two searches are asked for');
  // Without the second hop's passage at hand, so that the first search does not show the answer.
  const index = partsOf(both);
  const apart = (query: string) =>
    query.includes('harbour') ? Promise.resolve([velmora]) : Promise.resolve([light]);
  const solved = await solverEpisode(
    known,
    { ...index.parts, searcher: { search: apart } },
    signal,
  );
  t.same(said(solved), [
    '<search>The lighthouse of Orlo looks over the wide bay of to the west.</search>',
    '<search>The old harbour town of Velmora was founded by in the year 1284.</search>',
    '<answer>Ann Lee</answer>',
  ]);
  const shown = { ...index.parts, searcher: { search: () => Promise.resolve(both) } };
  t.equal(await solverEpisode(known, shown, signal), undefined, 'the first search shows it all');
  const lost = { ...index.parts, searcher: { search: () => Promise.resolve([light]) } };
  t.equal(await solverEpisode(known, lost, signal), undefined, 'the second one finds nothing');
  if (proposal === undefined) return;
  const read = await verifierEpisode(known, proposal, [], createRandom(1), index.parts, signal);
  t.same(said(read), ['<answer>Ann Lee</answer>']);
});

test('so many episodes of two searches are shown as is asked for', async (t) => {
  const towns = Array.from({ length: 12 }, (_, i): RetrievedPassage => {
    const text = `The old harbour town of Town${i} was founded by Founder${i} in the year 1284.`;
    return { id: `t${i}`, title: `Town${i}`, text };
  });
  // Every other town is named by another page.
  const lights = [0, 2, 4, 6, 8, 10].map((i): RetrievedPassage => {
    const text = `The lighthouse of Light${i} looks over the wide bay of Town${i} to the west.`;
    return { id: `l${i}`, title: `Light${i}`, text };
  });
  const search = (query: string) => {
    const namesIn = (text: string): readonly string[] => text.match(/\p{L}+\d+/gu) ?? [];
    const asked = namesIn(query);
    const has = ({ text }: RetrievedPassage): boolean =>
      namesIn(text).some((name) => asked.includes(name));
    return Promise.resolve([...towns, ...lights].filter(has));
  };
  const parts = { ...partsOf([]).parts, searcher: { search } };
  const answers = towns.map((_, i) => [`Founder${i}`]);
  const searchesOf = async (chainShare: number, solver?: number): Promise<number[]> => {
    const config = warmStartConfig.parse({
      ...{ chainShare, episodes: 4, heldOutShare: 0, roles: ['solver'], maxConcurrent: 2 },
      episodesOf: { solver },
    });
    const context = { progress: silentProgress, signal };
    const sources = { questions: [], answers, recorded: [] };
    const examples = await collectExamples(sources, config, parts, context);
    return examples
      .map(({ episode }) => episode.steps.filter(({ kind }) => kind === 'result').length)
      .toSorted();
  };
  t.same(await searchesOf(0), [1, 1, 1, 1]);
  t.same(await searchesOf(0.5), [1, 1, 2, 2]);
  t.same(await searchesOf(1), [2, 2, 2, 2]);
  t.same(await searchesOf(0.5, 2), [1, 2], 'a number of its own');
});
