/**
 * Where the package with the native libraries of this platform lies, once Deno has it.
 *
 * A package of npm tells its own folder when it is imported, for which no permission is needed; importing is
 * asynchronous, though, and native code is chosen within synchronous calls. So a Worker imports it, and this isolate
 * waits: some 20 ms at the first use, and at the very first of a machine the download. Nothing happens at import, and
 * nothing at all where native code may not be opened or is in another place.
 *
 * Before a package that no lock file names is imported, Deno reads what the registry says of all others that the lock file
 * has. For those in the imports of the program it does so in tasks of this isolate's event loop; one that is not done does
 * not end while this isolate waits. So the wait is bounded, and one that was in vain is repeated, once, after the event
 * loop has run.
 *
 * @module
 */

import { reasonOf } from "../shared/npm_reason.ts";
import { platformOf } from "./platform.ts";
import { RELEASED, type Released } from "./released.ts";

/** How long a download may hold up the call that needs it. */
const TIMEOUT_MS = 10_000;
/** When a search that took too long is forgotten, once the event loop runs. */
const AGAIN_MS = 100;
/** Room for a path or a message. */
const ANSWER_BYTES = 8192;

/** Where the libraries of a release are, or why they are not there. */
export type PackageFolder =
  | { readonly folder: string; readonly released: Released; readonly platform: string }
  | { readonly reason: string };

let found: PackageFolder | undefined;
let wasLate = false;
const forgetting = new Set<() => void>();

/** Has a function called when an answer that this module gave holds no longer. */
export function onForgotten(forget: () => void): void {
  forgetting.add(forget);
}

/**
 * The folder of this platform's package, which is downloaded if Deno does not have it. Remembers the answer.
 *
 * @returns The folder with a separator at its end, or the reason; undefined where nothing was released, as in a
 * checkout.
 */
export function packageFolder(): PackageFolder | undefined {
  if (RELEASED === undefined) return undefined;
  return found ??= find(RELEASED, platformOf());
}

/** The search itself, for a release and a platform. */
export function find(released: Released, platform: string | undefined): PackageFolder {
  if (platform === undefined || released.platforms[platform] === undefined) {
    const { os, arch } = Deno.build;
    const reason =
      `There are no native libraries for ${platform ?? `${os} on ${arch}`}, only for ` +
      Object.keys(released.platforms).join(", ");
    return { reason };
  }
  const answer = importApart(released.package, platform);
  if (answer.folder === undefined) {
    const reason = `The package ${released.package} with the native libraries cannot be had: ` +
      `${answer.reason}; where there is a network, run: deno cache ${released.package}`;
    return { reason };
  }
  const separator = Deno.build.os === "windows" ? "\\" : "/";
  return { folder: `${answer.folder}${separator}`, released, platform };
}

/** What the Worker does. As an address it needs no file, and so no permission. */
const PROGRAM = `onmessage = async ({ data: { specifier, platform, shared } }) => {
  let answer;
  try {
    const { folderOf } = await import(specifier);
    answer = { folder: await folderOf(platform) };
  } catch (error) {
    answer = { reason: String(error?.message ?? error) };
  }
  const bytes = new TextEncoder().encode(JSON.stringify(answer)).subarray(0, shared.byteLength - 8);
  new Uint8Array(shared, 8).set(bytes);
  const state = new Int32Array(shared, 0, 2);
  state[1] = bytes.length;
  Atomics.store(state, 0, 1);
  Atomics.notify(state, 0);
};`;

/** Once: where the network is the cause, a second wait would be as long as the first. */
function searchAgain(): void {
  if (wasLate) return;
  wasLate = true;
  const timer = setTimeout(() => {
    found = undefined;
    for (const forget of forgetting) forget();
  }, AGAIN_MS);
  Deno.unrefTimer(timer);
}

function importApart(
  specifier: string,
  platform: string,
): { folder?: string | undefined; reason?: string } {
  const shared = new SharedArrayBuffer(8 + ANSWER_BYTES);
  const state = new Int32Array(shared, 0, 2);
  const address = `data:text/javascript,${encodeURIComponent(PROGRAM)}`;
  const worker = new Worker(address, { type: "module", name: "native libraries" });
  // Were the program refused, the error would end this one.
  worker.onerror = (event) => event.preventDefault();
  worker.postMessage({ specifier, platform, shared });
  try {
    if (Atomics.wait(state, 0, 0, TIMEOUT_MS) === "timed-out") {
      searchAgain();
      return {
        reason:
          `it did not come within ${
            TIMEOUT_MS / 1000
          } s: the network is slow, or the program used native ` +
          "code before Deno had read of its other packages",
      };
    }
    const bytes = new Uint8Array(shared).slice(8, 8 + state[1]!);
    const { folder, reason } = JSON.parse(new TextDecoder().decode(bytes));
    return typeof folder === "string" ? { folder } : { reason: reasonOf(String(reason)) };
  } catch (error) {
    return { reason: (error as Error).message };
  } finally {
    worker.terminate();
  }
}
