/**
 * Event streams: one event is made when the client has read the one before it, and a client that reads nothing loses its
 * place after a while.
 *
 * @module
 */

/** An event of a stream. */
export interface ServerEvent {
  /** Its kind; left out for the usual one. */
  event?: string;
  /** What it carries: an object is written as JSON, a string as it stands. */
  data: unknown;
}

/** How a stream is run. */
export interface StreamOptions {
  /** Aborted when the client has gone or the server closes. */
  signal: AbortSignal;
  /** How long the client may read nothing, in milliseconds. */
  stalledMs: number;
  /** How an error is told, as the last event. */
  failed(error: unknown): readonly ServerEvent[];
  /** Called once, when the stream has ended, however that was. */
  ended(): void;
}

/** A comment is sent so often where nothing happens, so that nobody in between cuts the connection. */
const HEARTBEAT_MS = 15_000;
const ENCODER = new TextEncoder();

/** The text of an event. */
export function eventText({ event, data }: ServerEvent): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  const lines = text.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`).join("");
  return `${event === undefined ? "" : `event: ${event}\n`}${lines}\n`;
}

/**
 * A response of events.
 *
 * @param make Makes them; its signal is aborted when the stream has to end.
 * @param options How it is run.
 */
export function eventStream(
  make: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
  options: StreamOptions,
): Response {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, options.signal]);
  const iterator = make(signal)[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<ServerEvent>> | undefined;
  let stalled: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    clearTimeout(stalled);
    stop.abort(new DOMException("The stream has ended", "AbortError"));
    // A generator that waits is woken by the signal; what it says then is heard by nobody.
    next?.catch(() => {});
    iterator.return?.()?.catch(() => {});
    options.ended();
  };
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(stalled);
      let text: string;
      let over = false;
      try {
        next ??= iterator.next();
        const result = await raceHeartbeat(next, signal);
        if (result === undefined) text = ": still here\n\n";
        else {
          next = undefined;
          over = result.done === true;
          text = result.done ? "" : eventText(result.value);
        }
      } catch (error) {
        over = true;
        text = options.signal.aborted ? "" : options.failed(error).map(eventText).join("");
      }
      if (ended) return;
      if (text !== "") controller.enqueue(ENCODER.encode(text));
      if (over) {
        end();
        controller.close();
        return;
      }
      stalled = setTimeout(() => {
        end();
        controller.error(new DOMException("The client reads nothing", "TimeoutError"));
      }, options.stalledMs);
    },
    cancel: end,
  }, { highWaterMark: 0 });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
  });
}

/** What comes first: the next event, or undefined after a while without one. */
async function raceHeartbeat<T>(next: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await Promise.race([
      next,
      new Promise<undefined>((resolve) =>
        timer = setTimeout(() => resolve(undefined), HEARTBEAT_MS)
      ),
      new Promise<never>((_, reject) => {
        onAbort = () => reject(signal.reason);
        if (signal.aborted) onAbort();
        else signal.addEventListener("abort", onAbort, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
