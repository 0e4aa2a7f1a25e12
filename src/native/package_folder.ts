/**
 * Where the package with the native libraries of this platform lies, once Deno has it.
 *
 * A package of npm tells its own folder when it is imported, for which no permission is needed; importing is
 * asynchronous, though, and native code is chosen within synchronous calls. So a Worker imports it, and this isolate
 * waits: some 20 ms at the first use, and at the very first of a machine the download. Nothing happens at import, and
 * nothing at all where native code may not be opened or is in another place.
 *
 * Deno may send what the Worker asks of the registry over a connection that this isolate opened, as it did for packages
 * of the program's own, and such a connection rests while this isolate waits. So the wait is short unless the caller
 * insists; the Worker goes on, and when the event loop brings its answer, the search counts anew. What rested too long
 * may never go on, so a second Worker asks once more while the event loop runs.
 *
 * @module
 */

import { reasonOf } from "../shared/npm_reason.ts";
import { isGranted } from "./permissions.ts";
import { platformOf } from "./platform.ts";
import { RELEASED, type Released } from "./released.ts";

/** How long a call that could do without native code waits for it. */
const PATIENCE_MS = 2_000;
/** How long one that insists does, and when the last Worker is given up. */
const TIMEOUT_MS = 10_000;
/** When the first one is: later than anybody waits for it who does not insist. */
const FIRST_MS = 4_000;
/** Room for a path or a message. */
const ANSWER_BYTES = 8192;
/** No message is longer in JSON's notation than so many times its characters, in bytes. */
const MOST_REASON = Math.floor(ANSWER_BYTES / 6) - 20;

/** Where the libraries of a release are, or why they are not there. */
export type PackageFolder =
  | { readonly folder: string; readonly released: Released; readonly platform: string }
  | { readonly reason: string };

/** What a package says of its folder, or why it does not. */
interface Answer {
  folder?: string | undefined;
  reason?: string | undefined;
}

const LATE =
  "it has not come yet: the network is slow, or Deno waits for this program's event loop; " +
  "`await prepareNative()` before native code is needed";

let found: PackageFolder | undefined;
let search: Search | undefined;
const forgetting = new Set<() => void>();

/** Has a function called when an answer that this module gave holds no longer. */
export function onForgotten(forget: () => void): void {
  forgetting.add(forget);
}

/**
 * The folder of this platform's package, which is downloaded if Deno does not have it. Remembers the answer.
 *
 * @param insists Whether the caller cannot do without, and so waits longer.
 * @returns The folder with a separator at its end, or the reason; undefined where nothing was released, as in a
 * checkout.
 */
export function packageFolder(insists = false): PackageFolder | undefined {
  if (RELEASED === undefined || found !== undefined) return found;
  const platform = platformOf();
  if (!isReleased(RELEASED, platform)) return found = notReleased(RELEASED, platform);
  search ??= new Search(RELEASED, platform);
  const answer = search.wait(insists ? TIMEOUT_MS : PATIENCE_MS);
  if (answer === undefined) return { reason: reasonFor(RELEASED, LATE) };
  return found = placed(answer, RELEASED, platform);
}

/** The same for a program that can wait while its event loop runs; {@linkcode packageFolder} then has the answer. */
export async function seekPackageFolder(): Promise<void> {
  const platform = platformOf();
  if (RELEASED === undefined || found !== undefined || !isGranted({ name: "ffi" })) return;
  if (!isReleased(RELEASED, platform)) return;
  search ??= new Search(RELEASED, platform);
  while (found === undefined) await search.done;
}

function isReleased(released: Released, platform: string | undefined): platform is string {
  return platform !== undefined && released.platforms[platform] !== undefined;
}

function notReleased(released: Released, platform: string | undefined): PackageFolder {
  const { os, arch } = Deno.build;
  const reason = `There are no native libraries for ${platform ?? `${os} on ${arch}`}, only for ` +
    Object.keys(released.platforms).join(", ");
  return { reason };
}

function reasonFor({ package: name }: Released, why: string): string {
  return `The package ${name} with the native libraries cannot be had: ${why}; where there is a network, ` +
    `run: deno cache ${name} (where node_modules is kept by hand: deno add ${name})`;
}

function placed({ folder, reason }: Answer, released: Released, platform: string): PackageFolder {
  if (folder === undefined) return { reason: reasonFor(released, String(reason)) };
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  return { folder: `${folder}${separator}`, released, platform };
}

/** What the Worker does. As an address it needs no file, and so no permission. */
const PROGRAM = `onmessage = async ({ data: { specifier, platform, shared, most } }) => {
  let answer;
  try {
    const { folderOf } = await import(specifier);
    answer = { folder: await folderOf(platform) };
  } catch (error) {
    answer = { reason: String(error?.message ?? error).slice(0, most) };
  }
  const bytes = new TextEncoder().encode(JSON.stringify(answer));
  new Uint8Array(shared, 8).set(bytes);
  const state = new Int32Array(shared, 0, 2);
  state[1] = bytes.length;
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
  postMessage("done");
};`;

/** A Worker that imports the package. */
class Search {
  /** Settles when {@linkcode packageFolder} knows the answer. */
  readonly done: Promise<void>;
  readonly #shared = new SharedArrayBuffer(8 + ANSWER_BYTES);
  readonly #worker: Worker;
  readonly #settle: () => void;
  readonly #timer: number;
  #waited = 0;

  constructor(released: Released, platform: string, isLast = false) {
    ({ promise: this.done, resolve: this.#settle } = Promise.withResolvers<void>());
    // Whoever waited for the first one waits for no second one: that would let it rest as well.
    if (isLast) this.#waited = PATIENCE_MS;
    const later = (answer: Answer): void => {
      this.#end();
      found = placed(answer, released, platform);
      for (const forget of forgetting) forget();
    };
    const again = (): void => {
      search = new Search(released, platform, true);
      this.#end();
    };
    this.#timer = setTimeout(
      () => isLast ? later({ reason: LATE }) : again(),
      isLast ? TIMEOUT_MS : FIRST_MS,
    ) as unknown as number;
    Deno.unrefTimer(this.#timer);
    const address = `data:text/javascript,${encodeURIComponent(PROGRAM)}`;
    this.#worker = new Worker(address, { type: "module", name: "native libraries" });
    this.#worker.onmessage = () => later(this.#answer());
    this.#worker.onerror = (event) => {
      // Were the program refused, the error would end this one.
      event.preventDefault();
      later({ reason: event.message });
    };
    const specifier = released.package;
    this.#worker.postMessage({ specifier, platform, shared: this.#shared, most: MOST_REASON });
  }

  /** The answer, if it comes before so many milliseconds were waited by all calls together; holds up this isolate. */
  wait(ms: number): Answer | undefined {
    const begun = performance.now();
    const state = new Int32Array(this.#shared, 0, 2);
    const outcome = Atomics.wait(state, 0, 0, Math.max(0, ms - this.#waited));
    this.#waited += performance.now() - begun;
    if (outcome === "timed-out") return undefined;
    this.#end();
    return this.#answer();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#worker.terminate();
    this.#settle();
  }

  #answer(): Answer {
    const length = new Int32Array(this.#shared, 0, 2)[1]!;
    const bytes = new Uint8Array(this.#shared).slice(8, 8 + length);
    const { folder, reason } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof folder === "string" ? { folder } : { reason: reasonOf(String(reason)) };
  }
}
