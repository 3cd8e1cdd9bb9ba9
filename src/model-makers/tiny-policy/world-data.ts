import type { ChatFormat } from '../../chat/chat-format.ts';
import type { Searcher } from '../../rollout/searcher.ts';
import type { RetrievedPassage } from '../../types/episode.ts';
import type { Random } from '../../types/random.ts';
import { recallDrill, reverseDrill } from './drills.ts';
import type { OracleTask } from './oracle-episode.ts';
import { oracleEpisode } from './oracle-episode.ts';
import { propose } from './proposer-oracle.ts';
import type { Sequence } from './sequence.ts';
import { SequenceBuilder } from './sequence.ts';
import type { Lapses } from './solver-oracle.ts';
import { noLapses, solve } from './solver-oracle.ts';
import type { TrainingWorld } from './training-world.ts';
import { drawQuestion } from './training-world.ts';
import type { Piece } from './turn.ts';
import { say } from './turn.ts';
import { verifierExam, verify } from './verifier-exam.ts';
/** How the weak player that ships goes wrong. */
const weakLapses: Lapses = { stop: 0.6, query: 0.04, value: 0.02 };
const proposerStop = 0.45;
const shortStop = 0.25;
/** Titles are often no fact's object; then the proposer is to say that it found nothing. */
const titleShare = 0.15;
/** Share of the drills whose passages are of one kind, so that the relation alone tells nothing. */
const likeShare = 0.7;

/** Examples of one kind from a world. */
interface Part {
  readonly count: number;
  readonly make: (random: Random) => Promise<Sequence | undefined>;
}

/** The examples of a world, kind after kind: some 4,800, or a share of each kind, 0..1. */
export async function* worldData(
  world: TrainingWorld,
  chat: ChatFormat,
  random: Random,
  share = 1,
): AsyncGenerator<Sequence> {
  const play = (task: OracleTask): Promise<Sequence | undefined> =>
    oracleEpisode(task, chat, world);
  const short = { ...world, searcher: linkSearcher(world) };
  const playShort = (task: OracleTask): Promise<Sequence | undefined> =>
    oracleEpisode(task, chat, short);
  const drill = (make: typeof recallDrill, kind: string, prompt: string) => (from: Random) =>
    Promise.resolve(drillSequence(make, { kind, prompt }, { world, chat, random: from }));
  const parts: readonly Part[] = [
    { count: 700, make: drill(recallDrill, 'recall', 'recall') },
    { count: 300, make: drill(reverseDrill, 'reverse', 'reverse') },
    { count: 500, make: (from) => play(solverTask('solver', noLapses, world, from)) },
    { count: 500, make: (from) => play(solverTask('weak-solver', weakLapses, world, from)) },
    { count: 300, make: (from) => play(proposerTask('proposer', 0, world, from)) },
    { count: 300, make: (from) => play(proposerTask('weak-proposer', proposerStop, world, from)) },
    { count: 900, make: async (from) => play(await verifierTask(world, from)) },
    { count: 700, make: (from) => play(shortVerifierTask(world, from)) },
    {
      count: 600,
      make: (from) => playShort(proposerTask('short-proposer', shortStop, short, from)),
    },
  ];
  for (const { count, make } of parts) {
    for (let made = 0; made < count * share; made += 1) {
      const sequence = await make(random);
      if (sequence !== undefined) yield sequence;
    }
  }
}

function drillSequence(
  make: typeof recallDrill,
  { kind, prompt }: { kind: string; prompt: string },
  { world, chat, random }: { world: TrainingWorld; chat: ChatFormat; random: Random },
): Sequence {
  const titles = random.chance(likeShare)
    ? titlesLike(random.pick(world.titles), world)
    : world.titles;
  const passages = random
    .sample(titles, 1 + random.below(5))
    .flatMap((title) => world.passageOf.get(title) ?? []);
  const content = `${prompt}:\n${passages.map(({ text }) => ` ${text}`).join('\n')}`;
  const messages = [{ role: 'user', content } as const];
  const builder = new SequenceBuilder(chat.tokenizer, world);
  builder.addRead(chat.renderChat(messages, { addGenerationPrompt: true }).ids, passages);
  const pieces: Piece[] = make(passages, 8, world, random);
  builder.addSaid([{ ...say('<think>'), trains: false }, ...pieces]);
  return builder.sequence(kind);
}

/** Titles of the same kind. */
function titlesLike(title: string, { world, titles }: TrainingWorld): readonly string[] {
  const { first, count } = world.entitiesOf(world.kindOf(titles.indexOf(title)).name);
  return titles.slice(first, first + count);
}

function solverTask(
  kind: string,
  lapses: Lapses,
  world: TrainingWorld,
  random: Random,
): OracleTask {
  const question = drawQuestion(world, random);
  const oracle = solve(question, world, lapses, random);
  return { kind, role: 'solver', values: { question: question.question }, oracle };
}

function proposerTask(
  kind: string,
  stop: number,
  world: TrainingWorld,
  random: Random,
): OracleTask {
  const { object } = random.pick(random.pick(world.pagesWithFacts));
  const answer = random.chance(titleShare) ? random.pick(world.titles) : object;
  const hops = 1 + random.below(3);
  const oracle = propose(answer, hops, world, stop, random);
  return { kind, role: 'proposer', values: { answer, hops }, oracle };
}

/** Finds only what the proposer wants: one page with a fact that has the query as its object. */
function linkSearcher({ searcher, factsOf }: TrainingWorld): Searcher {
  return {
    async search(query, signal) {
      const found = await searcher.search(query, signal);
      const isLink = ({ title }: RetrievedPassage): boolean =>
        factsOf.get(title)?.some(({ object }) => object === query) === true;
      return found.filter(isLink).slice(0, 1);
    },
  };
}

/** The bare pages: cheap to read, so that many questions are seen. */
function shortVerifierTask(world: TrainingWorld, random: Random): OracleTask {
  const { question, chain, gold_pages: gold } = drawQuestion(world, random);
  const pages = gold.flatMap((title) => world.passageOf.get(title) ?? []);
  const material = random.shuffled([...new Set(pages)]);
  return {
    ...{ kind: 'short-verifier', role: 'verifier', values: { question }, material },
    oracle: verify({ question, chain }, material, world),
  };
}

async function verifierTask(world: TrainingWorld, random: Random): Promise<OracleTask> {
  const { question, chain, material } = await verifierExam(world, random);
  return {
    ...{ kind: 'verifier', role: 'verifier', values: { question }, material },
    oracle: verify({ question, chain }, material, world),
  };
}
