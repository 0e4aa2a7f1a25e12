/**
 * The machine's neighbour table (ARP), by which a host shows that is silent otherwise. Deno gives `/proc` only to
 * programs that may do everything; to others the table is unknown.
 *
 * @module
 */

/** Hardware addresses by IPv4 address, or why they are not known. */
export interface Neighbours {
  /** Those that are there; empty if the table could not be read. */
  readonly found: ReadonlyMap<string, string>;
  /** Why it could not be read; null if it was. */
  readonly reason: string | null;
}

const TABLE = "/proc/net/arp";
const EVERYTHING = ["read", "write", "net", "env", "run", "ffi", "sys"] as const;
/** The flag of an entry whose hardware address is known (`ATF_COM`). */
const COMPLETE = 2;

/** Reads the table. */
export async function neighbours(): Promise<Neighbours> {
  if (Deno.build.os !== "linux") return none(`there is no ${TABLE} on ${Deno.build.os}`);
  const isAll = EVERYTHING.every((name) => {
    const { state, partial } = Deno.permissions.querySync({ name });
    return state === "granted" && partial !== true;
  });
  if (!isAll) return none(`reading ${TABLE} needs --allow-all`);
  try {
    return { found: parseNeighbours(await Deno.readTextFile(TABLE)), reason: null };
  } catch (error) {
    return none(`${TABLE} cannot be read: ${(error as Error).message}`);
  }
}

function none(reason: string): Neighbours {
  return { found: new Map(), reason };
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
