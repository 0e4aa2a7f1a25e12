/**
 * A container engine that a test started: a process of its own in namespaces of its own, with folders
 * and a socket of its own. `docker.ts` and `podman.ts` say how theirs are started; `engine.sh` keeps
 * them, and takes away all that they made, also when the test is killed.
 */

import type { RequestOptions } from "node:http";
import { request } from "node:http";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { programMissing } from "./needs.ts";
import { type Finished, start as startProgram } from "./programs.ts";
import { delay } from "./values.ts";

const SCRIPT = fileURLToPath(new URL("engine.sh", import.meta.url));

/**
 * Which network an engine's containers can have.
 *
 * - `none`: only the network `none`, for an engine beside the machine's own network;
 * - `bridge`: bridges beside the machine's own network, without rules in its firewall: ports are
 *   published on the loopback of the machine, and nothing is forwarded (Docker only);
 * - `namespace`: bridges, names and a firewall in a network of the engine's own, where nothing leads
 *   out; what a test does in it, it does with {@linkcode TestEngine.enter}.
 */
export type EngineNetwork = "none" | "bridge" | "namespace";

/** How to start an engine. */
export interface EngineSettings {
  /** Which engine. */
  readonly kind: "docker" | "podman";
  /** Its network. */
  readonly network: EngineNetwork;
  /** The program and its arguments, for a folder and a name. */
  command(folder: string, name: string): readonly string[] | Promise<readonly string[]>;
}

/** An engine that is running. */
export class TestEngine implements AsyncDisposable {
  /** Which one. */
  readonly kind: "docker" | "podman";
  /** Its folder. */
  readonly folder: string;
  /** The path of its socket. */
  readonly socket: string;
  /** Where it listens, as the option `host` says it. */
  readonly host: string;
  readonly #keeper: Deno.ChildProcess;
  readonly #words: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #said = "";
  #process = "";

  private constructor(kind: "docker" | "podman", folder: string, keeper: Deno.ChildProcess) {
    this.kind = kind;
    this.folder = folder;
    this.socket = `${folder}/engine.sock`;
    this.host = `unix://${this.socket}`;
    this.#keeper = keeper;
    this.#words = keeper.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#writer = keeper.stdin.getWriter();
  }

  /** Starts one, and waits until it answers. */
  static async start({ kind, network, command }: EngineSettings): Promise<TestEngine> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: `agent-${kind}-` }));
    const number = crypto.getRandomValues(new Uint16Array(1))[0]!;
    const name = `agent${number.toString(16).padStart(4, "0")}`;
    // One of 16384 networks of 4 addresses that no one else uses: RFC 2544's for benchmarks.
    const subnet = `198.${18 + (number >> 15)}.${(number >> 7) & 255}.${(number & 127) * 2}/24`;
    const engine = new TestEngine(
      kind,
      folder,
      new Deno.Command("setsid", {
        args: [
          ...["sh", SCRIPT, folder, name, network, ...(network === "bridge" ? [subnet] : [])],
          ...await command(folder, name),
        ],
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }).spawn(),
    );
    try {
      engine.#process = await engine.#word();
      await engine.start();
      return engine;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts it again after {@linkcode stop} or {@linkcode kill}. */
  async start(): Promise<void> {
    await this.#tell("start");
    const end = performance.now() + 60_000;
    while (!await this.#answers()) {
      if (performance.now() > end) {
        const log = await Deno.readTextFile(`${this.folder}/log`).catch(() => "");
        throw new Error(`${this.kind} does not answer:\n${log.slice(-4000)}`);
      }
      await delay(20);
    }
  }

  /** Ends the engine as a shutdown does; the socket may stay. */
  stop(): Promise<void> {
    return this.#tell("stop");
  }

  /** Ends the engine at once; what runs in its containers goes on. */
  kill(): Promise<void> {
    return this.#tell("kill");
  }

  /** What the engine wrote so far. */
  log(): Promise<string> {
    return Deno.readTextFile(`${this.folder}/log`);
  }

  /**
   * The line that starts a program of this machine where the engine runs: with its network, its
   * processes and its mounts.
   */
  inside(command: readonly string[]): [program: string, ...args: string[]] {
    return ["nsenter", "-t", this.#process, "-n", "-m", "-p", "--", ...command];
  }

  /** Runs a program where the engine runs. */
  enter(command: readonly string[], stdin: string | Uint8Array = ""): Promise<Finished> {
    const [program, ...args] = this.inside(command);
    return startProgram(program, args, { stdin, cwd: "/", env: { PATH } });
  }

  /** One exchange with the engine's API, without a client of ours. */
  async ask(
    method: string,
    path: string,
    body?: Uint8Array | object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; body: Uint8Array; text: string; json: () => unknown }> {
    const raw = body instanceof Uint8Array;
    const options: RequestOptions = {
      method,
      path,
      socketPath: this.socket,
      agent: false,
      headers: {
        "content-type": raw ? "application/x-tar" : "application/json",
        connection: "close",
        ...headers,
      },
    };
    return await new Promise((resolve, reject) => {
      const sent = request(options, async (response) => {
        const pieces: Uint8Array[] = [];
        try {
          for await (const piece of response) pieces.push(piece as Uint8Array);
        } catch (error) {
          reject(error);
        }
        const bytes = new Uint8Array(Buffer.concat(pieces));
        const text = new TextDecoder().decode(bytes);
        const status = response.statusCode ?? 0;
        resolve({ status, body: bytes, text, json: () => JSON.parse(text) });
      });
      sent.on("error", reject);
      sent.end(raw ? body : body === undefined ? "" : JSON.stringify(body));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    while (!(await this.#words.read()).done);
    await this.#keeper.status;
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.ask("GET", "/_ping")).status === 200;
    } catch {
      return false;
    }
  }

  async #tell(word: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${word}\n`));
    await this.#word();
  }

  async #word(): Promise<string> {
    for (;;) {
      const at = this.#said.indexOf("\n");
      if (at >= 0) {
        const word = this.#said.slice(0, at);
        this.#said = this.#said.slice(at + 1);
        return word;
      }
      const { value, done } = await this.#words.read();
      if (done) throw new Error(`The keeper of ${this.kind} has ended`);
      this.#said += value;
    }
  }
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Why no engine can be started here whose program is this one; undefined if one can. */
export function missingFor(program: string, debianPackage: string): string | undefined {
  if (Deno.build.os !== "linux") return "container engines run on Linux only";
  if (Deno.uid() !== 0) return "starting a container engine needs root";
  return programMissing(program, debianPackage) ?? programMissing("unshare", "util-linux") ??
    programMissing("runc", "runc") ?? programMissing("ip", "iproute2");
}

/**
 * An engine for all tests of a file, started before the first and ended after the last; call it once
 * for each engine, at the top level.
 *
 * @param missing Why there is none; it is then not started.
 * @param starting Starts it, with what it needs before the first test, such as images.
 */
export function sharedEngine(
  missing: string | undefined,
  starting: () => Promise<TestEngine>,
): () => TestEngine {
  let shared: TestEngine | undefined;
  if (missing === undefined) {
    Deno.test.beforeAll(async () => {
      shared = await starting();
    });
    Deno.test.afterAll(async () => {
      await shared?.[Symbol.asyncDispose]();
    });
  }
  return () => {
    if (shared === undefined) throw new Error(missing ?? "The engine was not started");
    return shared;
  };
}
