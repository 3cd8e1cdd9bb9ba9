import { ResourceNotFoundError } from '@modelcontextprotocol/server';

import { isSspError, shown, SspError } from '../../../src/errors/error.ts';
import type { AgentBackend, AgentCall } from '../../../src/types/agent-backend.ts';
import { pageSummary } from './reading-tools.ts';

const prefix = 'wiki://page/';
/** A resource has no cursor, so it is read further than a tool reads. */
const resourceChars = 100_000;

/** Pages as resources: too many to be listed, so there is their template. */
export const pageTemplate = {
  uriTemplate: `${prefix}{title}`,
  name: 'page',
  title: 'A page by its title',
  description: `The text of a page, its title percent-encoded; cut after ${resourceChars} characters, which the last line says.`,
  mimeType: 'text/plain',
};

/**
 * The page of `uri` as one text. Throws SSP_RESOURCE_INVALID for another address, the protocol's own
 * error where there is no such page, and what `backend` throws.
 */
export async function readPageResource(
  backend: AgentBackend,
  uri: string,
  call: AgentCall,
): Promise<{ contents: { uri: string; mimeType: string; text: string }[] }> {
  const title = titleOf(uri);
  try {
    const page = await backend.page({ title, maxChars: resourceChars }, call);
    const texts = page.passages.map(({ text, section = '' }, i) =>
      section === (page.passages[i - 1]?.section ?? '') ? text : `## ${section}\n${text}`,
    );
    const end =
      (page.cursor ?? null) === null ? [] : [`[${pageSummary(page)} of the tool read_page]`];
    const text = [page.title, ...texts, ...end].join('\n\n');
    return { contents: [{ uri, mimeType: pageTemplate.mimeType, text }] };
  } catch (error) {
    if (!isSspError(error, 'SSP_PAGE_UNKNOWN')) throw error;
    throw new ResourceNotFoundError(uri, `${error.code}: ${error.message} ${error.remedy}`);
  }
}

function titleOf(uri: string): string {
  try {
    if (uri.startsWith(prefix) && uri.length > prefix.length) {
      return decodeURIComponent(uri.slice(prefix.length));
    }
  } catch {
    // refused below
  }
  throw new SspError('SSP_RESOURCE_INVALID', { uri: shown(uri) });
}
