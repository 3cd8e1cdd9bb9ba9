import type { SeedsConfig } from '../config/seeds.ts';
import type { Anchor } from '../types/passage.ts';
import type { Candidate } from './candidate.ts';
import { fits, newCandidate } from './candidate.ts';
import type { PageNames } from './page-names.ts';
import { isOtherName, titleAnswer } from './page-names.ts';
import { Reservoir } from './reservoir.ts';
import { topicOfPage } from './topic-of-page.ts';

/** Names counted for one page, the first ones met: common ones come early. */
const maxNamesOfPage = 64;
/**
 * The share of the links with one text that must lead to one page, the "commonness" of Milne and
 * Witten (2008, doi:10.1145/1458082.1458150). For a further form nearly all: of many links some are
 * wrong. For the name of the page itself most, as a page without a bracket is what its wiki takes the
 * name for: "Japan" stays, though "Japan" in a table of results is a team.
 */
const formShare = 0.9;
const mainShare = 0.5;

/** A name that articles link to a page with, and how many of them do. */
interface LinkedName {
  readonly key: string;
  readonly name: string;
  readonly candidate: Candidate;
  articles: number;
}

/**
 * What the links of a corpus say about names. The links are read twice: {@link offer} finds names,
 * {@link settle} takes them, {@link check} and {@link dropShared} hold all names against the links.
 * Only names of the candidates and of a sample of pages that do not exist are held.
 */
export class AnchorNames {
  readonly #names: PageNames;
  readonly #config: SeedsConfig;
  readonly #ofPages = new Map<Candidate, Map<string, LinkedName>>();
  readonly #pageless: Reservoir<LinkedName>;
  readonly #shares = new Map<string, { own: number; all: number }>();

  /** `sample`: titles without a page that are held. */
  constructor(names: PageNames, config: SeedsConfig, sample: number) {
    this.#names = names;
    this.#config = config;
    this.#pageless = new Reservoir(config.seed, sample);
  }

  /** First reading. A link without a capital letter describes and does not name: "the president". */
  offer({ anchor, title }: Anchor): void {
    const name = hasCapital(anchor) ? titleAnswer(anchor) : undefined;
    if (name === undefined || title.includes('#')) return;
    const page = this.#names.ofPage(title);
    const linked =
      page === undefined
        ? this.#pagelessName(name.key, title)
        : this.#nameOfPage(name.key, name.answer, page);
    if (linked !== undefined) linked.articles += 1;
  }

  #nameOfPage(key: string, name: string, candidate: Candidate): LinkedName | undefined {
    if (candidate.forms.has(key) || !isOtherName(key, candidate)) return undefined;
    const names = this.#ofPages.get(candidate) ?? new Map<string, LinkedName>();
    this.#ofPages.set(candidate, names);
    const known = names.get(key);
    if (known !== undefined || names.size >= maxNamesOfPage) return known;
    const linked = { key, name, candidate, articles: 0 };
    names.set(key, linked);
    return linked;
  }

  /** Of a page that the corpus may not have: only links with its own name count. */
  #pagelessName(key: string, title: string): LinkedName | undefined {
    const name = titleAnswer(title);
    if (name?.key !== key || !fits(name.answer, this.#config) || /\S:\S/.test(title)) return;
    const linked = this.#pageless.offer(key, () => {
      const candidate = newCandidate(title, { text: name.answer, source: 'anchor' });
      candidate.topic = topicOfPage(title, '');
      return { key, name: name.answer, candidate, articles: 0 };
    });
    if (linked !== undefined && linked.candidate.title !== title) {
      linked.candidate.isAmbiguous = true;
    }
    return linked;
  }

  /**
   * Takes the names that enough articles link with, the most used first. Gives the candidates that
   * may have no page: whether one has is known when all titles were read.
   */
  settle(): Candidate[] {
    const { minAnchorArticles } = this.#config;
    const names = [...this.#ofPages.values()]
      .flatMap((ofPage) => [...ofPage.values()])
      .filter(({ articles }) => articles >= minAnchorArticles)
      .sort((a, b) => b.articles - a.articles || (a.key < b.key ? -1 : Number(a.key > b.key)));
    for (const { candidate, name } of names) this.#names.addForm(candidate, name, 'anchor');
    this.#ofPages.clear();
    return this.#pageless
      .items()
      .filter(({ articles }) => articles >= minAnchorArticles)
      .map(({ candidate }) => candidate)
      .filter((candidate) => this.#names.add(candidate));
  }

  /** Second reading: where the links with a name lead, whatever their capitals. */
  check({ anchor, title }: Anchor): void {
    const key = titleAnswer(anchor)?.key ?? '';
    const owner = this.#names.ofForm(key);
    if (owner === undefined) return;
    const share = this.#shares.get(key) ?? { own: 0, all: 0 };
    this.#shares.set(key, share);
    share.all += 1;
    // A place in the page counts for the page.
    if (this.#names.ofPage(title.replace(/#.*$/, '')) === owner) share.own += 1;
  }

  /** Takes names away from pages that too many links with them do not lead to. */
  dropShared(): void {
    for (const [key, { own, all }] of this.#shares) {
      const wanted = this.#names.ofForm(key)?.key === key ? mainShare : formShare;
      if (all >= this.#config.minAnchorArticles && own < wanted * all) this.#names.drop(key);
    }
  }
}

function hasCapital(text: string): boolean {
  return text !== text.toLowerCase() || text === text.toUpperCase();
}
