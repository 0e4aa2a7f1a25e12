/**
 * Containers on real engines: a process in a container that runs, the first byte of a sandbox made for it and of one that
 * waited, and twenty sandboxes at once. Beside us the engine's API by hand and dockerode under Node, in turns in one run;
 * the times are the engine's for the most part, so the bars are on ratios. `lib/programs/containers.ts` does it.
 */

import { fileURLToPath } from "node:url";
import { unpackTar } from "modern-tar";
import { takeArchive } from "../src/containers/files/take.ts";
import { type NewEntry, writeTar } from "../src/containers/files/tar_write.ts";
import {
  type Area,
  atLeast,
  atMost,
  type Bar,
  type Context,
  type Fact,
  type Figures,
} from "./lib/area.ts";
import type { Group } from "./lib/group.ts";
import { PEERS_FOLDER } from "./lib/peers.ts";
import { runProgram } from "./lib/programs.ts";
import { register } from "./lib/register.ts";

const ENGINES = ["docker", "podman"] as const;
const ROUNDS = "30";
const FILES = 1_000;
const PIECE = 32_768;
const SHARES = [["p50", 0.5], ["p95", 0.95], ["p99", 0.99]] as const;

/** What the program writes. */
interface Measured {
  engine: string;
  runtime: string | null;
  image: string;
  times: Record<string, Record<string, number[]>>;
  /** What could not be measured, and why. */
  missing: string[];
}

/** The area. */
export const area: Area = {
  name: "containers",
  tools: [],
  groups: () => [archives()],
  facts: async (context) => {
    const facts: Fact[] = [];
    for (const kind of ENGINES) facts.push(...await engineFacts(context, kind));
    return facts;
  },
  bars: (figures) => ENGINES.flatMap((kind) => barsOf(figures, kind)),
};

/** What comes out of a container: our reader, which refuses what is not plain, beside the library that writes. */
function archives(): Group {
  let archive = new Uint8Array(0);
  const limits = { maxBytes: 1 << 28, maxEntries: FILES + 1, caseSensitive: false };
  return {
    operation: "read an archive of files of 1 KiB",
    size: FILES,
    unit: "files",
    front: true,
    rows: [
      {
        name: "getFiles",
        role: "other",
        once: async () => (await takeArchive(pieces(archive), "/box", limits)).length,
      },
      {
        name: "modern-tar",
        role: "peer",
        once: async () => (await unpackTar(archive, { strict: true })).length,
      },
    ],
    prepare: async () => {
      const entries = Array.from({ length: FILES }, (_, at): NewEntry => ({
        path: `box/file-${at}`,
        kind: "file",
        mode: 0o644,
        size: 1_024,
        content: () => [new Uint8Array(1_024).fill(at)],
      }));
      const parts = await Array.fromAsync(writeTar(entries));
      archive = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    },
  };
}

/** As an engine sends it. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
  await Promise.resolve();
}

async function engineFacts(context: Context, kind: string): Promise<Fact[]> {
  if (context.quick) return [];
  if (Deno.build.os !== "linux") {
    context.leaveOut(`containers on ${kind} (needs Linux)`);
    return [];
  }
  context.note(`containers on ${kind}`);
  const flags = ["read", "write", "env", "run", "net", "ffi", "sys"].map((one) => `--allow-${one}`);
  const args = [kind, fileURLToPath(PEERS_FOLDER), ROUNDS];
  const output = await runProgram("programs/containers.ts", { flags, args });
  // What is not there the program finds out, which may look everywhere.
  const { engine, runtime, image, times, missing } = JSON.parse(output) as Measured;
  for (const what of missing) context.leaveOut(`${kind}: ${what}`);
  return Object.entries(times).flatMap(([operation, ways]) =>
    Object.entries(ways).flatMap(([way, all]) =>
      SHARES.flatMap(([share, of]) => {
        const value = quantile(all, of);
        const name = nameOf(kind, operation, way, share);
        // The short name is what bars look for, the long one what a reader sees.
        return share === "p50"
          ? [{ name, value, unit: "ms" }]
          : [{ name: `${name} (${engine}, ${runtime}, ${image})`, value, unit: "ms" }];
      })
    )
  );
}

function nameOf(kind: string, operation: string, way: string, share: string): string {
  return `${kind}: ${operation}, ${way}, ${share}`;
}

/** The better of the twins beside each rival, and a sandbox that waited beside one that is made. */
function barsOf(figures: Figures, kind: string): Bar[] {
  const median = (operation: string, way: string): number | undefined =>
    figures.fact(nameOf(kind, operation, way, "p50"));
  const ours = (operation: string): number | undefined => {
    const twins = ["pure", "native"].map((way) => median(operation, way)).filter((ms) =>
      ms !== undefined
    );
    return twins.length === 0 ? undefined : Math.min(...twins);
  };
  const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
    a === undefined || b === undefined ? undefined : a / b;
  return [
    ...["exec", "cold"].flatMap((operation) => [
      atLeast(
        `${kind}: ${operation}, beside dockerode`,
        ratio(median(operation, "dockerode"), ours(operation)),
        1,
      ),
      atMost(
        `${kind}: ${operation}, beside the API by hand`,
        ratio(ours(operation), median(operation, "by hand")),
        1.1,
        "x",
      ),
    ]),
    atMost(
      `${kind}: a run in a sandbox that waited, beside one that is made`,
      ratio(ours("whole run, warm"), ours("whole run, cold")),
      1 / 3,
      "x",
    ),
  ];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

await register(area, import.meta.url);
