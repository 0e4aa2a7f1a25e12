/**
 * The forms that a picture is shown in.
 *
 * @module
 */

import { checkWord, fieldsOf, wrongType } from "../../shared/arguments.ts";
import { checkNames } from "../scope/names.ts";
import { renderText } from "./render.ts";
import { renderSvg } from "./svg.ts";
import type { HostPicture, RenderOptions } from "./types.ts";

/** See `renderPicture` in `mod.ts`. */
export function render(host: HostPicture, options: RenderOptions = {}): string {
  checkNames(options, "render");
  const { width = 80, format = "text" } = fieldsOf(options, "options") as RenderOptions;
  checkWord(format, "options.format", ["text", "svg"]);
  if (typeof width !== "number" || Number.isNaN(width)) {
    throw wrongType("options.width", "a number", width);
  }
  return format === "svg" ? renderSvg(host) : renderText(host, width);
}
