/**
 * The monitor: a snapshot of everything, beside the same figures from systeminformation; what watching costs at one snapshot a
 * second, beside a scrape of node_exporter.
 */

import process from "node:process";
import { openSource } from "../src/monitor/source/mod.ts";
import type { Reading, Source } from "../src/monitor/source/types.ts";
import { type Area, atLeast, atMost, type Context, type Fact } from "./lib/area.ts";
import type { Group, Row } from "./lib/group.ts";
import { PEERS_FOLDER, versionOf } from "./lib/peers.ts";
import { register } from "./lib/register.ts";

const SNAPSHOT = "snapshot of everything";
/** Processes that do nothing beside the machine's own, which are about a hundred. */
const SOME = 200;
const MANY = 2_900;
const SIZES = [[SOME, "300"], [MANY, "3,000"]] as const;
const SCRAPES = 60;
/** Until the program is compiled as it will be for the rest of its life. */
const WARMUP = 40;
/** For how long systeminformation keeps figures, and some more. */
const CACHED_MS = 600;

/** The area. */
export const area: Area = {
  name: "monitor",
  tools: [["monitor", SNAPSHOT, 300]],
  async groups(context) {
    const may = context.may({ name: "sys" }) && context.may({ name: "read", path: "/" }) &&
      context.may({ name: "run", command: Deno.execPath() });
    if (Deno.build.os !== "linux" || !may) {
      context.leaveOut(
        "snapshots: they need Linux, --allow-read=/, --allow-sys and --allow-run of Deno (needs --allow-all for the pure twin)",
      );
      return [];
    }
    return [await snapshots(context)];
  },
  async facts(context) {
    if (!context.twins.includes("native") || Deno.build.os !== "linux") return [];
    const facts: Fact[] = [];
    for (const [sleepers, size] of SIZES) {
      const holder = await Companion.start("sleep", String(sleepers));
      try {
        facts.push(...await watching(context, size));
      } finally {
        await holder.end();
      }
    }
    return facts;
  },
  bars(figures) {
    return [
      atLeast("A snapshot of everything", figures.times(SNAPSHOT, 300, "auto"), 15),
      atMost("One snapshot a second, 300 processes", figures.fact(share("300")), 1, " %"),
      atMost("One snapshot a second, 3,000 processes", figures.fact(share("3,000")), 3, " %"),
    ];
  },
};

async function snapshots(context: Context): Promise<Group> {
  const held: { end(): Promise<void> }[] = [];
  const ways = new Map<string, Companion>();
  const twins = (["native", "auto"] as const).filter((twin) => context.twins.includes(twin));
  const sources = new Map<string, Snapshots>();
  const ask = (name: string, args: () => Promise<Companion>): Row["once"] => async () => {
    let companion = ways.get(name);
    if (companion === undefined) {
      companion = await args();
      ways.set(name, companion);
      held.push(companion);
    }
    return await companion.ask();
  };
  const rows: Row[] = [
    { name: "pure", role: "pure", once: ask("pure", () => Companion.start("pure")) },
    ...twins.map((twin): Row => ({
      name: twin,
      role: twin,
      once: async () => {
        let source = sources.get(twin);
        if (source === undefined) sources.set(twin, source = await Snapshots.open(twin));
        return await source.take();
      },
    })),
  ];
  if (!context.may({ name: "run", command: "node" })) {
    context.leaveOut("systeminformation (needs --allow-run=node)");
  } else if (await versionOf("systeminformation") === undefined) {
    context.leaveOut("systeminformation (deno task bench:peers installs it)");
  } else {
    rows.push({
      name: "systeminformation",
      role: "peer",
      once: ask("systeminformation", Companion.systeminformation),
    });
  }
  return {
    operation: SNAPSHOT,
    size: 300,
    unit: "processes",
    slow: true,
    front: true,
    fresh: true,
    rows,
    async prepare() {
      if (held.length === 0) held.push(await Companion.start("sleep", String(SOME)));
      // Sooner the peer gives the figures that it gave before.
      await delay(CACHED_MS);
    },
    async finish() {
      for (const source of sources.values()) source.close();
      sources.clear();
      ways.clear();
      for (const companion of held.splice(0)) await companion.end();
    },
  };
}

/** Snapshots one after the other, each with the window since the one before. */
class Snapshots {
  readonly #source: Source;
  #before: Reading;

  private constructor(source: Source, before: Reading) {
    this.#source = source;
    this.#before = before;
  }

  static async open(implementation: "native" | "auto"): Promise<Snapshots> {
    const source = openSource({ implementation });
    return new Snapshots(source, await source.read());
  }

  async take(): Promise<number> {
    const now = await this.#source.read();
    const { processes } = this.#source.derive(this.#before, now);
    this.#before = now;
    return processes!.count;
  }

  close(): void {
    this.#source.close();
  }
}

/** A process that does something at a byte and answers with a line. */
class Companion {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;

  private constructor(program: string, args: string[]) {
    this.#child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(...args: string[]): Promise<Companion> {
    const companion = new Companion(Deno.execPath(), programArgs(args));
    await companion.#reader.read();
    return companion;
  }

  static async systeminformation(): Promise<Companion> {
    const file = new URL("lib/programs/systeminformation.cjs", import.meta.url).pathname;
    const companion = new Companion("node", [file, PEERS_FOLDER.pathname]);
    await companion.#reader.read();
    return companion;
  }

  async ask(): Promise<number> {
    await this.#writer.write(new Uint8Array(1));
    return Number((await this.#reader.read()).value);
  }

  async end(): Promise<void> {
    await this.#writer.close();
    while (!(await this.#reader.read()).done);
    await this.#child.status;
  }
}

function programArgs(args: readonly string[]): string[] {
  const file = new URL("lib/programs/monitor.ts", import.meta.url).href;
  return ["run", "--quiet", "--no-prompt", "--no-check", "--allow-all", file, ...args];
}

function share(size: string): string {
  return `one snapshot a second, ${size} processes: share of a CPU`;
}

/** What watching costs this process: at a snapshot a second, less what it takes while it does nothing. */
async function watching(context: Context, size: string): Promise<Fact[]> {
  const seconds = context.quick ? 5 : 30;
  const source = await Snapshots.open("native");
  try {
    for (let i = 0; i < WARMUP; i++) await source.take();
    const idle = await cpuOf(seconds, () => Promise.resolve());
    const busy = await cpuOf(seconds, async () => void await source.take());
    const facts = [{ name: share(size), value: Math.max(0, busy - idle) * 100, unit: "%" }];
    const scrape = await exporter(context);
    return scrape === undefined ? facts : [
      ...facts,
      {
        name: `CPU of a snapshot, ${size} processes`,
        value: Math.max(0, busy - idle) * 1000,
        unit: "ms",
      },
      { name: `CPU of a scrape of node_exporter, ${size} processes`, value: scrape, unit: "ms" },
    ];
  } finally {
    source.close();
  }
}

/** CPU seconds a second while something is done each second. */
async function cpuOf(seconds: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < seconds; i++) {
    await delay(1000);
    await work();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6 / seconds;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function exporter(context: Context): Promise<number | undefined> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: programArgs(["exporter", String(SCRAPES)]),
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout).trim();
  if (text !== "") return Number(text);
  context.leaveOut("node_exporter (Debian: apt-get install prometheus-node-exporter)");
  return undefined;
}

await register(area, import.meta.url);
