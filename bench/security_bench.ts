/**
 * Scans: all 65,535 ports of loopback with twenty listeners among them, beside nmap and beside a bare non-blocking
 * connect loop; how many of twenty such scans were right to the port; and the same behind a link with delay and loss.
 */

import {
  type Area,
  atLeast,
  atMost,
  type Bar,
  type Context,
  type Fact,
  together,
} from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { digits } from "./lib/results.ts";
import { register } from "./lib/register.ts";
import { identified, lossyScan, missingPrograms, Scanner } from "./lib/scanner.ts";

const ALL = "scan of loopback";
const PORTS = 65_535;
const FEW = 1_000;
const LISTENERS = 20;
const ROUNDS = 20;
const BARE = "bare connect loop";
const NMAP = "nmap -sT";
const RIGHT = "scans of 20 that found all 20 listeners and nothing else";
const FAR_TIME = "20 ms away with 1 % loss: all ports";
const FAR_RECALL = "20 ms away with 1 % loss: listeners found";
const PRODUCTS = "real servers whose product is right";
const PRODUCTS_NMAP = "real servers whose product is right, nmap -sV";
const VERSIONS = "real servers whose version is right, of those that tell it";
const VERSIONS_NMAP = "real servers whose version is right, nmap -sV";
const FAR_NMAP = "20 ms away with 1 % loss: all ports, nmap -T4";

/** The area. */
export const area: Area = {
  name: "security",
  tools: [["port scan", ALL, PORTS]],
  groups(context) {
    if (!context.may({ name: "run", command: Deno.execPath() })) {
      context.leaveOut("all of it (needs --allow-run of Deno itself)");
      return [];
    }
    return [FEW, PORTS].map((size) => group(context, size));
  },
  async facts({ quick, twins, note }) {
    if (quick || !twins.includes("native")) return [];
    note("twenty scans of all ports");
    const scanner = new Scanner();
    let right = 0;
    for (let round = 0; round < ROUNDS; round++) {
      right += (await scanner.scan("native", PORTS)).open === LISTENERS ? 1 : 0;
    }
    await scanner.close();
    const facts: Fact[] = [{ name: RIGHT, value: right, unit: "" }];
    note("real servers, beside nmap -sV");
    const told = await identified();
    if (told !== undefined) {
      const percent = (name: string, count: number, of: number): void =>
        void facts.push({ name, value: count / of * 100, unit: "%" });
      percent(PRODUCTS, told.own.products, told.products);
      percent(PRODUCTS_NMAP, told.nmap.products, told.products);
      percent(VERSIONS, told.own.versions, told.versions);
      percent(VERSIONS_NMAP, told.nmap.versions, told.versions);
    }
    note("all ports behind a link with delay and loss, which takes nmap more than a minute");
    const own = await lossyScan("native");
    if (own === undefined) return facts;
    facts.push({ name: FAR_TIME, value: own.ms, unit: "ms" });
    facts.push({ name: FAR_RECALL, value: own.recall, unit: "%" });
    const nmap = await lossyScan("nmap");
    if (nmap !== undefined) facts.push({ name: FAR_NMAP, value: nmap.ms, unit: "ms" });
    return facts;
  },
  bars(figures) {
    const ms = figures.milliseconds(ALL, PORTS, "native");
    const bare = figures.milliseconds(ALL, PORTS, BARE);
    const [own, nmap] = [figures.fact(FAR_TIME), figures.fact(FAR_NMAP)];
    const ratio = ms === undefined || bare === undefined ? undefined : ms / bare;
    const far = own === undefined || nmap === undefined ? undefined : nmap / own;
    const right = figures.fact(RIGHT);
    return [
      together(
        "Scan of all loopback ports beside nmap; beside a bare connect loop",
        atLeast("nmap", figures.times(ALL, PORTS, "native"), 3),
        atMost("bare", ratio, 1.25, "x"),
      ),
      {
        name: "Scans of all loopback ports that are right to the port",
        promised: "20 of 20",
        ...(right === undefined
          ? {}
          : { measured: `${right} of ${ROUNDS}`, met: right === ROUNDS }),
      },
      together(
        "Real servers, each on a port that is not its own: product right; version right",
        atLeastPercent("products", figures.fact(PRODUCTS)),
        atLeastPercent("versions", figures.fact(VERSIONS)),
      ),
      together(
        "Scan 20 ms away with 1 % loss beside nmap -T4; listeners missed",
        atLeast("far", far, 1),
        atMost("missed", missed(figures.fact(FAR_RECALL)), 0, " %"),
      ),
    ];
  },
};

function group({ twins, leaveOut }: Context, size: number): Group {
  let scanner: Scanner | undefined;
  const row = (name: string, role: Row["role"], how: string): Row => ({
    name,
    role,
    once: async () => (await (scanner ??= new Scanner()).scan(how, size)).open,
  });
  const rows = twins.map((twin) => row(twin, twin, twin));
  const missing = missingPrograms();
  if (missing.nmap) leaveOut("nmap (Debian: apt-get install nmap)");
  else rows.push(row(NMAP, "peer", "nmap"));
  if (size === PORTS) {
    if (!missing.bare) rows.push(row(BARE, "reference", "bare"));
    else leaveOut(`${BARE} (cargo build --release -p agent-security --example bare)`);
  }
  const finish = async (): Promise<void> => {
    await scanner?.close();
    scanner = undefined;
  };
  return { operation: ALL, size, unit: "ports", slow: true, front: size === FEW, rows, finish };
}

/** A bar on "all of them". */
function atLeastPercent(name: string, value: number | undefined): Bar {
  const promised = "100 %";
  if (value === undefined) return { name, promised };
  return { name, promised, measured: `${digits(value)} %`, met: value >= 100 };
}

function missed(recall: number | undefined): number | undefined {
  return recall === undefined ? undefined : 100 - recall;
}

await register(area, import.meta.url);
