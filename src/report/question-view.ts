import type { EpisodeRecord, EpisodeStep, RetrievedPassage } from '../types/episode.ts';
import type { Attempt, QuestionRecord } from '../types/question-record.ts';

type Sampled = Extract<EpisodeStep, { kind: 'sampled' }>;
type Result = Extract<EpisodeStep, { kind: 'result' }>;
type Remark = Extract<EpisodeStep, { kind: 'remark' }>;

/** One piece of a response without its token ids; `tokens` is their count. Passages are ids. */
export type StepView =
  | (Pick<Sampled, 'kind' | 'text' | 'action'> & { readonly tokens: number })
  | (Pick<Result, 'kind' | 'query'> & {
      readonly tokens: number;
      readonly passages: readonly string[];
    })
  | (Pick<Remark, 'kind' | 'text'> & { readonly tokens: number });

export interface EpisodeView extends Pick<EpisodeRecord, 'role' | 'outcome'> {
  readonly promptTokens: number;
  readonly steps: readonly StepView[];
}

type WithView<Part extends { readonly episode?: EpisodeRecord | undefined }> = Omit<
  Part,
  'episode'
> & { readonly episode: EpisodeView };
type Proposal = NonNullable<QuestionRecord['proposal']>;
type Verification = NonNullable<QuestionRecord['verification']>;

/** A {@link QuestionRecord} as the page holds it: token ids are left out, passages are ids. */
export interface QuestionView extends Omit<
  QuestionRecord,
  'proposal' | 'verification' | 'attempts'
> {
  readonly proposal?: WithView<Proposal>;
  readonly verification?: Omit<Verification, 'episode' | 'passages'> & {
    readonly passages: readonly string[];
    readonly episode?: EpisodeView;
  };
  readonly attempts: readonly WithView<Attempt>[];
}

export function questionView(record: QuestionRecord): QuestionView {
  const { proposal, verification, attempts, ...rest } = record;
  return {
    ...rest,
    ...(proposal && { proposal: { ...proposal, episode: episodeView(proposal.episode) } }),
    ...(verification && { verification: verificationView(verification) }),
    attempts: attempts.map((attempt) => ({ ...attempt, episode: episodeView(attempt.episode) })),
  };
}

/** Every passage that a record shows, as often as it shows it. */
export function passagesOf({
  proposal,
  verification,
  attempts,
}: QuestionRecord): RetrievedPassage[] {
  const episodes = [proposal, verification, ...attempts].flatMap((part) => part?.episode ?? []);
  const steps = episodes.flatMap((episode) => episode.steps);
  const found = steps.flatMap((step) => (step.kind === 'result' ? step.passages : []));
  return [...found, ...(verification?.passages ?? [])];
}

function verificationView({
  episode,
  passages,
  ...rest
}: Verification): NonNullable<QuestionView['verification']> {
  return { ...rest, passages: idsOf(passages), ...(episode && { episode: episodeView(episode) }) };
}

function episodeView({ role, outcome, prompt, steps }: EpisodeRecord): EpisodeView {
  return { role, outcome, promptTokens: prompt.length, steps: steps.map(stepView) };
}

function stepView(step: EpisodeStep): StepView {
  const tokens = step.tokens.length;
  switch (step.kind) {
    case 'sampled':
      return { kind: step.kind, text: step.text, action: step.action, tokens };
    case 'result':
      return { kind: step.kind, query: step.query, passages: idsOf(step.passages), tokens };
    case 'remark':
      return { kind: step.kind, text: step.text, tokens };
  }
}

function idsOf(passages: readonly RetrievedPassage[]): string[] {
  return passages.map(({ id }) => id);
}
