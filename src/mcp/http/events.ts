/**
 * What was sent on the streams of a session, so that a client whose connection broke gets what it missed. Bounded: of old
 * events the first go.
 *
 * @module
 */

/** So many events of a session are kept. */
const MOST_EVENTS = 256;
/** And so much of them, in UTF-16 units. */
const MOST_LENGTH = 4_000_000;

interface Kept<M> {
  readonly stream: string;
  readonly message: M;
  readonly length: number;
}

/** The events of one session. */
export class SessionEvents<M> {
  readonly #kept = new Map<string, Kept<M>>();
  #length = 0;
  #last = 0;

  /** Keeps an event and gives its id. */
  storeEvent(stream: string, message: M): Promise<string> {
    const id = `${++this.#last}-${stream}`;
    const { length } = JSON.stringify(message) ?? "";
    this.#kept.set(id, { stream, message, length });
    this.#length += length;
    for (const [oldest, { length: gone }] of this.#kept) {
      if (this.#kept.size <= MOST_EVENTS && this.#length <= MOST_LENGTH) break;
      this.#kept.delete(oldest);
      this.#length -= gone;
    }
    return Promise.resolve(id);
  }

  /** The stream of an event. */
  getStreamIdForEventId(id: string): Promise<string | undefined> {
    return Promise.resolve(this.#kept.get(id)?.stream);
  }

  /** Sends again what came on the same stream behind an event. */
  async replayEventsAfter(
    id: string,
    { send }: { send: (id: string, message: M) => Promise<void> },
  ): Promise<string> {
    const stream = this.#kept.get(id)?.stream;
    if (stream === undefined) throw new Error("the event is not known any more");
    let isBehind = false;
    for (const [one, kept] of [...this.#kept]) {
      if (isBehind && kept.stream === stream) await send(one, kept.message);
      if (one === id) isBehind = true;
    }
    return stream;
  }
}
