/**
 * The queue in a file beside BullMQ on a Redis of this machine, like against like: what an answer promises after a loss
 * of power (`synchronous: "full"` and `appendfsync always`; "normal" and `everysec`). BullMQ runs under Node, in a process
 * of its own, with the client that it comes with; so does Redis. One call does a fixed number of jobs.
 */

import { createQueue, type Queue } from "@agent/runtime/queue";
import { atLeast, type Bar, type Context, type Figures } from "./area.ts";
import type { Group, Row } from "./group.ts";
import { PEERS_FOLDER } from "./peers.ts";
import { ROOT } from "./programs.ts";

/** Jobs that do nothing: added one by one by 16 callers, worked on 16 at a time meanwhile. */
export const FILE_BOTH = "file: add and process jobs that do nothing, 16 at a time";
/** Adds whose answer is awaited, by 100 callers. */
export const FILE_ADD = "file: acknowledged adds, 100 callers";

const JOBS = 2_000;
const PORT = 26_380;
const DURABILITY = [["full", "always"], ["normal", "everysec"]] as const;

type Full = "full" | "normal";

/** The groups; without a server or without the package the peer's rows are left out. */
export function fileGroups(context: Context): Group[] {
  const peer = peerMissing(context);
  if (peer !== undefined) context.leaveOut(`BullMQ (${peer})`);
  return DURABILITY.flatMap(([synchronous, fsync]) => [
    group(FILE_BOTH, synchronous, context, peer === undefined ? fsync : undefined, "both", both),
    group(FILE_ADD, synchronous, context, peer === undefined ? fsync : undefined, "add", adds),
  ]);
}

/** What was promised of it. */
export function fileBars(figures: Figures): Bar[] {
  const full = figures.row(`${FILE_ADD}, full`, JOBS, "native")?.median;
  // A median is of one job, in nanoseconds.
  const perSecond = full === undefined ? undefined : 1e9 / full;
  const promised = "\u2265 20,000/s";
  const name = "acknowledged adds to a file, full";
  return [
    ...DURABILITY.map(([synchronous, fsync]) =>
      atLeast(
        `add and process in a file, ${synchronous}, beside BullMQ with ${fsync}`,
        figures.times(`${FILE_BOTH}, ${synchronous}`, JOBS, "auto"),
        2,
      )
    ),
    perSecond === undefined ? { name, promised } : {
      name,
      promised,
      measured: `${Math.round(perSecond).toLocaleString("en")}/s`,
      met: perSecond >= 20_000,
    },
  ];
}

function peerMissing({ may }: Context): string | undefined {
  if (!may({ name: "run", command: "redis-server" }) || !may({ name: "run", command: "node" })) {
    return "needs redis-server and node, and --allow-run=redis-server,node";
  }
  try {
    Deno.statSync(new URL("bullmq/package.json", PEERS_FOLDER));
  } catch {
    return "deno task bench:peers installs it";
  }
  return undefined;
}

function group(
  operation: string,
  synchronous: Full,
  { twins }: Context,
  fsync: string | undefined,
  order: string,
  work: (queue: Queue<{ n: number }, { ok: boolean }>) => Promise<void>,
): Group {
  const queues = new Map<string, Queue<{ n: number }, { ok: boolean }>>();
  let folder: string | undefined;
  let peer: Peer | undefined;
  const rows: Row[] = twins.map((name) => ({
    name,
    role: name,
    once: async () => {
      folder ??= Deno.makeTempDirSync({ dir: `${ROOT}target/bench` });
      let queue = queues.get(name);
      if (queue === undefined) {
        queue = createQueue({
          name: "bench",
          implementation: name,
          store: { file: `${folder}/${name}.db`, synchronous },
        });
        queues.set(name, queue);
        await queue.stats();
      }
      await work(queue);
      return JOBS;
    },
  }));
  if (fsync !== undefined) {
    rows.push({
      name: `BullMQ, appendfsync ${fsync}`,
      role: "peer",
      ownClock: true,
      once: async () => {
        peer ??= await Peer.start(fsync);
        return await peer.do(order);
      },
    });
  }
  return {
    operation: `${operation}, ${synchronous}`,
    size: JOBS,
    unit: "jobs",
    rows,
    slow: true,
    per: JOBS,
    async finish() {
      for (const queue of queues.values()) await queue.close();
      queues.clear();
      if (folder !== undefined) Deno.removeSync(folder, { recursive: true });
      folder = undefined;
      await peer?.end();
      peer = undefined;
    },
  };
}

async function both(queue: Queue<{ n: number }, { ok: boolean }>): Promise<void> {
  const all = Promise.withResolvers<void>();
  let done = 0;
  const worker = queue.process(() => {
    if (++done === JOBS) all.resolve();
    return { ok: true };
  }, { concurrency: 16 });
  await callers(16, queue);
  await all.promise;
  await worker.close();
}

async function adds(queue: Queue<{ n: number }, { ok: boolean }>): Promise<void> {
  await callers(100, queue);
}

async function callers(
  count: number,
  queue: Queue<{ n: number }, { ok: boolean }>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: count }, async () => {
    while (next < JOBS) await queue.add({ n: next++ });
  }));
}

/** BullMQ in a process of its own, and its server. */
class Peer {
  readonly #folder: string;
  readonly #server: Deno.ChildProcess;
  readonly #node: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;

  private constructor(folder: string, server: Deno.ChildProcess, node: Deno.ChildProcess) {
    this.#folder = folder;
    this.#server = server;
    this.#node = node;
    this.#writer = node.stdin.getWriter();
    this.#reader = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(fsync: string): Promise<Peer> {
    const folder = Deno.makeTempDirSync({ dir: `${ROOT}target/bench` });
    const server = new Deno.Command("redis-server", {
      args: [
        ...["--port", `${PORT}`, "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
        ...["--appendonly", "yes", "--appendfsync", fsync],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const node = new Deno.Command("node", {
      args: [
        new URL("programs/bullmq.mjs", import.meta.url).pathname,
        PEERS_FOLDER.pathname,
        `${PORT}`,
        `${JOBS}`,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const peer = new Peer(folder, server, node);
    await peer.#reader.read(); // "ready"
    return peer;
  }

  /** Has it do something; the milliseconds that it took there. */
  async do(order: string): Promise<number> {
    await this.#writer.write(new TextEncoder().encode(`${order}\n`));
    const { value } = await this.#reader.read();
    return Number(value);
  }

  async end(): Promise<void> {
    await this.#writer.close();
    await this.#node.status;
    this.#server.kill();
    await this.#server.status;
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
