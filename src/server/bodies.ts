/**
 * Reads bodies within bounds of size and time.
 *
 * @module
 */

import { HttpFault } from "./faults.ts";
import type { Limits } from "./limits.ts";

/** How often it is looked for bodies that take too long, in milliseconds. */
const LOOK_MS = 250;

/** A body on its way. */
interface UnderWay {
  /** When it takes too long. */
  until: number;
  /** Says so. */
  late(): void;
}

/** Reads the bodies of a server's requests. One timer looks after all of them, and only while there are some. */
export class Bodies {
  readonly #limits: Limits;
  readonly #underWay = new Set<UnderWay>();
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Reads the JSON object that a request carries.
   *
   * @throws {HttpFault} 400, 408, 413, 415.
   */
  async json(request: Request): Promise<Record<string, unknown>> {
    const type = request.headers.get("content-type") ?? "";
    if (!/^application\/json\s*(;|$)/i.test(type)) {
      throw new HttpFault(
        415,
        "unsupported_media_type",
        "The body must be JSON, with content-type: application/json",
      );
    }
    const text = await this.#text(request);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new HttpFault(400, "invalid_json", `The body is no JSON: ${(error as Error).message}`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new HttpFault(400, "invalid_json", "The body must be a JSON object");
    }
    return value as Record<string, unknown>;
  }

  /** As {@linkcode Bodies.json}, but a request that carries nothing is an empty object, whatever it says of sizes and types. */
  async input(request: Request): Promise<Record<string, unknown>> {
    const isTyped = request.headers.has("content-type");
    if (isEmpty(request) || !isTyped && await this.#text(request) === "") return {};
    return await this.json(request);
  }

  /** Stops looking. */
  close(): void {
    clearInterval(this.#looking);
    this.#looking = undefined;
  }

  async #text(request: Request): Promise<string> {
    const { bodyBytes, bodyMs } = this.#limits;
    const tooLarge = (): HttpFault =>
      new HttpFault(413, "too_large", `The body is over ${bodyBytes} bytes`);
    const declared = request.headers.get("content-length");
    if (declared !== null && Number(declared) > bodyBytes) throw tooLarge();
    if (isEmpty(request)) return "";
    const { promise: late, reject } = Promise.withResolvers<never>();
    const entry: UnderWay = {
      until: performance.now() + bodyMs,
      late: () =>
        reject(new HttpFault(408, "timeout", `The body took over ${bodyMs} ms to arrive`)),
    };
    this.#underWay.add(entry);
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS);
    try {
      const reading = declared === null ? bounded(request.body!, bodyBytes) : request.text();
      const text = await Promise.race([reading, late]);
      if (text === undefined) throw tooLarge();
      return text;
    } catch (error) {
      if (error instanceof HttpFault) throw error;
      throw new HttpFault(400, "broken_body", "The body ended before it was whole");
    } finally {
      this.#underWay.delete(entry);
    }
  }

  #look(): void {
    const now = performance.now();
    for (const body of this.#underWay) if (body.until < now) body.late();
    if (this.#underWay.size === 0) this.close();
  }
}

/** Whether a request carries nothing. Where its size is declared its stream is not looked at: that would make one. */
function isEmpty(request: Request): boolean {
  const declared = request.headers.get("content-length");
  return declared === null ? request.body === null : Number(declared) === 0;
}

/** The text of a body whose size nobody declared; undefined once it is over a bound. */
async function bounded(
  body: ReadableStream<Uint8Array>,
  most: number,
): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
