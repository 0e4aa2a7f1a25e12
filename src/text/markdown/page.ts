/**
 * The TypeScript conversion for those who fetch pages: the Markdown with the links in it, and character references as
 * pages have them. Their native way is one call for all of it (`rust/areas/pages`).
 *
 * @module
 */

import { toPage } from "./pure.ts";
import { decode } from "./references.ts";
import type { MarkdownRequest, PageContent } from "./types.ts";

export type { MarkdownRequest, PageContent } from "./types.ts";

/** The Markdown of a page and the targets of the links in it. */
export function readPage(html: string, request: MarkdownRequest): PageContent {
  return toPage(html, request);
}

/** The text of what stands in a page; `attribute` says whether it is the value of one. */
export function decodeReferences(text: string, attribute: boolean): string {
  return decode(text, attribute);
}
