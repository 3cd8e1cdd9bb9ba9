import { fileURLToPath } from 'node:url';

import t, { test } from 'tap';

import { openChatFormat } from '../../../../src/chat/chat-format.ts';
import { oracleEpisode } from '../../../../src/model-makers/tiny-policy/oracle-episode.ts';
import { propose } from '../../../../src/model-makers/tiny-policy/proposer-oracle.ts';
import type { Sequence } from '../../../../src/model-makers/tiny-policy/sequence.ts';
import type { Lapses } from '../../../../src/model-makers/tiny-policy/solver-oracle.ts';
import { noLapses, solve } from '../../../../src/model-makers/tiny-policy/solver-oracle.ts';
import { makeTrainingWorld } from '../../../../src/model-makers/tiny-policy/training-world.ts';
import { verify } from '../../../../src/model-makers/tiny-policy/verifier-exam.ts';
import { worldData } from '../../../../src/model-makers/tiny-policy/world-data.ts';
import { silentProgress } from '../../../../src/progress/progress.ts';
import { createRandom } from '../../../../src/random/random.ts';
import { testFolder } from '../../../material/test-folder.ts';

t.setTimeout(600_000); // an encyclopedia is made and indexed, on whatever machine this is

const chat = await openChatFormat(
  fileURLToPath(new URL('../../../../src/models/tiny-policy', import.meta.url)),
);
const world = await makeTrainingWorld({
  ...{ folder: testFolder(t), seed: 7, questions: 30, progress: silentProgress },
  signal: new AbortController().signal,
});
t.teardown(() => world.close());

const question = 'Who founded the company that built the ship Zalkey Temark?';
const chain = [
  { subject: 'Zalkey Temark', relation: 'builder', object: 'Thavi Stevend' },
  { subject: 'Thavi Stevend', relation: 'founder', object: 'Grani Goazark' },
];

/** The text with what trains between ⟦ and ⟧. */
function marked({ tokens, mask }: Sequence): string {
  const pieces = tokens.map((token, i) => {
    const [before, here, after] = [mask[i - 1] ?? 0, mask[i], mask[i + 1] ?? 0];
    const text = chat.tokenizer.decode([token]);
    return here === 0 ? text : `${before === 0 ? '⟦' : ''}${text}${after === 0 ? '⟧' : ''}`;
  });
  return pieces.join('');
}

/** Each copied word with the words before the one that it is copied from, if that is the same word. */
function copied({ tokens, copies }: Sequence): string[] {
  const text = (from: number, to: number): string => chat.tokenizer.decode(tokens.slice(from, to));
  return copies.map(([place, source]) => {
    if (source > 0 && tokens[place + 1] !== tokens[source])
      throw new Error(`Position ${place} looks elsewhere.`);
    return `${text(source - 2, source)}|${text(place + 1, place + 2)}`;
  });
}

async function solved(lapses: Lapses): Promise<Sequence> {
  const oracle = solve({ question, chain }, world, lapses, createRandom(1));
  const task = { kind: 'solver', role: 'solver', values: { question }, oracle } as const;
  const sequence = await oracleEpisode(task, chat, world);
  if (sequence === undefined) throw new Error('The oracle gave no answer.');
  return sequence;
}

test('an example is the very episode; only what the solver says trains', async (t) => {
  const sequence = await solved(noLapses);
  t.equal(
    marked(sequence),
    `<|im_start|>user
solve: Who founded the company that built the ship Zalkey Temark?<|im_end|>
<|im_start|>assistant
⟦<search> Zalkey Temark builder</search>⟧<information>
 Zalkey Temark is a cargo ship. She has its home port in Plailko Fabemp. The builder of Zalkey Temark was Thavi Stevend. Zalkey Temark first took to the water in 1895. Zalkey Temark was rebuilt after a collision.
 Stenon Wamamp is a ship with three masts. Stenon Wamamp is registered in Flidim Niebend. The captain of Stenon Wamamp was Stagey Daimend. The ship carried tea and timber. The builder of Stenon Wamamp was Zalkey Jeven Helunk.
 Tierov Thodozt (also known as Zalkey Jovamp) is a sailing ship. Tierov Thodozt sails from Quiedel Nulvey Kezald. The captain of Tierov Thodozt was Stasku Geiluck. The ship survived two heavy storms. The builder of Tierov Thodozt was Quiedel Stemuzt.
</information>⟦<think> Zalkey Temark builder: Thavi Stevend</think><search> Thavi Stevend founder</search>⟧<information>
 Thavi Stevend (also known as Melko Voadank) is an old and respected company. Thavi Stevend has its main office in Bauvim Prarult. Thavi Stevend dates from 1877. Thavi Stevend was founded by Grani Goazark. Thavi Stevend employs many skilled workers.
 Drolkim Stevend is a family company. It has its main office in Plaikar Neiromp. The founder of Drolkim Stevend was Trenul Haivosk. It dates from 1827. Drolkim Stevend has a blue lion in its sign.
 Zeirnon Krelaft is a historical novel. It came from the pen of Queikul Stevend. It sold poorly at first. Zeirnon Krelaft was brought out by Thavi Stevend. It was first read in public in 1849.
</information>⟦<think> Thavi Stevend founder: Grani Goazark</think><answer> Grani Goazark</answer>⟧`,
  );
  t.same(copied(sequence), [
    ...[' the ship| Zalkey', ' ship Zalkey| Temark'],
    ...['\n<search>| Zalkey', '<search> Zalkey| Temark'],
    ...[' Temark was| Thavi', ' was Thavi| Stevend'],
    ...[' builder:| Thavi', ': Thavi| Stevend'],
    ...['</think><search>| Thavi', '<search> Thavi| Stevend'],
    ...[' founded by| Grani', ' by Grani| Goazark'],
    ...[' founder:| Grani', ': Grani| Goazark'],
  ]);
});

test('a solver that stops answers with the value of the first hop', async (t) => {
  const text = marked(await solved({ ...noLapses, stop: 1 }));
  t.match(
    text,
    /⟦<think> Zalkey Temark builder: Thavi Stevend<\/think><answer> Thavi Stevend<\/answer>⟧$/,
  );
});

test('the proposer asks its way back, and the verifier reads it forth', async (t) => {
  const oracle = propose('Grani Goazark', 2, world, 0, createRandom(1));
  const values = { answer: 'Grani Goazark', hops: 2 };
  const proposal = await oracleEpisode(
    { kind: 'p', role: 'proposer', values, oracle },
    chat,
    world,
  );
  const text = proposal === undefined ? '' : marked(proposal);
  t.match(text, /propose 2: Grani Goazark/);
  t.match(text, /⟦<search> Grani Goazark<\/search>⟧/);
  const [, subject = '', relation = ''] =
    /<think> Grani Goazark: (\S+ \S+) (.*)<\/think><search>/.exec(text) ?? [];
  t.ok(
    world.factsOf
      .get(subject)
      ?.some((fact) => fact.object === 'Grani Goazark' && fact.relation === relation),
  );
  t.match(text, /⟦.*<question> .*\?<\/question>⟧$/);

  const pages = chain.flatMap(({ subject: title }) => world.passageOf.get(title) ?? []);
  const read = async (material: typeof pages): Promise<string> => {
    const task = { kind: 'v', role: 'verifier', values: { question }, material } as const;
    const verifier = verify({ question, chain }, material, world);
    const example = await oracleEpisode({ ...task, oracle: verifier }, chat, world);
    return /⟦(.*)⟧$/.exec(example === undefined ? '' : marked(example))?.[1] ?? '';
  };
  const first = '<think> Zalkey Temark builder: Thavi Stevend; Thavi Stevend founder:';
  t.equal(await read(pages), `${first} Grani Goazark</think><answer> Grani Goazark</answer>`);
  t.equal(await read(pages.slice(0, 1)), `${first} unknown</think><answer> unknown</answer>`);
});

test('the examples of a world are of every kind, and the same each time', async (t) => {
  const examples = async (): Promise<Sequence[]> => {
    const all: Sequence[] = [];
    for await (const one of worldData(world, chat, createRandom(7, 'examples'), 0.01))
      all.push(one);
    return all;
  };
  const made = await examples();
  t.same([...new Set(made.map(({ kind }) => kind))].sort(), [
    ...['proposer', 'recall', 'reverse', 'short-proposer', 'short-verifier', 'solver'],
    ...['verifier', 'weak-proposer', 'weak-solver'],
  ]);
  made.forEach(copied);
  t.same(await examples(), made);
});
