/**
 * The world of the egress tests: an engine in a network of its own, whose machine has addresses that stand for the open
 * network, for private ones and for a metadata service; and boxes that try what they can.
 */

import assert from "assertions";
import { connectEngine } from "../../../src/containers/engine/connect.ts";
import type { EngineClient } from "../../../src/containers/engine/client.ts";
import { openEgress } from "../../../src/containers/egress/open.ts";
import type { Egress, EgressContext, EgressOptions } from "../../../src/containers/egress/types.ts";
import {
  type ContainerNetwork,
  type ContainerSpec,
  createBody,
  factsOf,
  newOwner,
  type Owner,
  writeProfiles,
} from "../../../src/containers/policy/mod.ts";
import { certify } from "../../support/certificates.ts";
import { engineMissing, startDocker } from "../../support/docker.ts";
import type { TestEngine } from "../../support/engine.ts";
import { PYTHON } from "../../support/images.ts";
import { programMissing } from "../../support/needs.ts";
import { podmanMissing, startPodman } from "../../support/podman.ts";
import { DENO, ROOT } from "../../support/programs.ts";
import { delay } from "../../support/values.ts";

/** The machine's addresses: none of them is anywhere but in the engine's own network. */
export const MACHINE = {
  open: "93.184.216.34",
  private: "10.9.9.9",
  metadata: "169.254.169.254",
} as const;

/** What the name server knows; sixteen bytes as hexadecimal digits. */
const NAMES: Record<string, string[]> = {
  "open.test": [MACHINE.open],
  "other.test": [MACHINE.open],
  "a.wild.test": [MACHINE.open],
  "private.test": [MACHINE.private],
  "loopback.test": ["127.0.0.1"],
  "clouds.test": [MACHINE.metadata],
  "both.test": [MACHINE.open, MACHINE.private],
  "rebind.test": [MACHINE.open, MACHINE.private],
  "mapped.test": ["00000000000000000000ffff0a090909"],
  "nat64.test": ["0064ff9b0000000000000000a9fea9fe"],
};

/** Why there is no world; undefined if there can be one. */
export function worldMissing(kind: "docker" | "podman"): string | undefined {
  const program = `${ROOT}target/release/agent-egress-proxy`;
  const built = exists(program);
  return (kind === "docker" ? engineMissing() : podmanMissing()) ?? PYTHON.missing ??
    programMissing("openssl", "openssl") ??
    (built ? undefined : `${program} is not there: scripts/setup builds it`);
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What a box wrote: lines of JSON, each `[what was tried, what came of it]`. */
export type Tried = Record<string, unknown>;

/** An engine, and what stands outside. */
export class World implements AsyncDisposable {
  readonly engine: TestEngine;
  readonly #outside: Deno.ChildProcess;
  readonly #owner: Owner;
  #client: EngineClient | undefined;
  #read = 0;

  private constructor(engine: TestEngine, owner: Owner, outside: Deno.ChildProcess) {
    this.engine = engine;
    this.#owner = owner;
    this.#outside = outside;
  }

  /** The connection of the test. */
  get client(): EngineClient {
    assert.ok(this.#client);
    return this.#client;
  }

  /** Who makes what a test makes. */
  get context(): EgressContext {
    const folder = this.engine.kind === "podman" ? this.#profiles : null;
    return { client: this.client, facts: factsOf(this.client, folder), owner: this.#owner };
  }

  get #profiles(): string {
    return `${this.engine.folder}/seccomp`;
  }

  /** Runs a test with a connection of its own. */
  async test(body: () => Promise<void>): Promise<void> {
    this.seen();
    await using client = await connectEngine({ host: this.engine.host, implementation: "pure" });
    this.#client = client;
    await body();
  }

  /** Makes one. */
  static async start(kind: "docker" | "podman"): Promise<World> {
    const engine = await (kind === "docker" ? startDocker : startPodman)("namespace", [PYTHON]);
    try {
      const commands = Object.values(MACHINE)
        .map((address) => `ip address add ${address}/32 dev lo`);
      const { code, stderr } = await engine.enter(["sh", "-ec", commands.join("\n")]);
      assert.equal(code, 0, stderr);
      await certify(engine.folder);
      const script = `${ROOT}tests/containers/egress/outside.ts`;
      const [program, ...args] = engine.inside([
        ...[
          DENO,
          "run",
          "--no-prompt",
          "--no-config",
          "--allow-net",
          "--allow-read",
          "--allow-write",
          "--unstable-net",
        ],
        ...[script, engine.folder, JSON.stringify(NAMES)],
      ]);
      const outside = new Deno.Command(program, {
        args,
        cwd: "/",
        env: { DENO_NO_UPDATE_CHECK: "1" },
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
      }).spawn();
      const owner = await newOwner(`${engine.folder}/owners`);
      const world = new World(engine, owner, outside);
      await Deno.mkdir(world.#profiles);
      await writeProfiles(world.#profiles);
      for (let tries = 0; !exists(`${engine.folder}/ready`); tries++) {
        if (tries > 600) throw new Error("Nothing stands outside");
        await delay(50);
      }
      return world;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What reached the outside since the last call. */
  seen(): Record<string, unknown>[] {
    const text = Deno.readTextFileSync(`${this.engine.folder}/seen`);
    const lines = text.slice(this.#read).split("\n").slice(0, -1);
    this.#read = text.length;
    return lines.map((line) => JSON.parse(line));
  }

  /**
   * Opens a way out. With Podman it asks the outside's name server itself, unless `dns` says otherwise: Podman's own
   * does not always answer that a name has no address of a kind, which takes seconds.
   */
  open(options: EgressOptions): Promise<Egress> {
    const dns = this.engine.kind === "podman" ? [MACHINE.open] : [];
    return openEgress(this.context, { dns, ...options });
  }

  /**
   * Runs Python in a box, and gives what it tried.
   *
   * @param way Its way out, or the network that it has.
   * @param script Its program; see `BOX` for what is there.
   */
  async box(way: Egress | ContainerNetwork, script: string): Promise<Tried> {
    const { network, env = {}, hosts = {}, dns = [] } = "kind" in way ? { network: way } : way;
    const spec: ContainerSpec = {
      profile: "sandbox",
      kind: "run",
      image: PYTHON.name,
      command: ["python3", "-c", `${BOX}\n${script}`],
      network,
      env,
      hosts,
      dns,
    };
    const { client } = this;
    const { body } = createBody(spec, { ...this.context.facts, hasInit: false });
    const { Id } = await client.json<{ Id: string }>("POST", "/containers/create", { body });
    try {
      await client.empty("POST", `/containers/${Id}/start`);
      await client.json("POST", `/containers/${Id}/wait`);
      let text = "";
      const query = { stdout: 1, stderr: 1 };
      const decoder = new TextDecoder();
      for await (const { bytes } of client.frames("GET", `/containers/${Id}/logs`, { query })) {
        text += decoder.decode(bytes, { stream: true });
      }
      try {
        return Object.fromEntries(text.trim().split("\n").map((line) => JSON.parse(line)));
      } catch {
        throw new Error(`The box wrote: ${text}`);
      }
    } finally {
      await client.empty("DELETE", `/containers/${Id}`, { query: { force: 1 } });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#owner[Symbol.dispose]();
    // With it ends all that runs where it runs.
    await this.engine[Symbol.asyncDispose]();
    await this.#outside.status;
  }
}

/**
 * What a box has: `tell(what, result)` writes a line, `attempt(what, function)` tells what a function returns, or the
 * name of its error; `raw` sends bytes to an address and reads; `get` asks as a program does that knows of proxies.
 */
const BOX = String.raw`
import json, os, socket, ssl, sys, urllib.error, urllib.request

def tell(what, result):
    print(json.dumps([what, result]), flush=True)

def attempt(what, function):
    try:
        tell(what, function())
    except urllib.error.HTTPError as error:
        tell(what, [error.code, error.read().decode().strip()])
    except urllib.error.URLError as error:
        tell(what, str(error.reason))
    except Exception as error:
        tell(what, type(error).__name__)

def raw(host, port, sent, most=65536, timeout=5):
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(sent)
        got = b""
        while len(got) < most:
            piece = connection.recv(65536)
            if not piece: break
            got += piece
        return got.decode("latin-1")

def proxy():
    host, port = os.environ["HTTP_PROXY"].removeprefix("http://").split(":")
    return host, int(port)

def through(sent, **options):
    return raw(*proxy(), sent, **options)

def get(url, **options):
    with urllib.request.urlopen(urllib.request.Request(url, **options), timeout=10, context=open_context()) as answer:
        return json.loads(answer.read())

def open_context():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
`;
