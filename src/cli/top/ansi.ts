/**
 * Lines as a terminal draws them, in 256 colours, in the basic ones, or in none; and only those that changed.
 *
 * @module
 */

import type { Line, Style } from "./line.ts";

/** How many colours a terminal has. */
export type Colours = "many" | "basic" | "none";

/** What a style is, as the numbers of a terminal: each is readable on light and on dark ground. */
const MANY: Readonly<Record<Style, string>> = {
  plain: "",
  strong: "1",
  soft: "38;5;245",
  title: "1;38;5;32",
  calm: "38;5;35",
  busy: "38;5;172",
  hot: "38;5;167",
  chart: "38;5;67",
  empty: "38;5;242",
  chosen: "7",
  key: "38;5;32",
};
const BASIC: Readonly<Record<Style, string>> = {
  plain: "",
  strong: "1",
  soft: "2",
  title: "1;34",
  calm: "32",
  busy: "33",
  hot: "31",
  chart: "36",
  empty: "2",
  chosen: "7",
  key: "36",
};
/** Without colours there still is bold, and what is chosen must be seen. */
const NONE: Readonly<Record<Style, string>> = {
  plain: "",
  strong: "1",
  soft: "",
  title: "1",
  calm: "",
  busy: "",
  hot: "1",
  chart: "",
  empty: "",
  chosen: "7",
  key: "",
};
const PALETTES: Readonly<Record<Colours, Readonly<Record<Style, string>>>> = {
  many: MANY,
  basic: BASIC,
  none: NONE,
};

/** A line with the sequences that set its colours; none is left set at its end. */
export function ansiLine(line: Line, colours: Colours): string {
  const palette = PALETTES[colours];
  let result = "";
  let now = "";
  for (const { text, style } of line) {
    if (text === "") continue;
    // A blank has no colour, unless its ground has one.
    const code = style === "chosen" || text.trim() !== "" ? palette[style] : now === "7" ? "" : now;
    if (code !== now) result += code === "" ? "\x1b[0m" : `\x1b[0;${code}m`;
    now = code;
    result += text;
  }
  return now === "" ? result : `${result}\x1b[0m`;
}

/** What a screen shows, and what must be written for it to show something else. */
export class Canvas {
  readonly #colours: Colours;
  #shown: string[] = [];

  /** @param colours How many colours there are. */
  constructor(colours: Colours) {
    this.#colours = colours;
  }

  /** Forgets what is shown: the next time all is written. */
  clear(): void {
    this.#shown = [];
  }

  /** What to write so that these lines are shown; empty if they are. */
  update(lines: readonly Line[]): string {
    let text = "";
    const isNew = this.#shown.length !== lines.length;
    const next = lines.map((line) => ansiLine(line, this.#colours));
    next.forEach((line, at) => {
      if (!isNew && this.#shown[at] === line) return;
      // Lines fill the width, so there is nothing to wipe; the last cell may be written, as wrapping is off.
      text += `\x1b[${at + 1};1H${line}`;
    });
    this.#shown = next;
    // Terminals that know it draw all of it at once; the others pass it over.
    return text === "" ? "" : `\x1b[?2026h${isNew ? "\x1b[2J" : ""}${text}\x1b[?2026l`;
  }
}
