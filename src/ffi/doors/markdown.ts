/** The door to the native conversion to Markdown. @module */

import { AreaDoor } from "../area.ts";
import { type CoreMarkdownSymbols, coreMarkdownSymbols } from "../generated/core_markdown.ts";

/** Exports `agent_core_markdown_*` of library core-utils. */
export const markdownDoor: AreaDoor<CoreMarkdownSymbols> = new AreaDoor(
  "core-utils",
  coreMarkdownSymbols,
);
