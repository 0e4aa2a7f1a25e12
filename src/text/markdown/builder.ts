/**
 * Puts a long text together from very many short pieces without a memory cell for each.
 *
 * @module
 */

/** V8 links concatenated strings; beyond this many units they are made one. */
const CHUNK = 4096;

/** A text in the making. */
export class Builder {
  #parts: string[] = [];
  #last = "";

  /** Appends a piece. */
  add(piece: string): void {
    this.#last += piece;
    if (this.#last.length > CHUNK) this.flush();
  }

  /** Ends the chunk, so that what comes next is a part of its own; its number is returned. */
  flush(): number {
    if (this.#last !== "") {
      this.#last.charCodeAt(0); // makes a linked string flat
      this.#parts.push(this.#last);
      this.#last = "";
    }
    return this.#parts.length;
  }

  /** Whether nothing was appended. */
  get empty(): boolean {
    return this.#last === "" && this.#parts.length === 0;
  }

  /** Replaces the part of a number with nothing. */
  blank(part: number): void {
    this.#parts[part] = "";
  }

  /** Removes everything from a part on. */
  cut(part: number): void {
    this.#last = "";
    this.#parts.length = Math.min(part, this.#parts.length);
  }

  /** Puts a backslash before the last unit. */
  escapeLast(): void {
    if (this.#last === "") this.#last = this.#parts.pop()!;
    this.#last = `${this.#last.slice(0, -1)}\\${this.#last.slice(-1)}`;
  }

  /** All of it; the builder is empty then. */
  take(): string {
    const last = this.#last;
    this.#last = "";
    if (this.#parts.length === 0) return last;
    if (last !== "") this.#parts.push(last);
    const text = this.#parts.join("");
    this.#parts = [];
    return text;
  }
}
