/**
 * A container's output as lines: put together from pieces that are cut anywhere, each stream by itself, decoded across
 * the cuts. A line of any length takes bounded memory.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import type { Frame } from "../engine/frames.ts";
import type { LogLine, LogOptions } from "./types.ts";

/** A longer line comes in pieces. */
const MOST_LINE_CHARACTERS = 1_048_576;
/** The time at the beginning of what an engine sends: RFC 3339 and a blank. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)) /;
/** No time is longer than this. */
const MOST_TIME_BYTES = 40;

/**
 * Reads a container's output.
 *
 * @param client The engine.
 * @param path The container's path of the API.
 * @param options Which lines, checked.
 */
export async function* readLogs(
  client: EngineClient,
  path: string,
  options: LogOptions,
): AsyncGenerator<LogLine, void> {
  const { follow, since, until, tail, timestamps, signal, streams } = options;
  const call = { signal };
  const found = await client.json<{ Config?: { Tty?: boolean } }>("GET", `${path}/json`, call);
  const tty = found.Config?.Tty === true;
  const query = {
    stdout: streams === undefined || streams.includes("stdout") ? 1 : 0,
    stderr: streams === undefined || streams.includes("stderr") ? 1 : 0,
    follow: follow === true ? 1 : 0,
    timestamps: timestamps === true ? 1 : 0,
    tail: tail === undefined ? "all" : String(tail),
    ...(since === undefined ? {} : { since: secondsOf(since) }),
    ...(until === undefined ? {} : { until: secondsOf(until) }),
  };
  const frames = client.frames("GET", `${path}/logs`, { query, tty, signal });
  yield* linesOf(frames, { timestamps: timestamps === true, tty });
}

function secondsOf(time: Date | number): string {
  return (time instanceof Date ? time.getTime() / 1_000 : time).toFixed(9);
}

/** Puts lines together. */
export async function* linesOf(
  frames: AsyncIterable<Frame>,
  { timestamps, tty }: { timestamps: boolean; tty: boolean },
): AsyncGenerator<LogLine, void> {
  const streams = {
    stdout: new Lines("stdout", timestamps, tty),
    stderr: new Lines("stderr", timestamps, tty),
  };
  for await (const frame of frames) yield* streams[frame.stream].add(frame);
  yield* streams.stdout.end();
  yield* streams.stderr.end();
}

/** The lines of one stream. */
class Lines {
  readonly #stream: "stdout" | "stderr";
  readonly #hasTimes: boolean;
  readonly #tty: boolean;
  #decoder = new TextDecoder();
  #text = "";
  #time: string | null = null;
  /** The bytes that may be a time and are not all there; undefined where none is to come. */
  #head: Uint8Array | undefined;

  constructor(stream: "stdout" | "stderr", hasTimes: boolean, tty: boolean) {
    this.#stream = stream;
    this.#hasTimes = hasTimes;
    this.#tty = tty;
    // Without frames a time begins each line; with them it begins each frame, of which a long line has several.
    if (hasTimes && tty) this.#head = new Uint8Array(0);
  }

  *add({ bytes, begins }: Frame): Generator<LogLine> {
    if (this.#hasTimes && !this.#tty && begins) this.#head = new Uint8Array(0);
    for (let rest = bytes; rest.length > 0;) {
      if (this.#head !== undefined) {
        rest = this.#takeTime(rest);
        if (rest.length === 0) return;
      }
      const end = rest.indexOf(10);
      const part = end < 0 ? rest : rest.subarray(0, end);
      this.#text += this.#decoder.decode(part, { stream: true });
      rest = end < 0 ? rest.subarray(rest.length) : rest.subarray(end + 1);
      if (end >= 0) {
        yield this.#line(this.#text + this.#decoder.decode(), false);
        this.#text = "";
        if (this.#hasTimes && this.#tty) this.#head = new Uint8Array(0);
      } else if (this.#text.length >= MOST_LINE_CHARACTERS) {
        yield this.#line(this.#text, true);
        this.#text = "";
      }
    }
  }

  *end(): Generator<LogLine> {
    if (this.#head !== undefined) this.#text += this.#decoder.decode(this.#head);
    this.#text += this.#decoder.decode();
    if (this.#text !== "") yield this.#line(this.#text, true);
    this.#text = "";
  }

  #line(text: string, partial: boolean): LogLine {
    const isEnded = this.#tty && !partial && text.endsWith("\r");
    return {
      stream: this.#stream,
      text: isEnded ? text.slice(0, -1) : text,
      time: this.#time,
      partial,
    };
  }

  /** Takes a time off the beginning; gives back what follows it. */
  #takeTime(bytes: Uint8Array): Uint8Array {
    const before = this.#head!;
    const head = new Uint8Array(before.length + bytes.length);
    head.set(before);
    head.set(bytes, before.length);
    const blank = head.subarray(0, MOST_TIME_BYTES).indexOf(32);
    if (blank < 0 && head.length < MOST_TIME_BYTES) {
      this.#head = head;
      return new Uint8Array(0);
    }
    this.#head = undefined;
    const time = TIME.exec(new TextDecoder().decode(head.subarray(0, blank + 1)))?.[1];
    if (time === undefined) return head;
    // A line that comes in several frames has the time of its first.
    if (this.#text === "") this.#time = time;
    return head.subarray(blank + 1);
  }
}
