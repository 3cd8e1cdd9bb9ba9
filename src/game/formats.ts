import type { FormatTags, GameFormat } from './format.ts';
import { proposerTask, solverTask, verifierTask } from './role-prompts.ts';

const tags: FormatTags = {
  search: 'search',
  answer: 'answer',
  question: 'question',
  result: 'information',
  think: 'think',
};

/** The task and the question as one user message. */
function oneMessage(of: FormatTags): GameFormat['prompts'] {
  return {
    proposer: { user: proposerTask(of) },
    solver: { user: `${solverTask(of)}\n\nQuestion: {question}` },
    verifier: { user: verifierTask(of) },
  };
}

const noPassages = 'No passage was found.';

/**
 * The default, for Qwen2.5, Qwen3 and Llama 3.1 chat models, whose templates write the messages
 * around it. Layout of results as in the released code of the SSP paper (arXiv 2510.18821).
 */
const ssp: GameFormat = {
  tags,
  prompts: oneMessage(tags),
  results: {
    role: 'assistant',
    block: '\n<information>\n{passages}</information>\n\n',
    passage: 'Doc {rank} (Title: {title})\n{text}',
    separator: '\n\n',
    none: noPassages,
  },
};

/** Search-R1 (arXiv 2503.09516): a turn that did nothing is told so and may try again. */
const searchR1: GameFormat = {
  tags,
  prompts: oneMessage(tags),
  results: {
    role: 'assistant',
    block: '\n\n<information>{passages}</information>\n\n',
    passage: 'Doc {rank}(Title: {title}) {text}',
    separator: '\n',
    none: noPassages,
  },
  remark:
    '\nThat was no valid step. A step ends with one of the tags of the task, closed and with text ' +
    'between. I try again.\n',
};

/** ZeroSearch (arXiv 2505.04588): Search-R1's tags and layout. */
const zeroSearch: GameFormat = searchR1;

const rSearchTags: FormatTags = {
  ...tags,
  result: 'observation',
  evidence: 'original_evidence',
};

/** R-Search (arXiv 2506.04185): the task as system message, evidence quoted before the answer. */
const rSearch: GameFormat = {
  tags: rSearchTags,
  prompts: {
    ...oneMessage(rSearchTags),
    solver: { system: solverTask(rSearchTags), user: '{question}' },
  },
  results: {
    ...searchR1.results,
    block: '\n<observation>{passages}</observation>\n',
  },
};

/** For the tiny policy, which knows these prompts by heart: few words, as each one costs time. */
const tiny: GameFormat = {
  tags,
  prompts: {
    proposer: { user: 'propose {hops}: {answer}' },
    solver: { user: 'solve: {question}' },
    verifier: { user: 'verify: {question}\n{material}' },
  },
  results: {
    role: 'assistant',
    block: '<information>\n{passages}\n</information>',
    passage: ' {text}',
    separator: '\n',
    none: noPassages,
  },
};

/** The formats by the names that a configuration gives. */
export const gameFormats = {
  ssp,
  'search-r1': searchR1,
  'r-search': rSearch,
  'zero-search': zeroSearch,
  tiny,
} as const satisfies Readonly<Record<string, GameFormat>>;
