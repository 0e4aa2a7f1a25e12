/**
 * What there is to measure with on this machine: twins, packages, permissions.
 */

import { type LibraryState, nativeStatus, preloadNative } from "../../mod.ts";
import type { Context } from "./area.ts";
import { installedPeers } from "./peers.ts";

/**
 * Looks at the machine. Asks nobody for a permission.
 *
 * @param quick Whether a look is enough.
 * @param note Says what is being done.
 * @returns The context, and what is left out with it; more may be added while groups are made.
 */
export function contextOf(
  quick: boolean,
  note: (text: string) => void = () => {},
): { context: Context; leftOut: string[] } {
  const leftOut: string[] = [];
  const leaveOut = (what: string): void => {
    if (!leftOut.includes(what)) leftOut.push(what);
  };
  preloadNative();
  const { state, reason } = nativeStatus().find(({ library }) => library === "core-utils")!;
  const native = state === "loaded";
  const why: Partial<Record<LibraryState, string>> = {
    denied: "needs --allow-read --allow-ffi",
    absent: "cargo build --release builds it",
  };
  if (!native) leaveOut(`the native twin (${why[state] ?? `${state}: ${reason}`})`);
  const context: Context = {
    quick,
    twins: native ? ["pure", "native", "auto"] : ["pure", "auto"],
    peers: installedPeers(leaveOut),
    may: (permission) => Deno.permissions.querySync(permission).state === "granted",
    leaveOut,
    note,
  };
  return { context, leftOut };
}
