/** The shapes of the conversion to Markdown. @module */

import type { CallOptions } from "../../shared/implementation.ts";

/** Options of `toMarkdown` and `toMarkdownMany`. */
export interface MarkdownOptions extends CallOptions {
  /**
   * `"main"`: the main content, without navigation and what else surrounds it; all of the page if there is nothing
   * else. `"all"`: everything that a reader sees. Default `"main"`.
   */
  content?: "main" | "all" | undefined;
  /**
   * The page's address. Relative links and images are resolved against it and the page's `<base href>`; without
   * both they stay as they are written.
   */
  baseUrl?: string | undefined;
}

/** The options after checking. */
export interface MarkdownRequest {
  /** Whether only the main content is wanted. */
  main: boolean;
  /** The page's address, or "". */
  baseUrl: string;
}

/** What is had of a page beside its Markdown. */
export interface PageContent {
  /** What `toMarkdown` gives. */
  markdown: string;
  /** The targets of the links in it, in order, as they stand there; one that is there twice comes twice. */
  links: string[];
}
