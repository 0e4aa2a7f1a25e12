/**
 * Where a command's words go: results to standard output, everything else to standard error.
 *
 * A reader that closes the pipe (`| head`) ends the command quietly. Colours are used only on a
 * terminal and never when `NO_COLOR` is set.
 *
 * @module
 */

import { harmless, harmlessJson } from "./harmless.ts";
import { isTerminal } from "./terminal.ts";

/** Thrown when nobody reads standard output any more. */
export class OutputClosed extends Error {
  constructor() {
    super("Standard output is closed");
    this.name = "OutputClosed";
  }
}

/** Thrown when standard output takes no more, for another reason than that nobody reads it. */
export class OutputFailed extends Error {
  constructor(cause: unknown) {
    super(`Standard output cannot be written: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
    this.name = "OutputFailed";
  }
}

/** The two streams that a command writes to. */
export class Output {
  /** Whether the result is one JSON document. */
  readonly json: boolean;
  /** Whether there are several values, a line each, and not one document. */
  lines = false;
  readonly #colors: boolean;
  readonly #encoder = new TextEncoder();

  /** @param json Whether the result is one JSON document. */
  constructor(json: boolean) {
    this.json = json;
    this.#colors = !json && !Deno.noColor && isTerminal(Deno.stdout);
  }

  /** Writes a result and a line break. */
  line(text = ""): void {
    this.write(`${text}\n`);
  }

  /** Writes a result as it is. */
  write(text: string): void {
    try {
      this.#all(Deno.stdout, text);
    } catch (error) {
      throw error instanceof Deno.errors.BrokenPipe ? new OutputClosed() : new OutputFailed(error);
    }
  }

  /** Writes the one JSON document of a `--json` call, or one line of several. */
  document(value: unknown): void {
    this.line(harmlessJson(JSON.stringify(value, undefined, this.lines ? 0 : 2)));
  }

  /** Writes a line for the person at the terminal, beside the result. */
  note(text: string): void {
    try {
      this.#all(Deno.stderr, `agent: ${harmless(text)}\n`);
    } catch {
      // Nobody reads standard error: a note is not worth failing for.
    }
  }

  /** The text in bold, if the result goes to a terminal. */
  bold(text: string): string {
    return this.#style(text, 1, 22);
  }

  /** The text dimmed, if the result goes to a terminal. */
  dim(text: string): string {
    return this.#style(text, 2, 22);
  }

  /** The text in green (good) or yellow (to look at), if the result goes to a terminal. */
  mark(text: string, good: boolean): string {
    return this.#style(text, good ? 32 : 33, 39);
  }

  #style(text: string, on: number, off: number): string {
    return this.#colors ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  }

  #all(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
    let bytes = this.#encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  }
}
