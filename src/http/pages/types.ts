/**
 * The shapes of pages. Types only.
 *
 * @module
 */

import type { Implementation, Progress } from "../../shared/implementation.ts";
import type { Chunk, EncodingName } from "../../text/tokens/types.ts";

/** Options of `HttpClient.pages`. */
export interface PageOptions {
  /** `"main"`: the main content, without navigation and what else surrounds it; `"all"`: all that a reader sees. Default `"main"`. */
  content?: "main" | "all" | undefined;
  /** Which vocabulary counts the tokens. Default `"o200k_base"`. */
  encoding?: EncodingName | undefined;
  /** Also cuts the Markdown into chunks of at most so many tokens, as `Encoding.split` does. */
  maxTokens?: number | undefined;
  /**
   * Whether robots.txt is asked before a page is fetched: `false` for no, a word for the product token that its groups
   * are looked up by. Default `"agent-runtime"`.
   */
  robots?: boolean | string | undefined;
  /** Exchanges under way at once with one host. Default 6. */
  perHost?: number | undefined;
  /** Exchanges under way at once in all. Default: the client's. */
  concurrency?: number | undefined;
  /** Which twin converts; chosen for each page. Default: the client's own. */
  implementation?: Implementation | undefined;
  /** Ends the work; the iterator then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called as pages finish. The total is known where `urls` is no stream. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** A page that was fetched and converted. */
export interface Page {
  /** The address that answered, after redirects. */
  url: string;
  /** Its `<title>`, else its `og:title`, else its first heading of level one; "" if it has none of them. */
  title: string;
  /** Its content as Markdown. */
  markdown: string;
  /** How many tokens the Markdown has. */
  tokens: number;
  /**
   * The other pages that the Markdown links to: `http:` and `https:`, absolute, without fragments, each once, in the order
   * of the text.
   */
  links: string[];
  /** The chunks of the Markdown, if `maxTokens` was given. */
  chunks?: Chunk[];
  /** What the page says of itself, "" if it says nothing. */
  description: string;
  /** The language that it names, such as `"en"`; "" if it names none. */
  language: string;
  /** The encoding that it was decoded by, in the standard's name in lower case. */
  charset: string;
}

/** What came of an address. */
export type PageOutcome =
  | ({ index: number; ok: true } & Page)
  | { index: number; ok: false; url: string; error: unknown };

/** What a body is. */
export type PageKind = "html" | "text" | "json" | "unknown";

/** A conversion that is asked of a twin, its arguments checked. */
export interface PageRequest {
  /** What the body is. */
  kind: PageKind;
  /** The label of the charset that the server declared, or "". */
  label: string;
  /** The page's address, absolute, without a fragment. */
  url: string;
  /** Whether only the main content is wanted. */
  main: boolean;
}

/** What a twin makes of a body, before titles and the like are tidied. */
export interface RawPage {
  /** The encoding's name in lower case; `"binary"` if the body is no text, `"replacement"` if nobody may decode it. */
  charset: string;
  /** The words of `<title>`, as they stand there, decoded. */
  title: string;
  /** The same of `og:title`. */
  ogTitle: string;
  /** The same of the description. */
  description: string;
  /** The same of `lang` at `<html>`. */
  language: string;
  markdown: string;
  links: string[];
  tokens: number;
}
