/**
 * Which twin reads this host, and whether it may: asked of Deno once for each call, before anything is read.
 *
 * @module
 */

import { pick } from "../../native/choose.ts";
import { checkOptions } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import * as native from "./native.ts";
import * as pure from "./pure.ts";
import type { HostReader } from "./raw.ts";
import type { HostOptions } from "./types.ts";

/** Where the tables are. Tests have folders of the same form. */
export interface HostRoots {
  /** `/proc`. */
  readonly proc: string;
  /** The root of all files but those of `proc` and `sys`. */
  readonly files: string;
  /** `/sys`. */
  readonly sys: string;
}

/** Those of the machine. */
export const HOST_ROOTS: HostRoots = { proc: "/proc", files: "", sys: "/sys" };

/**
 * The reader for a call that tells of other processes. The native twin needs `--allow-read` and `--allow-sys`, both as a
 * whole; the pure twin finds out from Deno, which wants `--allow-all` for `/proc`.
 *
 * @throws {AgentError} `UNSUPPORTED` but on Linux; `PERMISSION`; `NATIVE_REQUIRED`.
 * @throws {TypeError} If the options are none.
 */
export function hostReader(options: HostOptions, roots: HostRoots): HostReader {
  checkOptions(options);
  needLinux();
  // A whole table costs the pure twin some fifty times as much, so that there is no size from which on.
  if (!pick("security", 1, 1, options.implementation)) return pure;
  const missing = missingForNative();
  if (missing === undefined) return native;
  if (options.implementation !== "native" && roots.proc !== HOST_ROOTS.proc) return pure;
  throw new AgentError(
    "PERMISSION",
    `Reading other processes and their sockets needs permissions; run with --allow-read --allow-sys`,
    { permission: missing, target: roots.proc },
  );
}

/** Refuses systems without `/proc`. */
export function needLinux(): void {
  if (Deno.build.os === "linux") return;
  throw new AgentError(
    "UNSUPPORTED",
    `Processes and sockets are read from /proc, which ${Deno.build.os} does not have`,
    { what: "/proc" },
  );
}

/** The permission that the native twin lacks; a part of one (something denied) is not the whole. */
export function missingForNative(): "read" | "sys" | undefined {
  for (const descriptor of [{ name: "read", path: "/" }, { name: "sys" }] as const) {
    const status = Deno.permissions.querySync(descriptor);
    if (status.state !== "granted" || status.partial === true) return descriptor.name;
  }
  return undefined;
}
