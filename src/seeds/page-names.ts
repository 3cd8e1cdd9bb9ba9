import { normalizeAnswer } from '../game/answer-score.ts';
import type { Alias } from '../types/passage.ts';
import type { Candidate } from './candidate.ts';
import { withoutBracket } from './seed-line.ts';

const maxForms = 6;
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
  /** By each normalised form. */
  readonly #byForm = new Map<string, Candidate>();

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of candidates) {
      if (candidate.title !== undefined) this.#byTitle.set(candidate.title, candidate);
      this.#byForm.set(candidate.key, candidate);
    }
  }

  /**
   * Takes a redirect as another form of its page's name, if it is one: all its words stand in the
   * title ("Obama"), or none does ("POTUS 44"). "Early life of Obama" is a part of the page.
   */
  addAlias({ alias, title }: Alias): void {
    const candidate = this.#byTitle.get(title);
    const name = titleAnswer(alias);
    if (candidate === undefined || name === undefined) return;
    const { answer, key } = name;
    const isNew = !this.#byForm.has(key) && candidate.forms.size < maxForms;
    if (!isNew || !isOtherName(key, normalizeAnswer(title))) return;
    candidate.forms.set(key, answer);
    this.#byForm.set(key, candidate);
  }

  /**
   * Hears that `name` leads to the page `title`. A candidate of another page loses it as a form, or
   * is ambiguous where it was the main one.
   */
  note(name: string, title: string): void {
    const key = titleAnswer(name)?.key ?? '';
    const candidate = this.#byForm.get(key);
    if (candidate === undefined || candidate.title === title) return;
    if (candidate.key === key) candidate.isAmbiguous = true;
    else candidate.forms.delete(key);
  }
}

function isOtherName(key: string, titleKey: string): boolean {
  const ofTitle = new Set(titleKey.split(' '));
  const words = key.split(' ');
  const shared = words.filter((word) => ofTitle.has(word)).length;
  return shared === 0 || shared === words.length;
}
