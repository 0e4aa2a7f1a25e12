/**
 * Which twin converts to Markdown; see `../choose.ts`.
 *
 * @module
 */

import { markdownDoor } from "../../ffi/doors/markdown.ts";
import { effectiveImplementation } from "../../ffi/settings.ts";
import type { Implementation } from "../../implementation.ts";
import { NativeMarkdown } from "./native.ts";
import { pure } from "./pure.ts";
import type { MarkdownTwin } from "./types.ts";

let native: NativeMarkdown | undefined;

/**
 * The twin for a call.
 *
 * @param option What the caller said.
 * @param size How much there is to do.
 * @param least From which size on the native twin is faster.
 * @returns The twin.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and cannot be used.
 */
export function markdownTwin(
  option: Implementation | undefined,
  size: number,
  least: number,
): MarkdownTwin {
  const wish = effectiveImplementation("text", option);
  if (wish === "pure" || (wish === "auto" && size < least)) return pure;
  if (native === undefined) {
    const area = wish === "native" ? markdownDoor.require() : markdownDoor.get();
    if (area === undefined) return pure;
    native = new NativeMarkdown(area);
  }
  return native;
}
