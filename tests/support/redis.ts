/**
 * A Redis server for the tests: a process of its own on a free port of this machine, with a folder of
 * its own and nothing kept on disk.
 */

import assert from "assertions";
import { unusedPort } from "./servers.ts";
import { delay } from "./values.ts";

const PROGRAMS = ["redis-server", "valkey-server"];

/** The program of a server; undefined if there is none. */
function findProgram(): string | undefined {
  for (const program of PROGRAMS) {
    try {
      if (new Deno.Command(program, { args: ["--version"] }).outputSync().success) return program;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

const program = findProgram();

/** Why no server can be started here; undefined if one can. */
export const missing: string | undefined = program === undefined
  ? `neither ${PROGRAMS.join(" nor ")} is installed`
  : undefined;

/** A server that is running. */
export class Server implements AsyncDisposable {
  /** Its folder, where its socket is. */
  readonly folder: string;
  readonly port: number;
  readonly #args: readonly string[];
  #process: Deno.ChildProcess | undefined;

  private constructor(folder: string, port: number, args: readonly string[]) {
    this.folder = folder;
    this.port = port;
    this.#args = args;
  }

  /** Starts one with more settings, each an argument. */
  static async start(...args: string[]): Promise<Server> {
    const folder = await Deno.makeTempDir({ prefix: "agent-redis-" });
    const server = new Server(folder, unusedPort(), args);
    await server.resume();
    return server;
  }

  /** Its URL, with what comes after the port. */
  url(rest = "", credentials = ""): string {
    return `redis://${credentials}127.0.0.1:${this.port}${rest}`;
  }

  /** Starts it again after `kill`, empty. */
  async resume(): Promise<void> {
    assert.equal(this.#process, undefined);
    this.#process = new Deno.Command(program as string, {
      args: [
        ...["--port", `${this.port}`, "--bind", "127.0.0.1", "--dir", this.folder],
        ...["--save", "", "--appendonly", "no", ...this.#args],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (let tries = 0;; tries++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return;
      } catch (error) {
        if (tries === 500) throw error;
        await delay(10);
      }
    }
  }

  /** Sends a signal to its process. */
  signal(signal: Deno.Signal): void {
    this.#process?.kill(signal);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    process.kill("SIGCONT");
    process.kill("SIGKILL");
    await process.status;
  }

  /** Runs a command over a connection of its own, and returns the raw reply. */
  async command(...args: string[]): Promise<string> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    try {
      const encoder = new TextEncoder();
      const parts = args.map((arg) => `$${encoder.encode(arg).length}\r\n${arg}\r\n`);
      const request = encoder.encode(`*${args.length}\r\n${parts.join("")}`);
      for (let at = 0; at < request.length;) at += await connection.write(request.subarray(at));
      const buffer = new Uint8Array(65_536);
      const length = await connection.read(buffer);
      return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    } finally {
      connection.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.folder, { recursive: true });
  }
}

let shared: Server | undefined;

/** A server for all tests of a file; call it once, at the top level. */
export function sharedServer(): () => Server {
  if (missing === undefined) {
    Deno.test.beforeAll(async () => {
      shared = await Server.start();
    });
    Deno.test.afterAll(async () => {
      await shared?.[Symbol.asyncDispose]();
    });
  }
  return () => shared as Server;
}
