import { element, shortNumber } from './elements.js';

/** @import { EpisodeView, QuestionView, StepView } from '../question-view.ts' */
/** @import { PageData } from '../page-data.ts' */
/** @typedef {PageData['runs'][number]['passages']} Passages */

/**
 * A question with all that happened around it, as a new element. Whatever a model or a passage says
 * goes in as text.
 *
 * @param {QuestionView} question
 * @param {Passages} passages
 * @returns {HTMLElement}
 */
export function questionElement(question, passages) {
  const look = { passages, answers: question.answers };
  return element(
    'div',
    'question',
    heading(question),
    element('blockquote', '', question.question ?? 'No question was asked.'),
    facts([
      ['Ground truth', question.answers.join(' | ')],
      ['Hops asked for', question.seed?.hops],
      ['Topic', question.seed?.topic],
      ['Place in the batch', question.place],
      ['By the facts', question.truth],
    ]),
    proposerPart(question, look),
    verificationPart(question, look),
    solverPart(question, look),
  );
}

/**
 * `valid`, `rejected: wrong-answer`, `failed: search`, or the place of a question that nobody proposed
 * in this step: `reused` or `given`.
 *
 * @param {Pick<QuestionView, 'proposal' | 'place'>} question
 * @returns {string}
 */
export function verdictText({ proposal, place }) {
  if (proposal === undefined) return place;
  const { verdict } = proposal;
  switch (verdict.kind) {
    case 'valid':
      return 'valid';
    case 'rejected':
      return `rejected: ${verdict.reason}`;
    case 'failed':
      return `failed: ${verdict.failure}`;
  }
}

/**
 * `3/5`: attempts with a full reward among those that have one; empty where there are none.
 *
 * @param {QuestionView} question
 * @returns {string}
 */
export function successText({ attempts }) {
  const rewards = attempts.flatMap(({ reward }) =>
    reward.kind === 'reward' ? [reward.reward] : [],
  );
  return rewards.length === 0
    ? ''
    : `${rewards.filter((reward) => reward >= 1).length}/${rewards.length}`;
}

/** @param {QuestionView} question */
function heading(question) {
  const verdict = verdictText(question);
  const kind = verdict.split(':')[0] ?? '';
  const title = `Step ${question.step}, question ${question.index}`;
  return element('h3', '', title, ' ', element('span', `badge ${kind}`, verdict));
}

/** @typedef {{ passages: Passages, answers: readonly string[] }} Look */

/**
 * @param {QuestionView} question
 * @param {Look} look
 */
function proposerPart({ proposal, place }, look) {
  if (proposal === undefined) {
    const from = place === 'given' ? 'a file' : 'an earlier step';
    return part('Proposer', element('p', '', `The question comes from ${from}.`));
  }
  const { episode, verdict, reward, advantage } = proposal;
  const by = verdict.kind === 'rejected' ? `, by the ${verdict.by}` : '';
  return part(
    'Proposer',
    facts([
      ['Verdict', verdictText({ proposal, place }) + by],
      ['Reward', reward === undefined ? 'none, no place in the batch' : rewardText(reward)],
      ['Advantage', advantage === undefined ? undefined : shortNumber(advantage, true)],
    ]),
    episodeElement(episode, look),
  );
}

/**
 * @param {QuestionView} question
 * @param {Look} look
 */
function verificationPart({ proposal, verification }, look) {
  if (verification === undefined) return undefined;
  const { reader, passages, noisePassages, acceptedBy, episode, text } = verification;
  const own = new Set(proposal && foundBy(proposal.episode));
  return part(
    'Verification',
    element(
      'p',
      '',
      `The ${reader} reads ${passages.length} passages, ${noisePassages} of them noise, and may not search.`,
    ),
    passageList(passages, look, (id) => (own.has(id) ? undefined : 'noise')),
    episode && episodeElement(episode, look),
    text === undefined ? undefined : sampledText('judge', text, look),
    acceptedBy && element('p', '', `Accepted only by ${acceptedBy}.`),
  );
}

/**
 * @param {QuestionView} question
 * @param {Look} look
 */
function solverPart(question, look) {
  const { attempts } = question;
  if (attempts.length === 0) return undefined;
  const title = `Solver: ${successText(question) || 'no'} attempts right`;
  return part(
    title,
    ...attempts.map(({ episode, reward, judged, advantage }, i) => {
      const summary = [
        `Attempt ${i + 1}`,
        reward.kind === 'reward' ? `reward ${rewardText(reward)}` : rewardText(reward),
        judged && `judged ${judged}`,
        advantage === undefined ? undefined : `advantage ${shortNumber(advantage, true)}`,
        outcomeText(episode),
      ];
      const text = summary.filter((each) => each !== undefined).join(' · ');
      return fold(`attempt ${isRight(reward) ? 'right' : 'wrong'}`, text, [
        episodeElement(episode, look),
      ]);
    }),
  );
}

/** @param {QuestionView['attempts'][number]['reward']} reward */
function isRight(reward) {
  return reward.kind === 'reward' && reward.reward >= 1;
}

/** @param {QuestionView['attempts'][number]['reward']} reward */
function rewardText(reward) {
  return reward.kind === 'reward' ? shortNumber(reward.reward) : `left out: ${reward.cause}`;
}

/** @param {EpisodeView} episode */
function outcomeText({ outcome }) {
  switch (outcome.kind) {
    case 'answered':
      return `“${outcome.text}”`;
    case 'no-answer':
      return `no answer: ${outcome.reason}`;
    case 'failed':
      return `failed: ${outcome.failure}`;
    case 'turn-limit':
    case 'length-limit':
      return outcome.kind;
  }
}

/** @param {EpisodeView} episode */
function foundBy({ steps }) {
  return steps.flatMap((step) => (step.kind === 'result' ? step.passages : []));
}

/**
 * @param {EpisodeView} episode
 * @param {Look} look
 */
function episodeElement(episode, look) {
  const tokens = episode.steps.reduce((sum, step) => sum + step.tokens, 0);
  return element(
    'div',
    'episode',
    element(
      'p',
      'note',
      `${episode.role}: prompt ${episode.promptTokens} tokens, response ${tokens}`,
    ),
    ...episode.steps.map((step) => stepElement(step, look)),
    element('p', 'outcome', `Ends: ${outcomeText(episode)}`),
  );
}

/**
 * @param {StepView} step
 * @param {Look} look
 */
function stepElement(step, look) {
  switch (step.kind) {
    case 'sampled':
      return sampledText(
        `sampled, ${step.tokens} tokens, ${actionText(step.action)}`,
        step.text,
        look,
      );
    case 'result':
      return element(
        'div',
        'step retrieved',
        element('p', 'what', `retrieved for “${step.query}”, ${step.tokens} tokens`),
        step.passages.length === 0
          ? element('p', '', 'Nothing was found.')
          : passageList(step.passages, look, () => undefined),
      );
    case 'remark':
      return element(
        'div',
        'step remark',
        element('p', 'what', `said to the model, ${step.tokens} tokens`),
        element('pre', '', step.text),
      );
  }
}

/** @param {Extract<StepView, { kind: 'sampled' }>['action']} action */
function actionText(action) {
  return action.kind === 'none' ? `no action: ${action.reason}` : action.kind;
}

/**
 * @param {string} what
 * @param {string} text
 * @param {Look} look
 */
function sampledText(what, text, { answers }) {
  return element(
    'div',
    'step sampled',
    element('p', 'what', what),
    element('pre', '', ...marked(text, answers)),
  );
}

/**
 * Passages that can be opened, each with what `noteOf` says of it.
 *
 * @param {readonly string[]} ids
 * @param {Look} look
 * @param {(id: string) => string | undefined} noteOf
 */
function passageList(ids, { passages, answers }, noteOf) {
  return element(
    'div',
    'passages',
    ...ids.map((id) => {
      const { title, text } = passages[id] ?? { title: id, text: '' };
      const note = noteOf(id);
      const holds = answers.some((answer) => text.toLowerCase().includes(answer.toLowerCase()));
      return fold(
        `passage ${note ?? ''}`,
        title,
        [element('p', '', ...marked(text, answers)), element('p', 'note', id)],
        note,
        holds ? 'names the answer' : undefined,
      );
    }),
  );
}

/**
 * The text with the answers marked, whatever their case.
 *
 * @param {string} text
 * @param {readonly string[]} answers
 */
function marked(text, answers) {
  const escaped = answers.map((answer) => answer.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const parts = text.split(new RegExp(`(${escaped.join('|')})`, 'i'));
  return parts.map((text, i) => (i % 2 === 1 ? element('mark', '', text) : text));
}

/**
 * @param {string} className
 * @param {string} summary
 * @param {readonly Node[]} content
 * @param {readonly (string | undefined)[]} badges
 */
function fold(className, summary, content, ...badges) {
  const named = badges.flatMap((text) => (text === undefined ? [] : [text]));
  return element(
    'details',
    className,
    element('summary', '', summary, ...named.map((text) => element('span', 'badge', text))),
    ...content,
  );
}

/**
 * @param {string} title
 * @param {readonly (Node | undefined)[]} content
 */
function part(title, ...content) {
  return element('section', 'part', element('h4', '', title), ...content);
}

/** @param {readonly (readonly [string, string | number | undefined])[]} pairs */
function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== undefined);
  return element(
    'dl',
    'facts',
    ...known.map(([key, value]) =>
      element('div', '', element('dt', '', key), element('dd', '', String(value))),
    ),
  );
}
