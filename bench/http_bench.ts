/**
 * The HTTP client: `fetchMany` over small and large files beside a loop of Deno's fetch and beside undici's request
 * under Node, all with 64 at once against nginx; and what they take of the processor and of memory.
 */

import { createHttpClient, type HttpClient } from "@agent/runtime/http";
import { type Area, atLeast, atMost, type Context, type Fact } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { fetchMany, pooledFetch } from "./lib/http_ways.ts";
import { FILE_SIZES, fileUrl, mayServe, serveFiles } from "./lib/nginx.ts";
import { PEERS_FOLDER, versionOf } from "./lib/peers.ts";
import { runProgram } from "./lib/programs.ts";
import { register } from "./lib/register.ts";

const MANY = "fetchMany";
const FETCH = "a loop of Deno's fetch, pooled";
const UNDICI = "undici's request, under Node";
const AT_ONCE = 64;
const NODE = "node";
const MB = 1e6;
const [SMALL, LARGE] = FILE_SIZES;
/** Requests of one call, by the size of the file: some 50 ms. */
const PER_CALL: Record<number, number> = { [SMALL]: 2_000, [LARGE]: 400 };
/** Requests of a measured process. */
const PER_PROCESS: Record<number, number> = { [SMALL]: 20_000, [LARGE]: 20_000 };

/** The area. */
export const area: Area = {
  name: "http",
  tools: [
    ["http, fetchMany of 1 KB", MANY, SMALL],
    ["http, fetchMany of 100 KB", MANY, LARGE],
  ],
  async groups(context) {
    if (!mayServe(context)) return [];
    const undici = await hasUndici(context);
    return FILE_SIZES.map((size) => many(context, size, undici));
  },
  facts,
  bars(figures) {
    const beside = (row: string, size: number): number | undefined => {
      const ours = figures.milliseconds(MANY, size, "auto");
      const theirs = figures.milliseconds(MANY, size, row);
      return ours === undefined || theirs === undefined ? undefined : theirs / ours;
    };
    return [
      ...FILE_SIZES.flatMap((size) => [
        atLeast(`fetchMany of ${name(size)} beside ${FETCH}`, beside(FETCH, size), 1.4),
        atLeast(`fetchMany of ${name(size)} beside ${UNDICI}`, beside(UNDICI, size), 1),
      ]),
      atMost(
        `peak memory of 20,000 x ${name(LARGE)}, fetchMany`,
        figures.fact(peakOf("auto", LARGE)),
        150,
        " MB",
      ),
    ];
  },
};

function name(size: number): string {
  return `${size / 1_024} KB`;
}

/** Whether undici can be run by Node here. */
async function hasUndici(context: Context): Promise<boolean> {
  const may = context.may({ name: "run", command: NODE });
  if (may && await versionOf("undici") !== undefined) return true;
  context.leaveOut(
    may
      ? "undici (deno task bench:peers installs it)"
      : `undici (needs Node and --allow-run=${NODE})`,
  );
  return false;
}

function many({ twins }: Context, size: number, undici: boolean): Group {
  const per = PER_CALL[size]!;
  const url = fileUrl(size);
  const clients: HttpClient[] = [];
  const rows: Row[] = twins.map((implementation) => {
    let client: HttpClient | undefined;
    return {
      name: implementation,
      role: implementation,
      async once(): Promise<number> {
        if (client === undefined) {
          client = createHttpClient({ implementation, allowPrivate: true });
          clients.push(client);
        }
        return await fetchMany(client, url, per);
      },
    };
  });
  let get: ReturnType<typeof pooledFetch> | undefined;
  rows.push({
    name: FETCH,
    role: "peer",
    async once(): Promise<number> {
      return await (get ??= pooledFetch(AT_ONCE))(url, per);
    },
  });
  if (undici) {
    rows.push({
      name: UNDICI,
      role: "peer",
      ownClock: true,
      async once(): Promise<number> {
        return (await undiciLoad(url, per * 5)).ms / 5;
      },
    });
  }
  return {
    operation: MANY,
    size,
    unit: "bytes",
    per,
    slow: true,
    front: true,
    rows,
    prepare: (_, round) => round === 0 ? serveFiles() : undefined,
    async finish(): Promise<void> {
      for (const client of clients) await client.close();
    },
  };
}

interface Load {
  ms: number;
  cpuMs: number;
  peak?: number;
}

async function undiciLoad(url: string, count: number): Promise<Load> {
  const program = new URL("lib/programs/undici_load.mjs", import.meta.url);
  const { success, code, stdout } = await new Deno.Command(NODE, {
    args: [program.pathname, PEERS_FOLDER.href, url, `${count}`, `${AT_ONCE}`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${program.pathname} ended with status ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Load;
}

const cpuOf = (way: string, size: number): string => `CPU of a request of ${name(size)}: ${way}`;
const peakOf = (way: string, size: number): string =>
  `peak memory of ${PER_PROCESS[size]!.toLocaleString("en-US")} x ${name(size)}: ${way}`;

/** Each way in a process of its own: what it takes of the processor and of memory. */
async function facts(context: Context): Promise<Fact[]> {
  if (context.quick || !mayServe(context)) return [];
  const undici = await hasUndici(context);
  await serveFiles();
  const found: Fact[] = [];
  for (const size of FILE_SIZES) {
    const count = PER_PROCESS[size]!;
    for (const way of [...context.twins, "fetch", ...(undici ? ["undici"] : [])]) {
      context.note(`what ${way} takes at ${name(size)}`);
      const { cpuMs, peak } = way === "undici"
        ? await undiciLoad(fileUrl(size), count)
        : JSON.parse(
          await runProgram("programs/http_load.ts", {
            flags: ["--allow-all"],
            args: [way, fileUrl(size), `${count}`, `${AT_ONCE}`],
          }),
        ) as Load;
      found.push({ name: cpuOf(way, size), value: cpuMs / count * 1e3, unit: "us" });
      if (peak !== undefined) {
        found.push({ name: peakOf(way, size), value: peak / MB, unit: "MB" });
      }
    }
  }
  return found;
}

await register(area, import.meta.url);
