import { normalizeAnswer } from '../game/answer-score.ts';
import type { Alias } from '../types/passage.ts';
import type { Candidate, FormSource } from './candidate.ts';
import { withoutBracket } from './seed-line.ts';

/** Further forms of one answer that redirects may give, and as many again that links may. */
const maxFormsOfSource = 5;
/** Pages about a heading rather than a thing. */
const isNoThing =
  /^(?:Lists?|Index|Outline|Timeline|History|Geography|Culture|Demographics|Economy|Politics|Bibliography|Discography|Filmography) of |\(disambiguation\)$|^\d{4}s? in /;

/** The answer that a page's title gives, with its normalised form; undefined where it gives none. */
export function titleAnswer(title: string): { answer: string; key: string } | undefined {
  if (isNoThing.test(title)) return undefined;
  const answer = withoutBracket(title).trim();
  const key = normalizeAnswer(answer);
  return /\p{L}/u.test(key) ? { answer, key } : undefined;
}

/** What the names of a corpus's pages say about the candidates among them. */
export class PageNames {
  readonly #byTitle = new Map<string, Candidate>();
  readonly #byRedirect = new Map<string, Candidate>();
  /** By each normalised form. */
  readonly #byForm = new Map<string, Candidate>();
  /** Titles of candidates that turned out to be a page's or a redirect's. */
  readonly #taken = new Set<string>();

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of candidates) this.add(candidate);
  }

  /** Takes in a candidate, unless its name is one already; gives whether it did. */
  add(candidate: Candidate): boolean {
    if (this.#byForm.has(candidate.key)) return false;
    this.#byForm.set(candidate.key, candidate);
    if (candidate.title !== undefined) this.#byTitle.set(candidate.title, candidate);
    return true;
  }

  /** Hears of a redirect, so that links through it count for its page; gives that one's candidate. */
  addRedirect({ alias, title }: Alias): Candidate | undefined {
    const candidate = this.#byTitle.get(title);
    if (candidate !== undefined) this.#byRedirect.set(alias, candidate);
    return candidate;
  }

  /** The candidate of the page with this title or redirect. */
  ofPage(title: string): Candidate | undefined {
    return this.#byTitle.get(title) ?? this.#byRedirect.get(title);
  }

  /** The candidate with this normalised form. */
  ofForm(key: string): Candidate | undefined {
    return this.#byForm.get(key);
  }

  /**
   * Takes a name as another form of a candidate, if it is one (see {@link isOtherName}), nobody
   * else's, and its source has not given five yet.
   */
  addForm(candidate: Candidate, name: string, source: FormSource): void {
    const { answer, key } = titleAnswer(name) ?? { answer: '', key: '' };
    if (this.#byForm.has(key) || !isOtherName(key, candidate)) return;
    const given = [...candidate.forms.values()].filter((form) => form.source === source).length;
    if (given >= maxFormsOfSource) return;
    candidate.forms.set(key, { text: answer, source });
    this.#byForm.set(key, candidate);
  }

  /** A candidate loses a form, or is ambiguous where it was the main one. */
  drop(key: string): void {
    const candidate = this.#byForm.get(key);
    if (candidate === undefined) return;
    if (candidate.key === key) candidate.isAmbiguous = true;
    else candidate.forms.delete(key);
  }

  /** Hears that the title or redirect `name` leads to the page `title`: no other page may have it. */
  note(name: string, title: string): void {
    const key = titleAnswer(name)?.key ?? '';
    const candidate = this.#byForm.get(key);
    if (candidate === undefined) return;
    if (candidate.title === name) this.#taken.add(name);
    if (candidate.title !== title) this.drop(key);
  }

  /** Whether {@link note} heard of a page or redirect with this title. */
  isTaken(title: string): boolean {
    return this.#taken.has(title);
  }
}

/**
 * Whether a name is another name of a page: all its words stand in the title ("Obama") or none does
 * ("POTUS 44"). "Early life of Obama" is a part of the page.
 */
export function isOtherName(key: string, { title = '' }: Candidate): boolean {
  if (key === '') return false;
  const ofTitle = new Set(normalizeAnswer(title).split(' '));
  const words = key.split(' ');
  const shared = words.filter((word) => ofTitle.has(word)).length;
  return shared === 0 || shared === words.length;
}
