/**
 * A line on the terminal that says what is being measured. Nothing where standard error is no terminal.
 */

const encoder = new TextEncoder();

/** The line; written over and over. */
export class ProgressLine {
  readonly #title: string;
  readonly #start = performance.now();
  readonly #shown = Deno.stderr.isTerminal();

  /** A line that begins with a title. */
  constructor(title: string) {
    this.#title = title;
  }

  /** Shows what is being done now. */
  show(text: string): void {
    if (!this.#shown) return;
    const seconds = Math.round((performance.now() - this.#start) / 1000);
    const line = `${this.#title} ${text} (${seconds} s)`.slice(0, 78);
    Deno.stderr.writeSync(encoder.encode(`\r\x1b[2K${line}`));
  }

  /** Wipes the line. */
  end(): void {
    if (this.#shown) Deno.stderr.writeSync(encoder.encode("\r\x1b[2K"));
  }
}
