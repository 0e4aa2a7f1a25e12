/**
 * The Rust twin of the conversion. Twin: `pure.ts`, which says what comes out. Arguments arrive checked; the layouts are
 * described at the exports `agent_core_markdown_*`.
 *
 * @module
 */

import { batches } from "../../native/batches.ts";
import { markdownConvert, markdownConvertMany } from "../../native/generated/markdown.ts";
import type { CallOptions } from "../../shared/implementation.ts";
import type { MarkdownRequest } from "./types.ts";

/** See `toMarkdown` in `mod.ts`. */
export function toMarkdown(html: string, { main, baseUrl }: MarkdownRequest): string {
  return markdownConvert(html, baseUrl, main);
}

/** See `toMarkdownMany` in `mod.ts`. */
export async function toMarkdownMany(
  htmls: readonly string[],
  { main, baseUrl }: MarkdownRequest,
  options: CallOptions,
): Promise<string[]> {
  const parts = await batches(htmls, options, {
    submit: (part, submitOptions) => markdownConvertMany(part, baseUrl, main, submitOptions),
  });
  return parts.flat();
}
