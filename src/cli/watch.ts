/**
 * A view that is looked at again and again: on a terminal drawn over the last one, elsewhere written below it.
 *
 * @module
 */

import type { Output } from "./output.ts";
import { isTerminal } from "./terminal.ts";

/** How a view is shown. */
export interface WatchOptions {
  readonly output: Output;
  /** Ends it. */
  readonly signal: AbortSignal;
  readonly everyMs: number;
  /** What it is, for the line above it. */
  readonly title: string;
}

/** What was seen. */
export interface View {
  /** For a terminal. */
  readonly lines: readonly string[];
  /** For all else. */
  readonly plain: readonly string[];
}

/**
 * Shows a view until the signal fires, whose reason is then thrown.
 *
 * @param options How, how often, until when.
 * @param look Makes the view; the next look begins when the last is over and its time has come.
 */
export async function watch(options: WatchOptions, look: () => Promise<View>): Promise<never> {
  const { output, signal, everyMs, title } = options;
  const draws = isTerminal(Deno.stdout);
  let drawn = 0;
  for (;;) {
    signal.throwIfAborted();
    const begun = performance.now();
    const view = await look();
    signal.throwIfAborted();
    if (draws) {
      const time = new Date().toTimeString().slice(0, 8);
      drawn = draw(output, [output.dim(`${title}, ${time} (Ctrl-C ends)`), ...view.lines], drawn);
    } else for (const line of view.plain) output.line(line);
    await pause(Math.max(everyMs - (performance.now() - begun), 50), signal);
  }
}

/** Draws over what was drawn last; says how many lines there are now. */
function draw(output: Output, lines: readonly string[], before: number): number {
  const { columns, rows } = size();
  // What does not fit would scroll, and could not be drawn over.
  const shown = lines.slice(0, Math.max(rows - 1, 1));
  const up = before > 0 ? `\x1b[${before}A` : "";
  const text = shown.map((line) => `\x1b[2K${cut(line, columns - 1)}\n`).join("");
  output.write(`${up}\r${text}\x1b[J`);
  return shown.length;
}

/** Cuts a line to a width; what sets colours has none. */
function cut(line: string, width: number): string {
  let left = width;
  let text = "";
  // deno-lint-ignore no-control-regex
  for (const [part] of line.matchAll(/\x1b\[[\d;]*m|[^\x1b]/gu)) {
    if (part.startsWith("\x1b")) text += part;
    else if (left > 0) {
      // Wide characters take two places; to take one for wide cuts a line too early, which does no harm.
      left -= part > "\u10ff" ? 2 : 1;
      if (left >= 0) text += part;
    }
  }
  return text;
}

function size(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal.addEventListener("abort", abort, { once: true });
  });
}
