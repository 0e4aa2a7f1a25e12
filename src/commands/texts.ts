/**
 * Commands about texts and pages of the web.
 *
 * @module
 */

import { METRICS } from "../text/match/options.ts";
import { define, LOOKS } from "./define.ts";
import {
  COUNT,
  LIST,
  ROWS,
  switchField,
  textField,
  wholeField,
  wordField,
  WORDS,
} from "./fields.ts";

const similarity = define({
  name: "text_similarity",
  summary: "Compares two texts: 0 for nothing in common, 1 for the same",
  fields: {
    a: textField("The one"),
    b: textField("The other"),
    "metric?": wordField("How they are compared", METRICS),
  },
  result: { similarity: { type: "number", minimum: 0, maximum: 1 } },
  examples: [{ title: "By edits", input: { a: "kitten", b: "sitting" } }],
  annotations: LOOKS,
  permissions: [],
  surfaces: ["cli", "http", "mcp"],
  remote: ["a", "b", "metric"],
  cli: { name: "text similarity", arguments: ["a", "b"] },
  run: ({ a, b, metric }, { runtime }) => ({
    similarity: runtime.text.similarity(a, b, metric === undefined ? {} : { metric }),
  }),
});

const keywords = define({
  name: "text_keywords",
  summary: "Finds the central words of a text",
  fields: {
    text: textField("The text"),
    "limit?": wholeField("How many (10)", 1, 1_000),
    "minLength?": wholeField("The shortest word (3)", 1, 100),
  },
  result: { keywords: ROWS },
  examples: [{ title: "One", input: { text: "The rivers feed the rivers.", limit: 1 } }],
  annotations: LOOKS,
  permissions: [],
  surfaces: ["http", "mcp"],
  remote: ["text", "limit", "minLength"],
  run: ({ text, ...options }, { runtime }) => ({ keywords: runtime.text.keywords(text, options) }),
});

const count = define({
  name: "text_count",
  summary: "Counts the tokens of a text, exactly",
  fields: {
    text: textField("The text"),
    "encoding?": wordField("Whose tokens", ["o200k_base", "cl100k_base"]),
  },
  result: { tokens: COUNT },
  examples: [{ title: "Of newer models", input: { text: "How many?", encoding: "o200k_base" } }],
  annotations: LOOKS,
  permissions: ["read"],
  surfaces: ["http", "mcp"],
  remote: ["text", "encoding"],
  run: async ({ text, encoding }, { runtime, signal }) => ({
    tokens: await runtime.text.countTokens(text, { signal, ...(encoding && { encoding }) }),
  }),
});

const redact = define({
  name: "text_redact",
  summary: "Replaces secrets and personal data in a text",
  fields: { text: textField("The text") },
  result: { text: WORDS, matches: ROWS },
  examples: [{ title: "An address", input: { text: "Mail to ann@example.org" } }],
  annotations: LOOKS,
  permissions: [],
  surfaces: ["http", "mcp"],
  remote: ["text"],
  run: ({ text }, { runtime }) => runtime.text.redact(text),
});

const markdown = define({
  name: "text_markdown",
  summary: "Turns the main content of an HTML page into Markdown",
  fields: { html: textField("The page") },
  result: { markdown: WORDS },
  examples: [{ title: "Without navigation", input: { html: "<nav>Home</nav><h1>Tea</h1>" } }],
  annotations: LOOKS,
  permissions: [],
  surfaces: ["http", "mcp"],
  remote: ["html"],
  run: ({ html }, { runtime }) => ({ markdown: runtime.text.toMarkdown(html) }),
});

const hash = define({
  name: "text_hash",
  summary: "Hashes a text with BLAKE3",
  fields: { text: textField("The text") },
  result: { hash: WORDS },
  examples: [{ title: "A word", input: { text: "hello" } }],
  annotations: LOOKS,
  permissions: [],
  surfaces: ["http", "mcp"],
  remote: ["text"],
  run: ({ text }, { runtime }) => ({ hash: runtime.text.hash(text) }),
});

/** Of a page, in UTF-16 units. */
const MOST_PAGE = 400_000;

const fetchPage = define({
  name: "fetch_page",
  summary: "Fetches a page of the web and gives its main content as Markdown",
  details:
    "Addresses of this machine and of private networks are refused, and so are redirects to them.",
  fields: {
    url: textField("The address, http or https"),
    "all?": switchField("The whole page, with navigation and the like"),
  },
  result: { url: WORDS, title: WORDS, markdown: WORDS, links: LIST },
  examples: [{ title: "A page", input: { url: "https://example.org/" } }],
  annotations: { ...LOOKS, openWorld: true },
  permissions: ["net"],
  surfaces: ["http", "mcp"],
  remote: ["url", "all"],
  async run({ url, all = false }, { runtime, signal }) {
    const content = all ? "all" : "main";
    for await (const page of runtime.http.pages([url], { signal, content })) {
      if (page.ok === false) throw page.error;
      const { title, markdown, links } = page;
      const text = markdown.slice(0, MOST_PAGE).toWellFormed();
      return {
        ...{ url: page.url, title, markdown: text, links },
        ...(markdown.length > MOST_PAGE && { cut: markdown.length - MOST_PAGE }),
      };
    }
    throw new Error(`${url} gave nothing`);
  },
});

/** The commands. */
export const textCommands = [
  ...[similarity, keywords, count, redact, markdown, hash, fetchPage],
] as const;
