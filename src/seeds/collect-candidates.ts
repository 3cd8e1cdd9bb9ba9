import type { Corpus } from '../../corpus/corpus.ts';
import type { SeedsConfig } from '../config/seeds.ts';
import { normalizeAnswer } from '../game/answer-score.ts';
import type { Progress } from '../progress/progress.ts';
import type { Passage } from '../types/passage.ts';
import type { Candidate } from './candidate.ts';
import { PageNames, titleAnswer } from './page-names.ts';
import { PhraseFinder } from './phrase-finder.ts';
import { Reservoir } from './reservoir.ts';
import { topicOfPage } from './topic-of-page.ts';
import type { TextValue } from './values-in-text.ts';
import { valuesInText } from './values-in-text.ts';

/** Titles kept for each seed wanted: enough that the rarest topic of Wikipedia's fills its share. */
const titlesPerSeed = 4;

export interface Job {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/**
 * What a corpus can be asked for: titles of its pages with their redirects, dates and numbers in its
 * texts. Of more than a few for each seed wanted, a fair sample by the seed. Reads the passages twice
 * and the redirects twice, and holds only the sample. Throws the signal's reason once it is aborted.
 */
export async function collectCandidates(
  corpus: Corpus,
  config: SeedsConfig,
  job: Job,
): Promise<Candidate[]> {
  const titles = new Reservoir<Candidate>(config.seed, titlesPerSeed * config.count);
  const values = {
    date: new Reservoir<Candidate>(config.seed, config.count),
    number: new Reservoir<Candidate>(config.seed, config.count),
  };
  for await (const passage of read(corpus, 'answers', job)) {
    offerTitle(titles, passage, config);
    offerValues(values, passage, config);
  }
  const found = titles.items();
  const names = new PageNames(found);
  if (config.aliases) await readAliases(corpus, names, job.signal);
  await countMentions(corpus, found, names, job);
  const others = [...values.date.items(), ...values.number.items()];
  return [...found, ...others.filter(({ key }) => titles.get(key) === undefined)];
}

async function* read(
  corpus: Corpus,
  name: string,
  { signal, progress }: Job,
): AsyncGenerator<Passage> {
  const stage = progress.stage(name, 'passages', corpus.manifest.passages);
  for await (const passage of corpus.passages()) {
    signal.throwIfAborted();
    yield passage;
    stage.add(1);
  }
  stage.end();
}

function offerTitle(
  titles: Reservoir<Candidate>,
  { title, text, flag }: Passage,
  config: SeedsConfig,
): void {
  const name = titleAnswer(title);
  if (name === undefined || flag !== undefined || !fits(name.answer, config)) return;
  const candidate = titles.offer(name.key, () => newCandidate(name.answer, title));
  if (candidate === undefined) return;
  if (candidate.title !== title) candidate.isAmbiguous = true;
  else candidate.topic ??= topicOfPage(title, text);
}

function offerValues(
  values: Readonly<Record<TextValue['topic'], Reservoir<Candidate>>>,
  { text }: Passage,
  config: SeedsConfig,
): void {
  const known = new Set<Candidate>();
  for (const { topic, forms } of valuesInText(text)) {
    const [form] = forms;
    if (!fits(form, config)) continue;
    // One date in two notations is one answer.
    const key = forms.map(normalizeAnswer).sort()[0] ?? '';
    const value = values[topic].offer(key, () => ({
      ...newCandidate(form, undefined),
      key,
      topic,
    }));
    if (value === undefined || known.has(value)) continue;
    known.add(value);
    value.mentions += 1;
    for (const other of forms) value.forms.set(normalizeAnswer(other), other);
  }
}

function newCandidate(answer: string, title: string | undefined): Candidate {
  const key = normalizeAnswer(answer);
  const forms = new Map([[key, answer]]);
  return { key, title, forms, topic: undefined, isAmbiguous: false, mentions: 0 };
}

function fits(answer: string, { minChars, maxChars }: SeedsConfig): boolean {
  const characters = Array.from(answer).length;
  return characters >= minChars && characters <= maxChars;
}

/** All other names first, then what contradicts them: a redirect may come before its rival. */
async function readAliases(corpus: Corpus, names: PageNames, signal: AbortSignal): Promise<void> {
  for await (const alias of corpus.aliases()) {
    signal.throwIfAborted();
    names.addAlias(alias);
  }
  for await (const { alias, title } of corpus.aliases()) {
    signal.throwIfAborted();
    names.note(alias, title);
  }
}

async function countMentions(
  corpus: Corpus,
  candidates: readonly Candidate[],
  names: PageNames,
  job: Job,
): Promise<void> {
  const finder = new PhraseFinder<Candidate>();
  for (const candidate of candidates) {
    for (const form of candidate.forms.values()) finder.add(form, candidate);
  }
  let lastTitle: string | undefined;
  for await (const { title, text, flag } of read(corpus, 'mentions', job)) {
    if (title !== lastTitle) names.note(title, title);
    lastTitle = title;
    // A list names a thing and says nothing of it.
    if (flag !== undefined) continue;
    for (const candidate of finder.ownersIn(text)) {
      if (candidate.title !== title) candidate.mentions += 1;
    }
  }
}
