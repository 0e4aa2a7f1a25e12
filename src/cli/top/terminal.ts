/**
 * The terminal while the view is open: another screen, no cursor, keys as they are pressed. All of it is undone when the
 * view ends, however it ends.
 *
 * @module
 */

import type { Size } from "./view.ts";

/** The other screen, no cursor, no wrapping. */
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
/** No colour, wrapping, a cursor, the screen as it was; and nothing that was begun is left to be drawn at once. */
const LEAVE = "\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

/** What a terminal told. */
export type TerminalEvent =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "resize" }
  | { readonly kind: "end"; readonly code: number };

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A terminal that is drawn on as a whole. */
export class Terminal implements Disposable {
  readonly #encoder = new TextEncoder();
  readonly #hear: (event: TerminalEvent) => void;
  readonly #listeners: (readonly [Deno.Signal, () => void])[] = [];
  #isOpen = false;

  /**
   * Opens the view.
   *
   * @param hear Told of keys, new sizes, and that it has to end.
   */
  constructor(hear: (event: TerminalEvent) => void) {
    this.#hear = hear;
    for (const [signal, code] of Object.entries(SIGNALS)) {
      this.#on(signal as Deno.Signal, () => hear({ kind: "end", code }));
    }
    this.#on("SIGWINCH", () => hear({ kind: "resize" }));
    // After it was stopped and goes on, whoever had the terminal meanwhile left it as they liked.
    this.#on("SIGCONT", () => {
      this.#enter();
      hear({ kind: "resize" });
    });
    this.#enter();
    this.#isOpen = true;
    void this.#read();
  }

  /** Writes; what cannot be written is the end, as the terminal is gone then. */
  write(text: string): void {
    let bytes = this.#encoder.encode(text);
    try {
      while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    } catch {
      this.#hear({ kind: "end", code: SIGNALS.SIGHUP });
    }
  }

  /** Undoes all; may be called again. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    try {
      Deno.stdin.setRaw(false);
    } catch {
      // The terminal is gone.
    }
    this.write(LEAVE);
  }

  #on(signal: Deno.Signal, listener: () => void): void {
    try {
      Deno.addSignalListener(signal, listener);
      this.#listeners.push([signal, listener]);
    } catch {
      // Not every system has every signal.
    }
  }

  #enter(): void {
    Deno.stdin.setRaw(true);
    this.write(ENTER);
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(1024);
    try {
      for (;;) {
        const length = await Deno.stdin.read(buffer);
        if (length === null) break;
        this.#hear({ kind: "bytes", bytes: buffer.slice(0, length) });
      }
    } catch {
      // Nothing can be read from a terminal that is gone.
    }
    this.#hear({ kind: "end", code: SIGNALS.SIGHUP });
  }
}

/** How large the terminal is. */
export function terminalSize(): Size | undefined {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : undefined;
  } catch {
    return undefined;
  }
}
