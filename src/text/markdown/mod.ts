/**
 * HTML pages to Markdown: a parser and a writer of our own, in linear time whatever the page.
 *
 * @module
 */

import {
  checkOptions,
  checkString,
  checkStrings,
  checkWord,
  wrongValue,
} from "../../shared/arguments.ts";
import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import { sizeOf } from "../size.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import type { MarkdownOptions, MarkdownRequest } from "./types.ts";

export * from "../../shared/errors.ts";
export type { MarkdownOptions } from "./types.ts";

const DEFAULT: MarkdownRequest = { main: true, baseUrl: "" };

function requestOf(options: MarkdownOptions | undefined): MarkdownRequest {
  if (options === undefined) return DEFAULT;
  checkOptions(options);
  const { content = "main", baseUrl } = options;
  checkWord(content, "options.content", ["main", "all"]);
  if (baseUrl === undefined) return { main: content === "main", baseUrl: "" };
  checkString(baseUrl, "options.baseUrl");
  const url = URL.canParse(baseUrl) ? new URL(baseUrl).href : "";
  if (!/^[a-z][a-z0-9+.-]*:\/\//.test(url)) {
    const what = 'an absolute address such as "https://example.org/page"';
    throw wrongValue("options.baseUrl", what, baseUrl);
  }
  return { main: content === "main", baseUrl: url };
}

/**
 * The content of an HTML page as Markdown, for models and people to read.
 *
 * The page is read as browsers read it, after the WHATWG standard's rules, however broken it is; time is linear in its
 * length and nesting costs nothing. The result is CommonMark with the tables and strikethrough of GitHub: headings,
 * lists with their numbers and boxes, code blocks with their language, quotes, tables, links, images, emphasis, and
 * everything else as text, escaped where a reader of Markdown would take it for a mark.
 *
 * Never shown: scripts, styles, templates, `<noscript>` (its content is for browsers without scripts), frames, embedded
 * objects, SVG, choices of form fields, and what is hidden by `hidden`, `aria-hidden`, `display: none` or
 * `visibility: hidden`. Targets that run code (`javascript:`, `vbscript:`, `data:`) are dropped, the link's text stays;
 * of pictures with a `data:` address the alternative text stays. No-break spaces are spaces outside of code.
 *
 * Exponents, indices, fractions and formulas keep a sign of what they are (`10^6`, `H_2O`, `1/2`); a cell of several
 * rows stands in each of them; code loses the line numbers and buttons of highlighters.
 *
 * With `content: "main"` the page's `<main>` or dominant `<article>` is taken; in pages without them blocks of text are
 * told from boilerplate by length and density of links (Kohlschütter, Fankhauser and Nejdl 2010). Navigation, page
 * headers and footers, forms, cookie banners, share bars, breadcrumbs, comments, boxes about the author, announcements of
 * other pages and related lists are left out where links, fields, length or place say the same as their names; an aside in
 * the content that is a note stays, and so do sections whose heading has a link to itself. Where that would leave next to nothing, less is left out, so that small fragments never vanish.
 *
 * @param html The page, or a fragment of one. Lone surrogates are read as U+FFFD.
 * @param options Main content or all of it; the page's address; which twin; a signal that is looked at before the start.
 * @returns Markdown without a line end at the end; "" if there is nothing to read.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If baseUrl is not absolute.
 * @throws {AgentError} `TOO_LARGE` if the page has over 8,388,608 elements, texts or attributes, or the Markdown over
 * 536,870,888 UTF-16 units.
 *
 * @example
 * ```ts
 * import { toMarkdown } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * const html = `<nav><a href="/">Home</a></nav>
 *   <main><h1>Tea</h1><p>Boil <b>fresh</b> water.<ul><li>black: 96 &deg;C<li>green: <a href="/g">70 &deg;C</a></ul></main>`;
 * assert.equal(
 *   toMarkdown(html, { baseUrl: "https://tea.example/" }),
 *   "# Tea\n\nBoil **fresh** water.\n\n- black: 96 °C\n- green: [70 °C](https://tea.example/g)",
 * );
 * assert.equal(toMarkdown("<nav>Home</nav><p>Hi", { content: "all" }), "Home\n\nHi");
 * ```
 */
export function toMarkdown(html: string, options?: MarkdownOptions): string {
  checkString(html, "html");
  const request = requestOf(options);
  const isNative = pick("text", html.length, CROSSOVER.toMarkdown, options?.implementation);
  return (isNative ? native : pure).toMarkdown(html, request);
}

/**
 * `toMarkdown` of many pages, without holding up the event loop; native code uses all cores.
 *
 * @param htmls The pages.
 * @param options As for `toMarkdown`; a signal that ends the work; a progress callback (pages done).
 * @returns The Markdown of each, in order.
 * @throws {TypeError} If an argument is of the wrong type.
 * @throws {RangeError} If baseUrl is not absolute.
 * @throws {AgentError} `TOO_LARGE` as for `toMarkdown`, for any of them.
 *
 * @example
 * ```ts
 * import { toMarkdownMany } from "@agent/runtime/text";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(await toMarkdownMany(["<h2>One</h2>", "<p>2 * 2<br>= 4"]), ["## One", "2 * 2\\\n\\= 4"]);
 * ```
 */
export async function toMarkdownMany(
  htmls: readonly string[],
  options?: MarkdownOptions,
): Promise<string[]> {
  if (options === undefined) options = {};
  checkStrings(htmls, "htmls");
  const request = requestOf(options);
  const isNative = pick("text", sizeOf(htmls), CROSSOVER.toMarkdownMany, options.implementation);
  return await (isNative ? native : pure).toMarkdownMany(htmls, request, options);
}
