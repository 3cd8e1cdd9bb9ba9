import { isUtf8 } from 'node:buffer';
import { basename, extname } from 'node:path';

import { marked } from 'marked';

import type { DocumentText } from './html-parts.ts';
import { htmlParts } from './html-parts.ts';
import type { Article } from './row-passages.ts';

/** How a text file is written. */
export type DocumentForm = 'text' | 'markdown' | 'html';

/**
 * The form of a file of text by its first characters; that of Markdown is known by its name alone, as
 * every text is Markdown.
 */
export function documentForm(head: string, name: string): DocumentForm {
  if (/^\u{FEFF}?\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b/iu.test(head)) {
    return 'html';
  }
  return /^\.(?:md|markdown)$/i.test(extname(name)) ? 'markdown' : 'text';
}

/**
 * A file of text as an article with its path as id. Its title is the one it gives itself (`<title>`, the
 * `title:` of a Markdown file's head, its first heading), else the file's name. Throws an Error where it
 * is no UTF-8.
 */
export function documentArticle(bytes: Uint8Array, name: string, form: DocumentForm): Article {
  if (!isUtf8(bytes)) throw new Error('it is not UTF-8 text');
  const text = new TextDecoder().decode(bytes);
  const { title, parts } = readDocument(text, form);
  return { id: name, title: title ?? basename(name, extname(name)), parts };
}

function readDocument(text: string, form: DocumentForm): DocumentText {
  if (form === 'html') return htmlParts(text);
  if (form === 'text') return { title: undefined, parts: [{ section: '', text }] };
  const { head, body } = frontMatter(text);
  const { title, parts } = htmlParts(marked.parse(body, { async: false }));
  return { title: titleIn(head) ?? title, parts };
}

/** Divides a Markdown file from the settings between `---` at its head. */
function frontMatter(text: string): { readonly head: string; readonly body: string } {
  const found = /^---[ \t]*\r?\n(?<head>(?:.*\r?\n)*?)---[ \t]*(?:\r?\n|$)/.exec(text);
  return { head: found?.groups?.['head'] ?? '', body: text.slice(found?.[0].length ?? 0) };
}

function titleIn(head: string): string | undefined {
  return /^title:[ \t]*(['"]?)(?<title>.+?)\1[ \t]*$/m.exec(head)?.groups?.['title'];
}
