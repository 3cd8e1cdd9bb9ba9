import { z } from 'zod';

/**
 * One passage of a corpus, as it stands on a line of a shard. `id` is `pageId-n` for passages of a
 * MediaWiki dump (n counts from 0 within the page) and the given id for imported ones; it is unique
 * in its corpus. `section` is the nearest heading above the passage's first word, '' in the lead.
 */
export const passageSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string(),
  text: z.string(),
  section: z.string().optional(),
  /** Address of the page, where the source names its site. */
  url: z.string().optional(),
  /** What the page is, when it is not an ordinary article. */
  flag: z.enum(['disambiguation', 'list']).optional(),
});
export type Passage = z.infer<typeof passageSchema>;

/** Another title of a page: a redirect. */
export const aliasSchema = z.strictObject({ alias: z.string().min(1), title: z.string().min(1) });
export type Alias = z.infer<typeof aliasSchema>;

/**
 * A link in an article: its visible text, and the title that it leads to. That may be a redirect's,
 * one that no page has, or with a `#place` in the page. An article gives each pair once.
 */
export const anchorSchema = z.strictObject({ anchor: z.string().min(1), title: z.string().min(1) });
export type Anchor = z.infer<typeof anchorSchema>;
