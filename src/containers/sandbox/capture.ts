/**
 * What a process writes, kept up to a bound for each of its streams; what is over it is counted and dropped, so that the
 * process is not held up by it and memory does not grow.
 *
 * @module
 */

import type { Frame } from "../engine/frames.ts";

/** Keeps output. */
export class Capture {
  readonly #limit: number;
  readonly #kept = { stdout: new Kept(), stderr: new Kept() };

  /** @param limit Bytes that are kept of each stream. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Keeps a piece, or what of it there is room for; gives back what was kept. */
  add({ stream, bytes }: Frame): Uint8Array {
    const kept = this.#kept[stream];
    const part = bytes.subarray(0, Math.max(0, this.#limit - kept.size));
    kept.add(part);
    kept.dropped += bytes.length - part.length;
    return part;
  }

  /** Whether anything was dropped. */
  get truncated(): boolean {
    return this.dropped.stdout + this.dropped.stderr > 0;
  }

  /** Bytes that were dropped of each stream. */
  get dropped(): { stdout: number; stderr: number } {
    return { stdout: this.#kept.stdout.dropped, stderr: this.#kept.stderr.dropped };
  }

  /** Bytes of both, kept or dropped. */
  get written(): number {
    const { stdout, stderr } = this.#kept;
    return stdout.size + stdout.dropped + stderr.size + stderr.dropped;
  }

  /** What was kept of a stream, as text; a character that was cut at the bound is left out. */
  text(stream: Frame["stream"]): string {
    const kept = this.#kept[stream];
    return new TextDecoder().decode(kept.bytes(), { stream: kept.dropped > 0 });
  }
}

/** Bytes in a buffer that doubles. */
class Kept {
  size = 0;
  dropped = 0;
  #buffer: Uint8Array = new Uint8Array(0);

  add(bytes: Uint8Array): void {
    if (this.size + bytes.length > this.#buffer.length) {
      const larger = new Uint8Array(
        Math.max(1_024, 2 * this.#buffer.length, this.size + bytes.length),
      );
      larger.set(this.bytes());
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.size);
    this.size += bytes.length;
  }

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.size);
  }
}
