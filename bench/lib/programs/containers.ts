/**
 * Containers on one engine, the ways of asking it in turns: our client by each twin, the API by hand (`node:http` under
 * Deno, no checks, no types), and dockerode under Node. Arguments: docker or podman, the folder of the peers, rounds at
 * most. Writes one JSON document: the milliseconds of every round, by operation and way, and what is missing here.
 */

import { request } from "node:http";
import { Container } from "../../../src/containers/container/container.ts";
import { connectEngine } from "../../../src/containers/engine/connect.ts";
import {
  createBody,
  factsOf,
  newOwner,
  writeProfiles,
} from "../../../src/containers/policy/mod.ts";
import { sandboxContext } from "../../../src/containers/sandbox/context.ts";
import { openPool } from "../../../src/containers/sandbox/pool.ts";
import { runSandbox } from "../../../src/containers/sandbox/run.ts";
import { openSession } from "../../../src/containers/sandbox/session.ts";
import { engineMissing, startDocker } from "../../../tests/support/docker.ts";
import { BUSYBOX } from "../../../tests/support/images.ts";
import { podmanMissing, startPodman } from "../../../tests/support/podman.ts";

const [kind = "docker", peers = "", count = "10"] = Deno.args;
/** What could not be measured, and why. */
const missing: string[] = [];

/** Writes the result; this program's standard output is nothing else. */
function write(result: object): void {
  // deno-lint-ignore no-console -- the result of this program
  console.log(JSON.stringify(result));
}

const without = (kind === "docker" ? engineMissing() : podmanMissing()) ?? BUSYBOX.missing;
if (without !== undefined) {
  write({ engine: kind, runtime: null, image: "", times: {}, missing: [without] });
  Deno.exit(0);
}
const rounds = Number(count);
const PARALLEL = 20;
/** What is measured ends after so long, if it has so many rounds. */
const EXEC_MS = 8_000;
const COLD_MS = 20_000;
const WARM_MS = 20_000;
const PARALLEL_MS = 1;
const LEAST_ROUNDS = 3;
const acceptWeaker = kind === "podman" ? ["cgroup-namespace", "init"] : [];
const image = BUSYBOX.name;

await using engine = kind === "docker"
  ? await startDocker("none", [BUSYBOX])
  : await startPodman("none", [BUSYBOX]);
const profiles = kind === "podman" ? engine.folder : null;
if (profiles !== null) await writeProfiles(profiles);

const times = new Map<string, Map<string, number[]>>();

function note(operation: string, way: string, ms: number): void {
  const ways = times.get(operation) ?? new Map<string, number[]>();
  times.set(operation, ways.set(way, [...ways.get(way) ?? [], ms]));
}

/** One exchange by hand; resolves at the end of the answer. */
function byHand(
  method: string,
  path: string,
  body?: unknown,
  first?: () => void,
  upgraded?: () => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      ...(upgraded ? { connection: "Upgrade", upgrade: "tcp" } : { connection: "close" }),
    };
    const asked = request({ socketPath: engine.socket, method, path, headers, agent: false });
    const read = (stream: NodeJS.ReadableStream): void => {
      const pieces: Uint8Array[] = [];
      stream.on("data", (piece: Uint8Array) => {
        first?.();
        pieces.push(piece);
      });
      stream.on("end", async () => resolve(await new Blob(pieces as BlobPart[]).text()));
      stream.on("error", reject);
    };
    asked.on("response", read);
    asked.on("upgrade", (_response, socket, head) => {
      upgraded?.();
      // What came in one piece with the answer.
      if (head.length > 0) first?.();
      read(socket);
    });
    asked.on("error", reject);
    asked.end(body === undefined ? "" : JSON.stringify(body));
  });
}

async function handExec(container: string): Promise<number> {
  const start = performance.now();
  const spec = { AttachStdout: true, AttachStderr: true, Cmd: ["true"] };
  const { Id } = JSON.parse(await byHand("POST", `/v1.41/containers/${container}/exec`, spec));
  await byHand("POST", `/v1.41/exec/${Id}/start`, { Detach: false, Tty: false });
  JSON.parse(await byHand("GET", `/v1.41/exec/${Id}/json`));
  return performance.now() - start;
}

async function handCold(body: unknown): Promise<number> {
  const start = performance.now();
  const { Id } = JSON.parse(await byHand("POST", "/v1.41/containers/create", body));
  const seen = Promise.withResolvers<number>();
  const path = `/v1.41/containers/${Id}/attach?stream=1&stdout=1&stderr=1`;
  const attached = Promise.withResolvers<void>();
  const first = (): void => seen.resolve(performance.now());
  const reading = byHand("POST", path, undefined, first, () => attached.resolve());
  reading.catch(() => {});
  await attached.promise;
  await byHand("POST", `/v1.41/containers/${Id}/start`);
  const time = await seen.promise - start;
  await byHand("DELETE", `/v1.41/containers/${Id}?force=1&v=1`);
  return time;
}

/** dockerode in a process of its own, asked line by line. */
class Peer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #said = "";

  constructor(folder: string) {
    const program = new URL("dockerode.mjs", import.meta.url).pathname;
    this.#process = new Deno.Command("node", {
      args: [program, folder, engine.socket],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async ask(question: object): Promise<number> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`));
    while (!this.#said.includes("\n")) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error("dockerode under Node has ended");
      this.#said += value;
    }
    const [line = "", ...rest] = this.#said.split("\n");
    this.#said = rest.join("\n");
    return Number(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#process.status;
    await this.#reader.cancel();
  }
}

/** dockerode, if it is there. */
async function openPeer(): Promise<Peer | undefined> {
  try {
    await Deno.stat(`${peers}/dockerode/package.json`);
    return new Peer(peers);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    missing.push("dockerode (deno task bench:peers installs it; it needs Node)");
    return undefined;
  }
}

const owner = await newOwner();
const open = async (implementation: "pure" | "native") => {
  const client = await connectEngine({ host: engine.host, implementation });
  return {
    name: implementation,
    context: sandboxContext(client, factsOf(client, profiles), owner),
  };
};
const ways = [await open("pure")];
try {
  ways.push(await open("native"));
} catch (error) {
  missing.push(`the native twin (${(error as Error).message})`);
}
const [{ context }] = ways as [typeof ways[number]];
const program = ["sh", "-c", "echo x; sleep 60"];
const made = createBody(
  { profile: "sandbox", kind: "run", image, entrypoint: program, workdir: "/workspace" },
  kind === "podman" ? { ...context.facts, hasInit: false } : context.facts,
);
const peer = await openPeer();
const spec = { image, acceptWeaker };

/** Milliseconds until the first byte of a command that goes on, which is then given up. */
async function untilFirst(
  run: (spec: { command: string[]; signal: AbortSignal; onOutput(): void }) => Promise<unknown>,
): Promise<number> {
  const enough = new AbortController();
  const start = performance.now();
  let time = NaN;
  const onOutput = (): void => {
    time = performance.now() - start;
    enough.abort();
  };
  await run({ command: program, signal: enough.signal, onOutput }).catch((error) => {
    if (Number.isNaN(time)) throw error;
  });
  return time;
}

/** Rounds of a measurement, the first of which does not count, until there are enough or its time is over. */
async function inTurns(
  mostMs: number,
  round: (keep: (operation: string, way: string, ms: number) => void) => Promise<void>,
  least = LEAST_ROUNDS,
): Promise<void> {
  const end = performance.now() + mostMs;
  for (let at = -1; at < rounds && (at < least || performance.now() < end); at++) {
    await round((operation, way, ms) => {
      if (at >= 0) note(operation, way, ms);
    });
  }
}

/** How long a piece of work takes. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

try {
  const session = await openSession(context, spec);
  const sessions = await Promise.all(ways.map(({ context }) => openSession(context, spec)));
  await inTurns(EXEC_MS, async (keep) => {
    for (const [at, { name, context }] of ways.entries()) {
      // The same as the others do: no time limit, so nothing that it could be killed by.
      const container = new Container(context.client, session.id);
      keep("exec", name, await timed(() => container.exec(["true"])));
      keep("exec with a time limit", name, await timed(() => sessions[at]!.exec(["true"])));
    }
    keep("exec", "by hand", await handExec(session.id));
    if (peer) keep("exec", "dockerode", await peer.ask({ work: "exec", container: session.id }));
  });
  await Promise.all([session, ...sessions].map((one) => one.close()));
  await inTurns(COLD_MS, async (keep) => {
    for (const { name, context } of ways) {
      keep("cold", name, await untilFirst((given) => runSandbox(context, { ...spec, ...given })));
    }
    keep("cold", "by hand", await handCold(made.body));
    if (peer) keep("cold", "dockerode", await peer.ask({ work: "cold", body: made.body }));
  });
  const pools = ways.map(({ context }) => openPool(context, { ...spec, size: 1 }));
  const command = ["true"];
  await inTurns(WARM_MS, async (keep) => {
    for (const [at, { name, context }] of ways.entries()) {
      const pool = pools[at]!;
      const run = (): Promise<unknown> => runSandbox(context, { ...spec, command });
      keep("whole run, cold", name, await timed(run));
      await pool.warm();
      keep("whole run, warm", name, await timed(() => pool.run({ command })));
      await pool.warm();
      keep("warm", name, await untilFirst((given) => pool.run(given)));
    }
  });
  await Promise.all(pools.map((pool) => pool.close()));
  await inTurns(PARALLEL_MS, async (keep) => {
    for (const { name, context } of ways) {
      const run = (): Promise<unknown> => runSandbox(context, { ...spec, command });
      keep(
        "20 at once",
        name,
        await timed(() => Promise.all(Array.from({ length: PARALLEL }, run))),
      );
    }
  }, 1);
} finally {
  await peer?.[Symbol.asyncDispose]();
  for (const { context } of ways) await context.client[Symbol.asyncDispose]();
  owner[Symbol.dispose]();
}

const { version, capabilities } = context.client;
const runtime = kind === "docker" ? capabilities.defaultRuntime : "runc";
write({
  engine: `${kind} ${version}`,
  runtime,
  image: "busybox",
  times: Object.fromEntries([...times].map(([name, ways]) => [name, Object.fromEntries(ways)])),
  missing,
});
