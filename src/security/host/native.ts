/**
 * Sockets, processes and files by the Rust library: twin of `pure.ts`, which says what it must do.
 *
 * @module
 */

import { securityHostFiles, securityHostScan } from "../../native/generated/security.ts";
import type { HostReader, RawScan, RawText, Want } from "./raw.ts";

/** See {@linkcode HostReader}. */
export async function scan(
  root: string,
  { sockets, processes, details, hiddenMost }: Want,
  signal: AbortSignal | undefined,
): Promise<RawScan> {
  return await securityHostScan(root, sockets, processes, details, hiddenMost, {
    signal,
  }) as RawScan;
}

/** See {@linkcode HostReader}. */
export async function files(
  root: string,
  paths: readonly string[],
  most: number,
  signal: AbortSignal | undefined,
): Promise<readonly RawText[]> {
  return await securityHostFiles(root, paths, most, { signal }) as readonly RawText[];
}

// A twin that lacks one of them is a type error.
({ scan, files }) satisfies HostReader;
