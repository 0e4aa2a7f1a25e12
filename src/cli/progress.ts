/**
 * A progress bar on standard error, drawn only when that is a terminal.
 *
 * @module
 */

import { isTerminal } from "./terminal.ts";
import { type Reporter, reporter } from "../shared/progress.ts";

const BAR_WIDTH = 24;
const MIB = 1 << 20;

/** A line that is redrawn as work goes on and wiped at the end. */
export class ProgressBar implements Disposable {
  readonly #label: string;
  readonly #active: boolean;
  readonly #encoder = new TextEncoder();
  #drawn = false;

  /**
   * @param label What is going on, in a word or two.
   * @param terminal Whether standard error is a terminal; by default it is asked.
   */
  constructor(label: string, terminal: boolean = isTerminal(Deno.stderr)) {
    this.#label = label;
    this.#active = terminal;
  }

  /**
   * Draws the state of the work.
   *
   * @param done Items finished.
   * @param total Items in all.
   * @param item The item just finished, cut to the width of the terminal.
   */
  update(done: number, total: number, item = ""): void {
    if (!this.#active) return;
    this.#drawn = true;
    this.#write(`\r\x1b[2K${progressLine(this.#label, done, total, item, columns())}`);
  }

  /** Draws how much of something without a known end is done. */
  say(text: string): void {
    if (!this.#active) return;
    this.#drawn = true;
    this.#write(`\r\x1b[2K${`${this.#label} ${text}`.slice(0, columns() - 1)}`);
  }

  /** Wipes the line. */
  [Symbol.dispose](): void {
    if (this.#drawn) this.#write("\r\x1b[2K");
    this.#drawn = false;
  }

  #write(text: string): void {
    try {
      Deno.stderr.writeSync(this.#encoder.encode(text));
    } catch {
      // The terminal is gone; the work is not.
    }
  }
}

/** Reading so many bytes is over before a bar would tell anybody anything. */
const QUICK = 8 * MIB;

/** A progress bar for what is read, drawn once it has taken a while. */
export class InputBar implements Disposable {
  readonly #bar: ProgressBar;
  readonly #reporter: Reporter<object>;
  #done = 0;

  /**
   * @param label What is going on, in a word or two.
   * @param files The files that are read, one after the other; of standard input, `-`, no size is known.
   * @param terminal Whether there is a terminal to draw on.
   */
  constructor(label: string, files: readonly string[], terminal: boolean) {
    this.#bar = new ProgressBar(label, terminal);
    const total = terminal ? sizeOf(files) : 0;
    this.#reporter = reporter(({ done }) => {
      const some = Math.floor(done / MIB);
      if (total === 0) this.#bar.say(`${some} MiB`);
      else this.#bar.update(some, Math.ceil(total / MIB), "MiB");
    }, Infinity);
  }

  /** Counts bytes that were read. */
  add(bytes: number): void {
    this.#done += bytes;
    if (this.#done >= QUICK && bytes > 0) this.#reporter.report(this.#done);
  }

  /** Wipes the line. */
  [Symbol.dispose](): void {
    this.#bar[Symbol.dispose]();
  }
}

/** How many bytes files have in all; 0 if that cannot be told. */
function sizeOf(files: readonly string[]): number {
  try {
    return files.reduce((sum, file) => sum + Deno.statSync(file).size, 0);
  } catch {
    // Standard input, or a file that the command itself will complain about.
    return 0;
  }
}

/** The text of the bar, at most `width` characters long. */
export function progressLine(
  label: string,
  done: number,
  total: number,
  item: string,
  width: number,
): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const count = `${done}/${total}`;
  // What is told by numbers must be whole: the bar gives way first, then the label.
  const room = Math.min(BAR_WIDTH, width - 1 - `${label} [] ${count}`.length);
  const filled = Math.round(share * room);
  const bar = room < 4 ? "" : ` [${"#".repeat(filled)}${".".repeat(room - filled)}]`;
  const name = bar === "" ? label.slice(0, Math.max(width - 2 - count.length, 0)) : label;
  const line = `${name}${bar} ${count} ${item.replace(/\p{Cc}/gu, "?")}`.trimStart();
  const characters = [...line.trimEnd()];
  return characters.length < width ? characters.join("") : characters.slice(0, width - 1).join("");
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
