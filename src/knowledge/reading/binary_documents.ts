/**
 * Reads PDF and Word documents: libraries that are loaded when the first one is met, in a Worker that can reach
 * nothing, with bounds on time, memory and output. What comes out is HTML, which the Markdown room reads like any page.
 *
 * @module
 */

import type { Worker } from "node:worker_threads";
import { nodeWorkerThreads } from "../../shared/builtin.ts";
import { missingPackage, specifierOf } from "../../shared/packages.ts";
import { NotRead } from "./not_read.ts";
import { workerProgram } from "./worker_code.ts";
import type { FromReader, ReaderKind, ReaderLimits, ToReader } from "./worker_types.ts";

const NAMES = { pdf: "PDF", docx: "Word document" } as const;
/** The package of each kind, and the module in it that needs nothing of a browser or of Node. */
const PACKAGES = {
  pdf: ["unpdf", "/pdfjs"],
  docx: ["mammoth", "/mammoth.browser.min.js"],
} as const;

/** What one document may take. */
export const READER_LIMITS: ReaderLimits = {
  timeMs: 30_000,
  characters: 16_000_000,
  largestBytes: 96 * 1024 * 1024,
  totalBytes: 2 * 1024 * 1024 * 1024,
};
const HEAP_MIB = 192;
/** A Worker that has nothing to do is worth its memory for so long. */
const IDLE_MS = 1_000;

/** What a document was made into. */
export interface ReadPages {
  /** HTML, a piece a page. */
  pages: string[];
  /** What it calls itself, or "". */
  title: string;
}

/** Reads one document at a time. Owns the Worker; dispose it. */
export class BinaryReader implements AsyncDisposable {
  readonly #limits: ReaderLimits;
  #worker: Worker | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param limits What one document may take. */
  constructor(limits: ReaderLimits = READER_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Reads a document.
   *
   * @throws {NotRead} If it is damaged or encrypted, takes more than it may, or the library is not there.
   */
  read(kind: ReaderKind, bytes: Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<ReadPages> {
    const result = this.#turn.then(() => this.#read(kind, bytes, signal));
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Ends the Worker. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #read(
    kind: ReaderKind,
    bytes: Uint8Array<ArrayBuffer>,
    signal: AbortSignal | undefined,
  ): Promise<ReadPages> {
    signal?.throwIfAborted();
    const answer = await this.#ask({
      kind,
      bytes,
      address: specifierOf(PACKAGES[kind][0]) + PACKAGES[kind][1],
      limits: this.#limits,
    }, signal);
    if (answer.ok === true) return { pages: answer.pages, title: answer.title };
    if (answer.missing) {
      const error = missingPackage(
        PACKAGES[kind][0],
        `A ${NAMES[kind]}`,
        new Error(answer.message),
      );
      throw new NotRead("unavailable", error.message);
    }
    throw failure(kind, answer, this.#limits);
  }

  async #ask(message: ToReader, signal: AbortSignal | undefined): Promise<FromReader> {
    clearTimeout(this.#idle);
    const worker = this.#worker ??= start();
    const { promise, resolve, reject } = Promise.withResolvers<FromReader>();
    const failed = (text: string): void => resolve(failedWith(text));
    const onMessage = (answer: FromReader): void => resolve(answer);
    const onError = ({ code, message }: Error & { code?: string }): void =>
      failed(code === "ERR_WORKER_OUT_OF_MEMORY" ? "LIMIT memory" : message);
    const onExit = (): void => failed("The reader ended");
    const onAbort = (): void => reject(signal!.reason);
    // The Worker looks at its own clock; this is for what computes without looking.
    const timer = setTimeout(failed, message.limits.timeMs + 2_000, "LIMIT time");
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    signal?.addEventListener("abort", onAbort);
    let answer: FromReader | undefined;
    try {
      worker.ref();
      worker.postMessage(message, [message.bytes.buffer]);
      answer = await promise;
      return answer;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      // What ran into a bound may have left anything behind.
      if (answer?.ok !== true) await this.#end();
      else {
        worker.unref();
        this.#idle = setTimeout(() => void this.#end(), IDLE_MS);
        Deno.unrefTimer(this.#idle);
      }
    }
  }

  async #end(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function start(): Worker {
  const worker = new (nodeWorkerThreads().Worker)(workerProgram(), {
    eval: true,
    env: {},
    argv: [],
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: 16 },
  });
  worker.on("error", () => {}); // who waits for it hears it as well
  return worker;
}

function failedWith(message: string): FromReader {
  return { ok: false, name: "Error", message, missing: false };
}

function failure(
  kind: ReaderKind,
  { name, message }: { name: string; message: string },
  limits: ReaderLimits,
): NotRead {
  const what = NAMES[kind];
  const limit = /^(?:.*: )?LIMIT (\w+)/.exec(message)?.[1] ??
    (/Array buffer allocation failed|Invalid (typed )?array length/.test(message)
      ? "memory"
      : /Maximum call stack|nested/.test(message)
      ? "depth"
      : undefined);
  if (limit !== undefined) {
    const bound = limit === "time"
      ? `takes more than ${limits.timeMs / 1_000} s to read`
      : limit === "output"
      ? `holds more than ${limits.characters} characters`
      : limit === "depth"
      ? "is nested too deeply"
      : `unpacks to more memory than a document may take`;
    return new NotRead("too-large", `The ${what} ${bound}`);
  }
  if (name === "PasswordException") {
    return new NotRead("damaged", `The ${what} is encrypted with a password`);
  }
  return new NotRead("damaged", `The ${what} cannot be read: ${message}`);
}
