/**
 * What the Worker that reads PDF and Word documents runs. A Worker from a file would need permission to read that file, so
 * it is started from the text of these functions: each uses nothing but its arguments, the other functions here and
 * what every Worker has.
 *
 * @module
 */

import type { FromReader, ReaderLimits, ToReader } from "./worker_types.ts";
import { PDF_FUNCTIONS, pdfPages } from "./pdf_code.ts";

/** The bounds of a document that is being read. */
export interface Bounds {
  /** Sets them anew. */
  begin(limits: ReaderLimits): void;
  /** Which of them was run into, also where a reader went on as if nothing were; "" for none. */
  over(): string;
}

/**
 * Takes away all by which code reaches files, network, environment, other code or code made of text, and bounds what may
 * be allocated: Deno bounds a Worker's heap, but not the bytes outside of it.
 *
 * @param onError Told what is thrown where nobody waits for it, which would end the Worker with a message on the terminal.
 * @returns The bounds of one document after the other.
 */
export function confine(onError: (error: unknown) => void): Bounds {
  let over = "";
  let budget = Infinity;
  let largest = Infinity;
  let deadline = Infinity;
  const now = Date.now;
  const check = (): number => {
    const time = now();
    if (time > deadline) throw new RangeError(`LIMIT ${over = "time"}`);
    return time;
  };
  const spend = (bytes: number): void => {
    budget -= bytes;
    if (bytes > largest || budget < 0) throw new RangeError(`LIMIT ${over = "memory"}`);
    check();
  };
  // deno-lint-ignore no-explicit-any
  const scope = globalThis as any;
  const kept = new Set(
    ("Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise " +
      "RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON " +
      "Math Intl ArrayBuffer Atomics Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float16Array " +
      "Float32Array Float64Array Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set Iterator WeakMap " +
      "WeakSet WeakRef Proxy Reflect FinalizationRegistry decodeURI decodeURIComponent encodeURI encodeURIComponent " +
      "escape unescape isFinite isNaN eval TextDecoder TextEncoder setTimeout clearTimeout setInterval clearInterval " +
      "setImmediate clearImmediate queueMicrotask structuredClone URL URLSearchParams AbortController AbortSignal " +
      "Event EventTarget DOMException MessageChannel MessagePort ReadableStream WritableStream TransformStream Blob " +
      "atob btoa performance self global").split(" "),
  );
  for (const key of Reflect.ownKeys(scope)) {
    if (typeof key === "string" && !kept.has(key) && !Reflect.deleteProperty(scope, key)) {
      scope[key] = undefined;
    }
  }
  const refuse = function (): never {
    throw new EvalError("Code made of text is not run here");
  };
  const makers = [
    function () {},
    async function () {},
    function* () {},
    async function* () {},
  ];
  for (const maker of makers) {
    Object.defineProperty(Object.getPrototypeOf(maker), "constructor", { value: refuse });
  }
  scope.Function = scope.eval = refuse;
  for (const name of kept) {
    const type = scope[name];
    if (name !== "ArrayBuffer" && !/(?:Array)$/.test(name) || name === "Array") continue;
    if (typeof type !== "function") continue;
    const size: number = type.BYTES_PER_ELEMENT ?? 1;
    scope[name] = new Proxy(type, {
      construct(target, given, maker) {
        const [first] = given;
        if (typeof first === "number") spend(first * size);
        else if (first !== null && typeof first === "object" && "length" in first) {
          spend(first.length * size);
        }
        return Reflect.construct(target, given, maker === scope[name] ? target : maker);
      },
    });
  }
  // Deno leaves out this old way to a prototype; the reader of Word documents takes it.
  Object.defineProperty(Object.prototype, "__proto__", {
    configurable: true,
    get(): unknown {
      return Object.getPrototypeOf(this);
    },
    set(prototype: object | null) {
      Object.setPrototypeOf(this, prototype);
    },
  });
  for (const name of ["setImmediate", "setTimeout", "setInterval"]) {
    const start = scope[name];
    scope[name] = (work: (...given: unknown[]) => unknown, ...given: unknown[]): unknown =>
      start((...values: unknown[]) => {
        try {
          work(...values);
        } catch (error) {
          onError(error);
        }
      }, ...given);
  }
  // The reader of PDF asks for the time again and again while it works through a page.
  Date.now = check;
  return {
    begin(limits) {
      over = "";
      largest = limits.largestBytes;
      budget = limits.totalBytes;
      deadline = now() + limits.timeMs;
    },
    over: () => over,
  };
}

/** The HTML of a Word document. */
export async function wordPages(
  // deno-lint-ignore no-explicit-any
  mammoth: any,
  bytes: Uint8Array<ArrayBuffer>,
  limits: ReaderLimits,
): Promise<{ pages: string[]; title: string }> {
  const { value } = await mammoth.convertToHtml({ arrayBuffer: bytes.buffer }, {
    convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: "" })),
    styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
  });
  if (value.length > limits.characters) throw new RangeError("LIMIT output");
  return { pages: [value], title: "" };
}

/** Reads one document after the other. */
export function serve(
  port: {
    on(event: "message", listener: (message: ToReader) => void): void;
    postMessage(message: FromReader): void;
  },
): void {
  let fail: (error: unknown) => void = () => {};
  const bounds = confine((error) => fail(error));
  const loaded = new Map<string, unknown>();
  port.on("message", async ({ kind, bytes, address, limits }) => {
    try {
      let library = loaded.get(address);
      if (library === undefined) loaded.set(address, library = await import(address));
      bounds.begin(limits);
      // deno-lint-ignore no-explicit-any
      const found = library as any;
      const failed = new Promise<never>((_, reject) => fail = reject);
      const pages = await Promise.race([
        failed,
        kind === "pdf"
          ? pdfPages(found, bytes, limits)
          : wordPages(found.default ?? found, bytes, limits),
      ]);
      if (bounds.over() !== "") throw new RangeError(`LIMIT ${bounds.over()}`);
      port.postMessage({ ok: true, ...pages });
    } catch (error) {
      const { name, message, code } = error as Error & { code?: string };
      const missing = code === "ERR_MODULE_NOT_FOUND" || !loaded.has(address);
      port.postMessage({ ok: false, name: String(name), message: String(message), missing });
    }
  });
}

/** The program of the Worker. */
export function workerProgram(): string {
  const functions = [confine, ...PDF_FUNCTIONS, wordPages, serve].map(String).join("\n");
  return `((port) => {\n"use strict";\n${functions}\nserve(port);\n})(require("node:worker_threads").parentPort);`;
}
