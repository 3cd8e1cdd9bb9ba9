import { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { messageOf } from '../errors/error.ts';
import { hasWords } from '../game/answer-score.ts';
import type { Seed } from '../types/seed.ts';
import { seedSchema, topics } from '../types/seed.ts';

const text = z.string().regex(/\S/, 'must not be blank');

// As the SSP paper's released data (arXiv 2510.18821); its further keys are left out.
const releasedSchema = z.looseObject({
  ground_truth: z.union([text, z.array(text).min(1)], 'must be a text or a list of texts'),
  search_turns: z.coerce
    .number('must be a number of searches')
    .pipe(seedSchema.unwrap().shape.hops),
  topic: z.enum(topics).optional(),
  sys_question_example: z.string().optional(),
});

/** The seed on a line of JSON. Throws an Error that says what is wrong. */
export function parseReleasedLine(line: string): Seed {
  const parsed = releasedSchema.safeParse(parseJson(line));
  if (!parsed.success) throw new Error(describeIssues(parsed.error));
  const { ground_truth: truth, search_turns: hops, topic } = parsed.data;
  const examples = parsed.data.sys_question_example?.trim() ?? '';
  const forms = typeof truth === 'string' ? [truth] : truth;
  if (!forms.some(hasWords)) {
    throw new Error(`no word is left of ground_truth ${JSON.stringify(truth)} to be answered with`);
  }
  return {
    ...{ answers: forms.map((form) => form.trim()), hops },
    ...(topic !== undefined && { topic }),
    ...(examples !== '' && { examples }),
  };
}

/** A seed as a line of JSON that {@link parseReleasedLine} reads. */
export function seedLine({ answers, hops, topic, examples }: Seed): string {
  const truth = answers.length === 1 ? answers[0] : answers;
  const line = { ground_truth: truth, search_turns: hops, topic, sys_question_example: examples };
  return `${JSON.stringify(line)}\n`;
}

const linkStart = '/wiki/';
const notAnArticle =
  /^(?:Category|Draft|File|Help|MediaWiki|Module|Portal|Special|Talk|Template|User|Wikipedia|WP)(?: talk)?:/i;

/**
 * The answer on a line of a plain list: the line itself, or the title of a link `/wiki/Some_title`
 * without a last `(bracket)` that only tells pages apart. Undefined for links that name no article:
 * other namespaces, places in a page. Throws an Error where a link's escapes are wrong.
 */
export function parseListLine(line: string): string | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith(linkStart)) return trimmed.startsWith('#') ? undefined : trimmed;
  const title = unescape(trimmed.slice(linkStart.length).replace(/#.*$/, '')).trim();
  return title === '' || notAnArticle.test(title) ? undefined : withoutBracket(title);
}

/** `Mercury` for `Mercury (planet)`; the title itself where nothing else would be left. */
export function withoutBracket(title: string): string {
  return title.replace(/(?<=\S) *\([^()]*\)$/, '');
}

function unescape(address: string): string {
  try {
    return decodeURIComponent(address).replaceAll('_', ' ');
  } catch {
    throw new Error('the link has a broken escape');
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`it is not JSON: ${messageOf(error)}`, { cause: error });
  }
}
