/**
 * Load tests: requests a second beside wrk, oha and autocannon, each with as many threads as there are processors and with the
 * same connections to the same nginx on the same machine; and the p99 of a server that stalls beside the calculated one.
 */

import { loadTest } from "@agent/runtime/monitor";
import { type Area, atLeast, atMost, type Context } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { byAutocannon, byLoadTest, byOha, byWrk, isInstalled, stallP99 } from "./lib/load_ways.ts";
import { FILE_SIZES, fileUrl, mayServe, serveFiles } from "./lib/nginx.ts";
import { versionOf } from "./lib/peers.ts";
import { register } from "./lib/register.ts";

const MOST = "as many requests as there can be";
const SOME = "a test of 5,000 requests";
const REQUESTS = 5_000;
const CONNECTIONS = 50;
const WRK = "wrk";
const OHA = "oha";
const AUTOCANNON = "autocannon, under Node";
const NODE = "node";
const [FILE] = FILE_SIZES;
const STALL_RATE = 500;
const STALL_MS = 20_000;
const CALCULATED_P99 = 900;
const STALL = "p99 of a server that stalls 1 s in every 10 s, off the calculated one";

/** The area. */
export const area: Area = {
  name: "load",
  tools: [["load test", MOST, CONNECTIONS]],
  async groups(context) {
    if (!mayServe(context)) return [];
    return [some(context), await most(context)];
  },
  async facts({ quick, twins, may, note }) {
    if (quick || !twins.includes("native")) return [];
    if (!may({ name: "run", command: Deno.execPath() })) return [];
    note("a server that stalls, for 20 s");
    const p99 = await stallP99(STALL_RATE, STALL_MS);
    return [{ name: STALL, value: Math.abs(p99 / CALCULATED_P99 - 1) * 100, unit: "%" }];
  },
  bars(figures) {
    const beside = (peer: string): number | undefined => {
      const ours = figures.milliseconds(MOST, CONNECTIONS, "native");
      const theirs = figures.milliseconds(MOST, CONNECTIONS, peer);
      return ours === undefined || theirs === undefined ? undefined : theirs / ours;
    };
    return [
      atLeast("Requests a second beside wrk", beside(WRK), 0.9),
      atLeast("Requests a second beside oha", beside(OHA), 0.9),
      atLeast("Requests a second beside autocannon", beside(AUTOCANNON), 3),
      atMost(STALL, figures.fact(STALL), 2, " %"),
    ];
  },
};

/** What a short test takes, its connections with it. */
function some({ twins }: Context): Group {
  const rows = twins.map((twin): Row => ({
    name: twin,
    role: twin,
    once: async () => {
      const options = { requests: REQUESTS, connections: CONNECTIONS, implementation: twin };
      return (await loadTest(fileUrl(FILE), options)).succeeded;
    },
  }));
  return {
    operation: SOME,
    size: CONNECTIONS,
    unit: "connections",
    slow: true,
    front: true,
    rows,
    prepare: async () => await serveFiles(),
  };
}

/** A second of each; what counts is the time of a thousand requests. */
async function most(context: Context): Promise<Group> {
  const { twins, may, leaveOut } = context;
  const url = fileUrl(FILE);
  const row = (name: string, role: Row["role"], rate: () => Promise<number>): Row => ({
    name,
    role,
    ownClock: true,
    once: async () => 1e6 / await rate(),
  });
  const rows = twins.map((twin) => row(twin, twin, () => byLoadTest(url, CONNECTIONS, twin)));
  if (may({ name: "run", command: WRK }) && isInstalled(WRK, "-v")) {
    rows.push(row(WRK, "peer", () => byWrk(url, CONNECTIONS)));
  } else leaveOut(`${WRK} (Debian: apt-get install wrk; and --allow-run=wrk)`);
  if (may({ name: "run", command: OHA }) && isInstalled(OHA, "--version")) {
    rows.push(row(OHA, "peer", () => byOha(url, CONNECTIONS)));
  } else leaveOut(`${OHA} (cargo install oha --locked; and --allow-run=oha)`);
  if (may({ name: "run", command: NODE }) && await versionOf("autocannon") !== undefined) {
    rows.push(row(AUTOCANNON, "reference", () => byAutocannon(url, CONNECTIONS)));
  } else leaveOut(`${AUTOCANNON} (deno task bench:peers; and --allow-run=${NODE})`);
  return {
    operation: MOST,
    size: CONNECTIONS,
    unit: "connections",
    slow: true,
    rows,
    prepare: async () => await serveFiles(),
  };
}

await register(area, import.meta.url);
