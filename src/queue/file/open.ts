/**
 * Opening a queue in a file: what is asked first, and which twin does it.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { pick } from "../../native/choose.ts";
import type { ResolvedQueue } from "../options.ts";
import type { QueueStore } from "../store.ts";
import { locate } from "./location.ts";
import { NativeSession } from "./native/session.ts";
import { type FileClock, PureFile } from "./pure/file.ts";
import { PureSession } from "./pure/session.ts";
import { FileStore } from "./store.ts";
import type { SessionOptions } from "./units.ts";

/** How a store in a file is opened. */
export interface FileStoreOptions {
  /** The path of the file, which is made where there is none. */
  readonly file: string;
  /** Whether an answer means that a loss of power changes nothing ("full"), or a crash of the process ("normal"). */
  readonly synchronous: "full" | "normal";
  /** Which twin; the one that the process uses for this file already where this does not say. */
  readonly implementation: Implementation | undefined;
  /** Its name (without one it is `"default"`), its lease and what is kept. */
  readonly queue: Pick<ResolvedQueue, "name" | "leaseMs" | "doneMs" | "doneCount">;
  /** The machine's clock, or that of a test. */
  readonly clock: FileClock;
}

/**
 * Opens a queue in a file.
 *
 * @param options Where, and how.
 * @returns The store.
 * @throws {TypeError | RangeError} If the path is none.
 * @throws {AgentError} `PERMISSION`; `IO`; `CORRUPT` if the file is something else or damaged; `UNSUPPORTED` if a newer
 * version wrote it, if it has several hard links, or if it is open in this process with the other twin.
 */
export function openFileStore(options: FileStoreOptions): QueueStore {
  const { file, synchronous, implementation, clock } = options;
  const { name = "default", leaseMs, doneMs, doneCount } = options.queue;
  const location = locate(file);
  const session: SessionOptions = {
    name,
    leaseMs,
    doneMs,
    doneCount,
  };
  const pure = (): FileStore => {
    const open = PureFile.open(location, clock);
    return new FileStore(new PureSession(open, session), clock, synchronous === "full");
  };
  const native = (): FileStore =>
    new FileStore(new NativeSession(location, session), clock, synchronous === "full");
  const isNative = pick("queue", 1, 0, implementation);
  const isFree = implementation === undefined || implementation === "auto";
  try {
    return isNative ? native() : pure();
  } catch (error) {
    // Who does not mind which twin takes the one that the process uses already.
    const isTaken = AgentError.is(error, "UNSUPPORTED") &&
      error.details.what.startsWith("a second copy");
    if (!isFree || !isTaken || !pick("queue", 1, 0, implementation)) throw error;
    return isNative ? pure() : native();
  }
}
