/**
 * Tools that find things to read: the documents that were indexed, and pages of the web.
 *
 * @module
 */

import type { Tool } from "../loop/types.ts";
import { inputOf, whole, words } from "./input.ts";
import { COUNT, listOf, orNull, READS, resultOf, TEXT } from "./output.ts";
import type { ToolRuntime } from "./types.ts";

/** Of a page, in UTF-16 units. */
const MOST_PAGE = 40_000;

/** Places in the documents. */
export function searchKnowledge(runtime: ToolRuntime): Tool {
  return {
    name: "search_knowledge",
    output: listOf(
      resultOf({ document: TEXT, "heading?": TEXT, text: TEXT, start: COUNT, end: COUNT }),
    ),
    effects: READS,
    description: "Finds passages in the indexed documents, each with the document it stands in.",
    input: inputOf({
      query: words("What to look for, in words."),
      "limit?": whole("How many passages. Default 5.", 1, 20),
    }),
    retry: "safe",
    async run(input) {
      const { query, limit = 5 } = input as { query: string; limit?: number };
      const hits = await runtime.knowledge.search(query, { limit });
      return hits.map(({ document, heading, chunk, start, end }) => ({
        ...{ document, heading, text: chunk, start, end },
      }));
    },
  };
}

/** A page as Markdown. */
export function fetchPage(runtime: ToolRuntime): Tool {
  return {
    name: "fetch_page",
    output: resultOf({ url: TEXT, title: orNull(TEXT), markdown: TEXT, "cut?": TEXT }),
    effects: { readOnly: true, openWorld: true },
    description: "Fetches a page of the web and gives its main content as Markdown.",
    input: inputOf({ url: words("The address, http or https.") }),
    approval: "always",
    retry: "safe",
    permissions: (input) => [{ name: "net", host: hostOf((input as { url: string }).url) }],
    async run(input, { signal }) {
      const { url } = input as { url: string };
      for await (const page of runtime.http.pages([url], { signal })) {
        if (page.ok === false) throw page.error;
        const { title, markdown } = page;
        const isCut = markdown.length > MOST_PAGE;
        return {
          ...{ url: page.url, title, markdown: markdown.slice(0, MOST_PAGE).toWellFormed() },
          ...(isCut && { cut: `${markdown.length - MOST_PAGE} characters are left out` }),
        };
      }
      throw new Error(`${url} gave nothing`);
    },
  };
}

function hostOf(address: string): string {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new TypeError(`${JSON.stringify(address)} is no address of http or https`);
  }
  return url.port === "" ? `${url.hostname}:${url.protocol === "http:" ? 80 : 443}` : url.host;
}
