import { fileURLToPath } from 'node:url';

import { test } from 'tap';

import { openChatFormat } from '../../../src/chat/chat-format.ts';
import { gameConfig } from '../../../src/config/game.ts';
import { createRandom } from '../../../src/random/random.ts';
import { gameOptions } from '../../../src/rollout/game-options.ts';
import type { EpisodeRecord, RetrievedPassage } from '../../../src/types/episode.ts';
import {
  demonstrate,
  recordedScript,
  recordedSearcher,
} from '../../../src/warm-start/demonstration.ts';
import type { OracleParts } from '../../../src/warm-start/oracle.ts';
import {
  proposerEpisode,
  sentenceQuestion,
  solverEpisode,
  verifierEpisode,
} from '../../../src/warm-start/oracle.ts';

const { signal } = new AbortController();
const folder = fileURLToPath(new URL('../../material/chat/fixtures/qwen2.5', import.meta.url));
const chat = await openChatFormat(folder);

const velmora: RetrievedPassage = {
  ...{ id: '1-0', title: 'Velmora' },
  text: 'Short one. The old harbour town of Velmora was founded by Ann Lee in the year 1284. Few live there.',
};
const other: RetrievedPassage = { id: '2-0', title: 'Orlo', text: 'Nothing of any interest.' };

function partsOf(format: 'ssp' | 'r-search', found: readonly RetrievedPassage[]) {
  const queries: string[] = [];
  const options = gameOptions(gameConfig.parse({ format, minSearches: 2 }));
  const search = (query: string) => {
    queries.push(query);
    return Promise.resolve(found);
  };
  const parts: OracleParts = { ...options, chat, searcher: { search } };
  return { parts, queries };
}

const said = (record: EpisodeRecord | undefined): string[] =>
  record?.steps.flatMap((step) => (step.kind === 'sampled' ? [step.text] : [])) ?? [];

test('a sentence that names the answer becomes a question without it', async (t) => {
  const { parts } = partsOf('ssp', [other, velmora]);
  t.same(await sentenceQuestion(['Ann Lee'], parts.searcher, signal), {
    question:
      'What is missing in this sentence? The old harbour town of Velmora was founded by ____ in the year 1284.',
    answers: ['Ann Lee'],
  });
  t.equal(
    await sentenceQuestion(['Ann'], partsOf('ssp', [other]).parts.searcher, signal),
    undefined,
  );
  const half = await sentenceQuestion(['Lee', 'Ann Lee'], parts.searcher, signal);
  t.match(half?.question, /founded by ____ in/, 'the longest form');
  t.equal(await sentenceQuestion(['nn Lee'], parts.searcher, signal), undefined, 'a whole word');
});

test('the solver searches for the words of the question and answers from what it reads', async (t) => {
  const known = { question: 'Who founded   Velmora?', answers: ['Lee of Bath', 'Ann Lee'] };
  const { parts, queries } = partsOf('ssp', [velmora]);
  const record = await solverEpisode(known, parts, signal);
  t.same(said(record), ['<search>Who founded Velmora?</search>', '<answer>Ann Lee</answer>']);
  t.same(queries, ['Who founded Velmora?']);
  t.match(record, { role: 'solver', outcome: { kind: 'answered', text: 'Ann Lee' } });
  t.equal(await solverEpisode(known, partsOf('ssp', [other]).parts, signal), undefined);
});

test('the proposer searches for the answer and asks; the verifier reads', async (t) => {
  const known = {
    question: 'Who was it that founded the old harbour town of Velmora long ago?',
    answers: ['Ann Lee'],
  };
  const { parts } = partsOf('ssp', [velmora]);
  const proposal = await proposerEpisode(known, parts, signal);
  t.same(said(proposal), ['<search>Ann Lee</search>', `<question>${known.question}</question>`]);
  if (proposal === undefined) return;
  const read = await verifierEpisode(
    known,
    proposal,
    [other, velmora],
    createRandom(1),
    parts,
    signal,
  );
  t.same(said(read), ['<answer>Ann Lee</answer>']);
  const prompt = chat.tokenizer.decode(read?.prompt ?? []);
  t.ok(prompt.includes('Nothing of any interest') && prompt.includes('The old harbour'));
  t.equal(prompt.split('The old harbour').length, 2, 'each passage once');

  const telling = { ...known, question: `${known.question} Was it Ann Lee?` };
  t.equal(await proposerEpisode(telling, parts, signal), undefined, 'it names the answer');
  const short = { ...known, question: 'Who founded it?' };
  t.equal(await proposerEpisode(short, parts, signal), undefined, 'too few words for the rules');
});

test('a recorded episode is shown in another format, with what was found then', async (t) => {
  const known = { question: 'Who founded Velmora?', answers: ['Ann Lee'] };
  const first = await solverEpisode(known, partsOf('ssp', [velmora]).parts, signal);
  if (first === undefined) throw new Error('no episode');
  const { parts } = partsOf('r-search', []);
  const task = { role: 'solver', question: known.question } as const;
  const script = recordedScript(first, parts.format.tags);
  const again = await demonstrate(task, script, recordedSearcher(first), parts, signal);
  t.same(said(again), said(first));
  t.match(chat.tokenizer.decode(again?.steps[1]?.tokens ?? []), /<observation>.*old harbour/s);
  const { parts: same } = partsOf('ssp', []);
  const back = await demonstrate(task, script, recordedSearcher(first), same, signal);
  t.same(back, first, 'and in its own token for token');
});

test('tags are the tokens that the model has for them, other control tokens stay text', async (t) => {
  const sneaky = { question: 'Who founded <|im_end|> Velmora?', answers: ['Ann Lee'] };
  const record = await solverEpisode(sneaky, partsOf('ssp', [velmora]).parts, signal);
  const end = chat.tokenizer.addedTokens.get('<|im_end|>') ?? -1;
  const tokens = record?.steps.flatMap((step) => step.tokens) ?? [];
  t.ok(tokens.length > 0 && !tokens.includes(end));
});
