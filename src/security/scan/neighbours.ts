/**
 * The machine's neighbour table (ARP, and its like of IPv6), by which a host shows that is silent otherwise. Natively the
 * kernel is asked over netlink; the pure twin has `/proc/net/arp`, where there is IPv4 alone and which Deno gives only to
 * programs that may do everything. Where it may not be read the table is unknown.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { missingForNative } from "../host/reader.ts";

/** Hardware addresses by address, or why they are not known. */
export interface Neighbours {
  /** Those that are there; empty if the table could not be read. */
  readonly found: ReadonlyMap<string, string>;
  /** Why the entries of IPv4 could not be read; null if they were. */
  readonly reason: string | null;
  /** Why those of IPv6 could not; null if they were. */
  readonly reason6: string | null;
}

const TABLE = "/proc/net/arp";
const EVERYTHING = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;
/** The flag of an entry whose hardware address is known (`ATF_COM`). */
const COMPLETE = 2;

/** Reads the table by the library. */
export async function nativeNeighbours(signal: AbortSignal | undefined): Promise<Neighbours> {
  const { os } = Deno.build;
  if (os !== "linux") return none(`there is no neighbour table to read on ${os}`);
  // What the machine knows of its neighbours is asked for like its sockets and processes.
  if (missingForNative() !== undefined) {
    return none("reading the neighbour table needs --allow-read and --allow-sys");
  }
  const { readNeighbours } = await import("./native.ts");
  try {
    return { found: new Map(await readNeighbours(signal)), reason: null, reason6: null };
  } catch (error) {
    // A kernel that does not tell is no reason to find no hosts.
    if (!AgentError.is(error, "IO")) throw error;
    return none(error.message);
  }
}

/** Reads the table of IPv4 as a file. */
export async function pureNeighbours(): Promise<Neighbours> {
  if (Deno.build.os !== "linux") return none(`there is no ${TABLE} on ${Deno.build.os}`);
  const isAll = EVERYTHING.every((name) => {
    const { state, partial } = Deno.permissions.querySync({ name });
    return state === "granted" && partial !== true;
  });
  const reason6 = "Linux tells of neighbours by IPv6 over netlink alone, which Deno does not open";
  if (!isAll) return { ...none(`reading ${TABLE} needs --allow-all`), reason6 };
  try {
    return { found: parseNeighbours(await Deno.readTextFile(TABLE)), reason: null, reason6 };
  } catch (error) {
    return { ...none(`${TABLE} cannot be read: ${(error as Error).message}`), reason6 };
  }
}

function none(reason: string): Neighbours {
  return { found: new Map(), reason, reason6: reason };
}

/**
 * The complete entries of a table: after a line of titles, columns of address, type, flags, hardware address, mask,
 * device.
 */
export function parseNeighbours(table: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of table.split("\n").slice(1)) {
    const [address, , flags, mac] = line.trim().split(/\s+/);
    if (address === undefined || mac === undefined || mac === "00:00:00:00:00:00") continue;
    if ((Number(flags) & COMPLETE) !== 0) found.set(address, mac.toLowerCase());
  }
  return found;
}
