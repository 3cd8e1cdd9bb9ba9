import { SspError } from '../../src/errors/error.ts';
import { lineChars, shown } from '../../src/errors/error.ts';
import type {
  AgentBackend,
  AgentCall,
  ExplainReply,
  PageReply,
  PassageReply,
} from '../../src/types/agent-backend.ts';
import type { Page, SearchIndex } from '../../src/types/retriever.ts';
import type { SearchReply } from '../../src/types/search-service.ts';
import { pagePart } from './page-part.ts';
import type { QueryBroker } from './query-broker.ts';
import { parseBody } from './request-body.ts';
import type { RequestSchemas } from './schemas.ts';
import { answerSearch } from './search-route.ts';

/** Runs its argument with the broker of this moment, whose index stays open until it has ended. */
export type UseBroker = <Result>(body: (broker: QueryBroker) => Promise<Result>) => Promise<Result>;

/** An index of this process behind {@link AgentBackend}. Throws also what `use` throws. */
export class BrokerBackend implements AgentBackend {
  readonly #use: UseBroker;
  readonly #schemas: RequestSchemas;

  constructor(use: UseBroker, schemas: RequestSchemas) {
    this.#use = use;
    this.#schemas = schemas;
  }

  search(body: unknown, call: AgentCall): Promise<SearchReply> {
    return this.#use((broker) => answerSearch(broker, parseBody(this.#schemas.search, body), call));
  }

  passage(body: unknown): Promise<PassageReply> {
    return this.#use(async ({ index }) => {
      const { id } = parseBody(this.#schemas.passage, body);
      const passage = await index.passage(id);
      if (passage !== undefined) return passage;
      throw new SspError('SSP_PASSAGE_UNKNOWN', { id: shown(id, lineChars) });
    });
  }

  page(body: unknown): Promise<PageReply> {
    return this.#use(async ({ index }) => {
      const { title, cursor, maxChars } = parseBody(this.#schemas.page, body);
      const page = await pageOf(index, title);
      if (page === undefined) {
        throw new SspError('SSP_PAGE_UNKNOWN', { title: shown(title, lineChars) });
      }
      if (cursor === undefined && maxChars === undefined) {
        return { ...page, passages: [...page.passages] };
      }
      return pagePart(page, index.manifest.corpusHash, { cursor, ...(maxChars && { maxChars }) });
    });
  }

  explain(body: unknown, call: AgentCall): Promise<ExplainReply> {
    return this.#use(async (broker) => {
      const { query, id, mode = broker.defaultMode } = parseBody(this.#schemas.explain, body);
      const { description, score, parts } = await broker.explain(query, id, { ...call, mode });
      return { mode, id, explanation: { description, score, parts: [...parts] } };
    });
  }
}

/** A page by its title, with underscores for spaces where no title has them, as in Wikipedia's addresses. */
export async function pageOf(index: SearchIndex, title: string): Promise<Page | undefined> {
  const page = await index.page(title);
  return page ?? (title.includes('_') ? index.page(title.replaceAll('_', ' ')) : undefined);
}
