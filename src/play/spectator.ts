import type { EpisodeRecord, EpisodeStep, Outcome, RetrievedPassage } from '../types/episode.ts';
import type { Attempt, ProposalVerdict, QuestionRecord, Reward } from '../types/question-record.ts';

/** What is shown at once. */
export interface Piece {
  readonly heading: string;
  readonly text: string;
}

/** What happened around a question, piece by piece, in the order in which it happened. */
export function piecesOf(record: QuestionRecord): Piece[] {
  const { proposal, attempts, place } = record;
  return [
    start(record),
    ...(proposal === undefined ? [] : episodePieces('Proposer', proposal.episode)),
    ...verification(record),
    verdict(record),
    ...attempts.flatMap((attempt, i) =>
      attemptPieces(attempt, `Attempt ${i + 1} of ${attempts.length}`),
    ),
    ...(place === 'none' || place === 'given' ? [] : [proposerReward(record)]),
  ];
}

const placeTexts: Readonly<Record<QuestionRecord['place'], string>> = {
  fresh: 'It was played.',
  reused: 'A question of an earlier step, played again.',
  given: 'A question of a file; it was played.',
  none: 'It was not played.',
};

function start({ step, index, seed, answers, place }: QuestionRecord): Piece {
  const topic = seed?.topic === undefined ? '' : `; topic ${seed.topic}`;
  const facts = seed === undefined ? [] : [`Asked for in ${seed.hops} hops${topic}.`];
  return {
    heading: `Step ${step}, question ${index}`,
    text: [`Answer: ${answers.join(' = ')}`, ...facts, placeTexts[place]].join('\n'),
  };
}

/** An episode: a piece for each turn with what came back, and its end. */
function episodePieces(name: string, { steps, outcome }: EpisodeRecord): Piece[] {
  let turn = 0;
  const pieces = steps.map((step): Piece => {
    if (step.kind === 'sampled') turn += 1;
    return stepPiece(`${name}, turn ${turn}`, step);
  });
  return [...pieces, { heading: `${name} ends`, text: outcomeText(outcome) }];
}

function stepPiece(where: string, step: EpisodeStep): Piece {
  switch (step.kind) {
    case 'sampled':
      return { heading: `${where} (${step.tokens.length} tokens)`, text: step.text };
    case 'result':
      return { heading: `${where}: found for "${step.query}"`, text: passagesText(step.passages) };
    case 'remark':
      return { heading: `${where}: remark`, text: step.text };
  }
}

/** Passages as a numbered list. */
export function passagesText(
  passages: readonly RetrievedPassage[],
  isNoise: (passage: RetrievedPassage) => boolean = () => false,
): string {
  if (passages.length === 0) return 'Nothing was found.';
  return passages
    .map((passage, i) => {
      const sign = isNoise(passage) ? ' (noise)' : '';
      return `${i + 1}. ${passage.title}${sign}\n   ${passage.text}`;
    })
    .join('\n');
}

/** How an episode ended, in words. */
export function outcomeText(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'answered':
      return outcome.text;
    case 'no-answer':
      return `No answer: the last turn did nothing (${outcome.reason}).`;
    case 'turn-limit':
      return 'Turns or searches are used up.';
    case 'length-limit':
      return 'It became too long.';
    case 'failed':
      return `The ${outcome.failure} service failed; that is no reward.`;
  }
}

/** The question as it goes to the solver, with what was said of it. */
function verdict({ question, answers, truth, proposal }: QuestionRecord): Piece {
  const said = proposal === undefined ? [] : [verdictText(proposal.verdict)];
  const paid =
    proposal === undefined || proposal.verdict.kind === 'valid'
      ? []
      : [rewardText(proposal.reward, proposal.advantage)];
  const known = truth === undefined ? [] : [`By the facts of the world: ${truth}.`];
  return {
    heading: `The question: ${question ?? 'none'}`,
    text: [`Answer: ${answers.join(' = ')}`, ...said, ...paid, ...known].join('\n'),
  };
}

function verdictText(verdict: ProposalVerdict): string {
  switch (verdict.kind) {
    case 'valid':
      return 'Valid.';
    case 'rejected':
      return `Rejected by ${verdict.by}: ${verdict.reason}.`;
    case 'failed':
      return `The ${verdict.failure} service failed; that is no reward.`;
  }
}

function verification({ verification: read, proposal }: QuestionRecord): Piece[] {
  if (read === undefined) return [];
  const own = new Set(
    proposal?.episode.steps.flatMap((step) =>
      step.kind === 'result' ? step.passages.map(({ id }) => id) : [],
    ),
  );
  const material = passagesText(read.passages, ({ id }) => !own.has(id));
  const reading = read.episode === undefined ? read.text : outcomeText(read.episode.outcome);
  const only = read.acceptedBy === undefined ? '' : `\nAccepted only by ${read.acceptedBy}.`;
  return [
    { heading: `Verification: the ${read.reader} reads`, text: material },
    { heading: 'Verification: its answer', text: `${reading ?? 'The judge failed.'}${only}` },
  ];
}

function attemptPieces({ episode, reward, judged, advantage }: Attempt, name: string): Piece[] {
  const judge = judged === undefined ? [] : [`The judge: ${judged}.`];
  return [
    ...episodePieces(name, episode),
    { heading: `${name}: reward`, text: [...judge, rewardText(reward, advantage)].join('\n') },
  ];
}

function proposerReward({ proposal }: QuestionRecord): Piece {
  const text =
    proposal === undefined
      ? 'None: its question is of an earlier step.'
      : rewardText(proposal.reward, proposal.advantage);
  return { heading: "The proposer's reward", text };
}

/** A reward and what it trains, in words. */
export function rewardText(reward: Reward | undefined, advantage?: number): string {
  if (reward === undefined) return 'No reward.';
  if (reward.kind === 'left-out') return `No reward: left out (${reward.cause}).`;
  const trains = advantage === undefined ? '' : `, advantage ${advantage.toFixed(3)}`;
  return `Reward ${reward.reward.toFixed(3)}${trains}.`;
}
