/**
 * A progress bar on standard error, drawn only when that is a terminal.
 *
 * @module
 */

const BAR_WIDTH = 24;

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
  constructor(label: string, terminal: boolean = Deno.stderr.isTerminal()) {
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

/** The text of the bar, at most `width` characters long. */
export function progressLine(
  label: string,
  done: number,
  total: number,
  item: string,
  width: number,
): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled);
  const line = `${label} [${bar}] ${done}/${total} ${item.replace(/\p{Cc}/gu, "?")}`;
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
