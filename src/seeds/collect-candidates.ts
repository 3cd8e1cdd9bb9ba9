import type { Corpus } from '../../corpus/corpus.ts';
import type { SeedsConfig } from '../config/seeds.ts';
import { normalizeAnswer } from '../game/answer-score.ts';
import type { Passage } from '../types/passage.ts';
import { AnchorNames } from './anchor-names.ts';
import type { Candidate } from './candidate.ts';
import { fits, newCandidate } from './candidate.ts';
import type { Job } from './corpus-streams.ts';
import { anchorsOf, passagesOf } from './corpus-streams.ts';
import { PageNames, titleAnswer } from './page-names.ts';
import type { TextValue } from './phrase-finder.ts';
import { PhraseFinder, valuesInText } from './phrase-finder.ts';
import { Reservoir } from './reservoir.ts';
import { topicOfPage } from './topic-of-page.ts';
/** Titles kept for each seed wanted: enough that the rarest topic of Wikipedia's fills its share. */
const titlesPerSeed = 4;

/**
 * What a corpus can be asked for: titles of its pages with other names that redirects and links give
 * them, names that are linked and have no page, dates and numbers in its texts. Of more than a few for
 * each seed wanted, a fair sample by the seed. Reads passages, redirects and links twice each, and
 * holds only the sample. Throws the signal's reason once it is aborted.
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
  for await (const passage of passagesOf(corpus, 'answers', job)) {
    offerTitle(titles, passage, config);
    offerValues(values, passage, config);
  }
  const found = titles.items();
  const names = new PageNames(found);
  await addRedirects(corpus, names, config, job);
  const linked =
    config.anchors && corpus.manifest.anchorFile !== undefined
      ? await readAnchors(corpus, names, config, job)
      : [];
  await noteRedirects(corpus, names, job);
  await countMentions(corpus, [...found, ...linked], names, job);
  const pageless = linked.filter(({ title = '' }) => !names.isTaken(title));
  const known = new Set([...found, ...pageless].map(({ key }) => key));
  const others = [...values.date.items(), ...values.number.items()];
  return [...found, ...pageless, ...others.filter(({ key }) => !known.has(key))];
}

function offerTitle(
  titles: Reservoir<Candidate>,
  { title, text, flag }: Passage,
  config: SeedsConfig,
): void {
  const name = titleAnswer(title);
  if (name === undefined || flag !== undefined || !fits(name.answer, config)) return;
  const candidate = titles.offer(name.key, () =>
    newCandidate(title, { text: name.answer, source: 'title' }),
  );
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
      ...newCandidate(undefined, { text: form, source: topic }),
      key,
      topic,
    }));
    if (value === undefined || known.has(value)) continue;
    known.add(value);
    value.mentions += 1;
    for (const text of forms) value.forms.set(normalizeAnswer(text), { text, source: topic });
  }
}

async function addRedirects(
  corpus: Corpus,
  names: PageNames,
  config: SeedsConfig,
  { signal }: Job,
): Promise<void> {
  for await (const redirect of corpus.aliases()) {
    signal.throwIfAborted();
    const candidate = names.addRedirect(redirect);
    if (candidate !== undefined && config.aliases) {
      names.addForm(candidate, redirect.alias, 'redirect');
    }
  }
}

/** Adds the names that links use; gives candidates for titles that seem to have no page. */
async function readAnchors(
  corpus: Corpus,
  names: PageNames,
  config: SeedsConfig,
  job: Job,
): Promise<Candidate[]> {
  const links = new AnchorNames(names, config, titlesPerSeed * config.count);
  for await (const anchor of anchorsOf(corpus, 'names', job)) links.offer(anchor);
  const pageless = links.settle();
  for await (const anchor of anchorsOf(corpus, 'shares', job)) links.check(anchor);
  links.dropShared();
  return pageless;
}

/** What contradicts the names, once all are known: a redirect may come before its rival. */
async function noteRedirects(corpus: Corpus, names: PageNames, { signal }: Job): Promise<void> {
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
    for (const { text } of candidate.forms.values()) finder.add(text, candidate);
  }
  let lastTitle: string | undefined;
  for await (const { title, text, flag } of passagesOf(corpus, 'mentions', job)) {
    if (title !== lastTitle) names.note(title, title);
    lastTitle = title;
    // A list names a thing and says nothing of it.
    if (flag !== undefined) continue;
    for (const candidate of finder.ownersIn(text)) {
      if (candidate.title !== title) candidate.mentions += 1;
    }
  }
}
