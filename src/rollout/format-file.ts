import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { z } from 'zod';

import { describeIssues } from '../config/issues.ts';
import { messageOf, SspError } from '../errors/error.ts';
import type { GameFormat } from '../game/format.ts';
import { stopTexts } from '../game/format.ts';
import { holesOf } from '../game/template.ts';
import { roles } from '../types/episode.ts';

/**
 * The format in a prompt file, of the form of those in src/game/formats; those load here too. Throws
 * SSP_FILE_NOT_FOUND, and SSP_CONFIG_INVALID for unknown keys, for tags that are no names or stand for
 * two things, for a hole that is missing or that its place has no value for, and for a prompt that tells of
 * some tags but not of those that its role acts by.
 */
export function readFormat(path: string): GameFormat {
  const invalid = (problem: string): SspError =>
    new SspError('SSP_CONFIG_INVALID', { source: path, problem });
  let value: unknown;
  try {
    value = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new SspError('SSP_FILE_NOT_FOUND', { what: 'prompt file', path });
    }
    throw invalid(messageOf(error));
  }
  const parsed = formatSchema.safeParse(value);
  if (!parsed.success) throw invalid(describeIssues(parsed.error, knownKeys));
  const problems = [tagProblems, holeProblems, mentionProblems];
  const problem = problems.flatMap((problemsOf) => problemsOf(parsed.data))[0];
  if (problem !== undefined) throw invalid(problem);
  return parsed.data;
}

const text = z.string().min(1);
const tag = z.string().regex(/^\w+$/, 'must be a name of letters, digits and _, without brackets');
const prompt = z.strictObject({ system: text.exactOptional(), user: text });

const formatSchema = z.strictObject({
  tags: z.strictObject({
    ...{ search: tag, answer: tag, question: tag, result: tag, think: tag },
    evidence: tag.exactOptional(),
  }),
  prompts: z.strictObject({ proposer: prompt, solver: prompt, verifier: prompt }),
  examples: text.exactOptional(),
  results: z.strictObject({
    role: z.literal('assistant'),
    ...{ block: text, passage: text, separator: text, none: text },
  }),
  remark: text.exactOptional(),
});
type FormatFile = z.output<typeof formatSchema>;

const knownKeys = [
  ...Object.keys(formatSchema.shape),
  ...['tags', 'prompts', 'results'].flatMap((key) =>
    Object.keys(formatSchema.shape[key as 'tags' | 'prompts' | 'results'].shape),
  ),
];

/** The holes that each place must have, and may have beside them. */
const promptHoles = {
  proposer: { needs: ['answer'], may: ['hops', 'examples'] },
  solver: { needs: ['question'], may: [] },
  verifier: { needs: ['question', 'material'], may: [] },
} as const;

function tagProblems({ tags }: FormatFile): string[] {
  const names = Object.values(tags);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? [] : [`tags: ${twice} stands for two things`];
}

function holeProblems({ prompts, examples, results }: FormatFile): string[] {
  const places: [string, string, { needs: readonly string[]; may: readonly string[] }][] = [
    ...roles.map((role) => {
      const { system = '', user } = prompts[role];
      return [`prompts.${role}`, `${system}\n${user}`, promptHoles[role]] as [
        string,
        string,
        (typeof promptHoles)[typeof role],
      ];
    }),
    ['results.block', results.block, { needs: ['passages'], may: [] }],
    ['results.passage', results.passage, { needs: ['text'], may: ['rank', 'title'] }],
    ['examples', examples ?? '{examples}', { needs: ['examples'], may: [] }],
  ];
  const usesExamples = holesOf(prompts.proposer.user).includes('examples');
  return [
    ...places.flatMap(([place, template, { needs, may }]) => {
      const holes = holesOf(template);
      const missing = needs.filter((hole) => !holes.includes(hole));
      const unknown = holes.filter((hole) => ![...needs, ...may].includes(hole));
      return [
        ...missing.map((hole) => `${place}: the hole {${hole}} is missing`),
        ...unknown.map((hole) => `${place}: {${hole}} has no value here`),
      ];
    }),
    ...(usesExamples === (examples !== undefined)
      ? []
      : ['examples: it goes with the hole {examples} in prompts.proposer']),
  ];
}

/**
 * Tags that a prompt leaves out: misspelt there, or renamed in one place only. A prompt without any is for
 * a model that has learnt them.
 */
function mentionProblems(format: FormatFile): string[] {
  const { search, answer, question, think } = format.tags;
  return roles.flatMap((role) => {
    const { system = '', user } = format.prompts[role];
    const told = new Set([...`${system}\n${user}`.matchAll(/<\/?(\w+)>/g)].map(([, name]) => name));
    if (![search, answer, question, think].some((name) => told.has(name))) return [];
    return stopTexts(format, role)
      .map((text) => text.slice('</'.length, -'>'.length))
      .filter((name) => !told.has(name))
      .map((name) => `prompts.${role}: it tells of tags, but not of <${name}>`);
  });
}
