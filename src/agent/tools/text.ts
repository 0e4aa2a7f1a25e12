/**
 * Tools for texts: counting tokens, taking secrets out, comparing, central words.
 *
 * @module
 */

import type { Tool } from "../loop/types.ts";
import { inputOf, whole, words } from "./input.ts";
import { COUNT, listOf, NUMBER, READS, resultOf, TEXT } from "./output.ts";
import type { ToolRuntime } from "./types.ts";

/** How many tokens a text has. */
export function countTokens(runtime: ToolRuntime): Tool {
  return {
    name: "count_tokens",
    output: resultOf({ tokens: COUNT }),
    effects: READS,
    description: "Counts the tokens of a text.",
    input: inputOf({ text: words("The text.") }),
    retry: "safe",
    run: async (input, { signal }) => ({
      tokens: await runtime.text.countTokens((input as { text: string }).text, { signal }),
    }),
  };
}

/** A text without its secrets. */
export function redactText(runtime: ToolRuntime): Tool {
  return {
    name: "redact_text",
    output: resultOf({ text: TEXT, found: COUNT }),
    effects: READS,
    description: "Replaces keys, addresses and other secrets in a text by marks.",
    input: inputOf({ text: words("The text.") }),
    retry: "safe",
    run(input) {
      const { text, matches } = runtime.text.redact((input as { text: string }).text);
      return { text, found: matches.length };
    },
  };
}

/** How alike two texts are. */
export function compareTexts(runtime: ToolRuntime): Tool {
  return {
    name: "compare_texts",
    output: resultOf({ similarity: NUMBER }),
    effects: READS,
    description: "How alike two texts are, from 0 to 1.",
    input: inputOf({ a: words("One text."), b: words("The other.") }),
    retry: "safe",
    run(input) {
      const { a, b } = input as { a: string; b: string };
      return { similarity: runtime.text.similarity(a, b) };
    },
  };
}

/** The central words of a text. */
export function extractKeywords(runtime: ToolRuntime): Tool {
  return {
    name: "extract_keywords",
    output: listOf(resultOf({ keyword: TEXT, score: NUMBER })),
    effects: READS,
    description: "The central words of a text, the weightiest first.",
    input: inputOf({ text: words("The text."), "limit?": whole("How many. Default 10.", 1, 100) }),
    retry: "safe",
    run(input) {
      const { text, limit = 10 } = input as { text: string; limit?: number };
      return runtime.text.keywords(text, { limit });
    },
  };
}
