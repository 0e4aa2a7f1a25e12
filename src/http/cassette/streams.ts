/** Bodies that are read for the cassette: whole, or as they pass. @module */

import { AgentError } from "../../shared/errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The largest body that is recorded or compared. */
const MOST_BYTES = 64 * 2 ** 20;

function tooLarge(what: string, size: number): AgentError<"TOO_LARGE"> {
  return new AgentError(
    "TOO_LARGE",
    `The body of ${what} has more than ${MOST_BYTES} bytes, which a cassette does not hold`,
    { what: "a body in a cassette", size, limit: MOST_BYTES },
  );
}

/** What was read, put together. */
class Collected {
  readonly #chunks: Bytes[] = [];
  readonly #what: string;
  size = 0;

  constructor(what: string) {
    this.#what = what;
  }

  add(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.size > MOST_BYTES) throw tooLarge(this.#what, this.size);
    this.#chunks.push(new Uint8Array(chunk));
  }

  whole(): Bytes {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }
}

/** Reads a request's body. */
export async function wholeBody(body: ReadableStream<Uint8Array>): Promise<Bytes> {
  const collected = new Collected("a request");
  for await (const chunk of body) collected.add(chunk);
  return collected.whole();
}

/**
 * A body with something to do at its end, before its reader sees the end: also when the reader leaves early, with what
 * was read by then. A body that fails is not whole, and nothing is done.
 */
export function withTail(
  body: ReadableStream<Bytes>,
  what: string,
  tail: (body: Bytes, truncated: boolean) => Promise<void>,
): ReadableStream<Bytes> {
  const reader = body.getReader();
  const collected = new Collected(what);
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) {
        await tail(collected.whole(), false);
        return controller.close();
      }
      try {
        collected.add(value);
      } catch (error) {
        reader.cancel(error).catch(() => {});
        throw error;
      }
      controller.enqueue(value);
    },
    async cancel(reason) {
      await reader.cancel(reason);
      await tail(collected.whole(), true);
    },
  }, { highWaterMark: 0 });
}
