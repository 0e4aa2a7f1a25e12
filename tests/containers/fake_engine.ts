/**
 * An engine of the tests' own on a Unix socket: it keeps what it is asked and answers as engines of a given make do,
 * unless a test says otherwise. Nothing runs in its containers. The shapes follow the published history of Docker's API
 * and what Podman answers; `generations.ts` has the differences between them.
 */

import { Line } from "./engine_recorder.ts";
import { type Generation, inspected, listed, sampled } from "./generations.ts";

/** What it was asked. */
export interface Asked {
  readonly method: string;
  /** Without version and query. */
  readonly path: string;
  /** The version in the path; null if there was none. */
  readonly version: string | null;
  readonly query: URLSearchParams;
  /** What the body holds, if that is JSON. */
  readonly body: unknown;
}

/** What it answers. */
export interface Reply {
  readonly status?: number;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Takes the connection over after an upgrade, until the other side ends. */
  readonly stream?: (line: Line) => Promise<void>;
}

/** A container of it. */
export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  /** What it was made of. */
  readonly body: Record<string, unknown>;
  state: "created" | "running" | "exited";
  exitCode: number;
}

/** A reply that never comes. */
export const NEVER: Promise<never> = new Promise(() => {});

/** One that runs. */
export class FakeEngine implements AsyncDisposable {
  readonly generation: Generation;
  readonly host: string;
  readonly folder: string;
  /** All that it was asked, in order. */
  readonly asked: Asked[] = [];
  readonly containers = new Map<string, FakeContainer>();
  readonly volumes = new Map<string, Record<string, unknown>>();
  readonly networks = new Map<string, Record<string, unknown>>();
  /** Answers before the engine does; undefined leaves it to the engine. */
  before: (asked: Asked) => Reply | undefined | Promise<Reply | undefined> = () => undefined;
  readonly #listener: Deno.Listener;
  readonly #connections = new Set<Deno.Conn>();
  readonly #served: Promise<void>[] = [];
  readonly #accepting: Promise<void>;

  private constructor(generation: Generation, folder: string) {
    this.generation = generation;
    this.folder = folder;
    const path = `${folder}/engine.sock`;
    this.host = `unix://${path}`;
    this.#listener = Deno.listen({ transport: "unix", path });
    this.#accepting = this.#accept();
  }

  /** Starts one. */
  static async start(generation: Generation): Promise<FakeEngine> {
    return new FakeEngine(generation, await Deno.makeTempDir({ prefix: "agent-fake-" }));
  }

  /** What it was asked, as `METHOD /path`. */
  get lines(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`);
  }

  /** Does what it is asked. */
  does(asked: Asked): Reply {
    return this.#refused(asked) ?? this.#usual(asked);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) {
      this.#connections.delete(connection);
      connection.close();
    }
    await this.#accepting;
    await Promise.all(this.#served);
    await Deno.remove(this.folder, { recursive: true });
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#connections.add(connection);
      const served = this.#serve(new Line(connection)).catch(() => {}).finally(() => {
        if (this.#connections.delete(connection)) connection.close();
      });
      this.#served.push(served);
    }
  }

  async #serve(line: Line): Promise<void> {
    for (;;) {
      const text = await line.request();
      if (text === "") return;
      const asked = read(text);
      this.asked.push(asked);
      // Who gives up an answer closes the connection; nobody waits for one that never comes.
      const gone = line.until().then(() => undefined, () => undefined);
      const reply = await Promise.race([this.#reply(asked), gone]);
      if (reply === undefined) return;
      const { status = 200, json, headers = {}, stream } = reply;
      if (stream !== undefined) {
        await line.send("HTTP/1.1 101 UPGRADED\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n");
        await Promise.race([stream(line), gone]);
        return;
      }
      const body = json === undefined ? "" : JSON.stringify(json);
      const length = new TextEncoder().encode(body).length;
      const fields = Object.entries({ ...headers, "content-length": String(length) })
        .map(([name, value]) => `${name}: ${value}\r\n`).join("");
      await line.send(`HTTP/1.1 ${status} Said\r\nconnection: close\r\n${fields}\r\n${body}`);
      await line.end();
      return;
    }
  }

  async #reply(asked: Asked): Promise<Reply> {
    return await this.before(asked) ?? this.does(asked);
  }

  /** Docker refuses versions that it does not speak; Podman none. */
  #refused({ version }: Asked): Reply | undefined {
    const { engine, newest, oldest } = this.generation;
    if (version === null || engine === "podman") return undefined;
    const minor = (text: string): number => Number(text.split(".")[1]);
    if (minor(version) > minor(newest)) {
      const message =
        `client version ${version} is too new. Maximum supported API version is ${newest}`;
      return { status: 400, json: { message } };
    }
    if (minor(version) >= minor(oldest)) return undefined;
    const message =
      `client version ${version} is too old. Minimum supported API version is ${oldest}`;
    return { status: 400, json: { message } };
  }

  #usual(asked: Asked): Reply {
    const { method, path, query, body } = asked;
    const { generation } = this;
    const line = `${method} ${path}`;
    if (line === "GET /_ping") return { headers: generation.ping };
    if (line === "GET /version") return { json: generation.version };
    if (line === "GET /info") return { json: generation.info };
    if (line === "GET /containers/json") {
      const json = [...this.containers.values()].filter((one) => hasLabels(one.body, query));
      return { json: json.map((one) => listed(generation, one)) };
    }
    if (line === "POST /containers/create") {
      const id = crypto.randomUUID().replaceAll("-", "").repeat(2);
      const name = query.get("name") ?? id.slice(0, 12);
      this.containers.set(id, {
        ...{ id, name, body: body as Record<string, unknown>, state: "created", exitCode: 0 },
      });
      return { status: 201, json: { Id: id, Warnings: [] } };
    }
    if (line === "POST /volumes/create") {
      const wanted = body as { Name: string };
      const made = this.volumes.get(wanted.Name) ?? { ...wanted };
      this.volumes.set(wanted.Name, made);
      return { status: 201, json: made };
    }
    if (line === "POST /networks/create") {
      const wanted = body as { Name: string };
      this.networks.set(wanted.Name, { Id: wanted.Name, ...wanted });
      return { status: 201, json: { Id: wanted.Name, Warning: "" } };
    }
    if (line === "GET /volumes") return { json: { Volumes: [...this.volumes.values()] } };
    if (line === "GET /networks") return { json: [...this.networks.values()] };
    const [, kind = "", name = "", action = ""] = path.split("/");
    if (kind === "images") return { json: generation.image };
    if (kind === "volumes" || kind === "networks") {
      const all = kind === "volumes" ? this.volumes : this.networks;
      const found = all.get(name);
      if (found === undefined) return { status: 404, json: { message: `no such ${kind}` } };
      if (method !== "DELETE") return { json: found };
      all.delete(name);
      return { status: 204 };
    }
    if (kind !== "containers") return { status: 404, json: { message: "page not found" } };
    const found = [...this.containers.values()].find((one) => one.id === name || one.name === name);
    if (found === undefined) {
      return { status: 404, json: { message: `No such container: ${name}` } };
    }
    return this.#container(method, action, found);
  }

  #container(method: string, action: string, found: FakeContainer): Reply {
    if (method === "DELETE") {
      this.containers.delete(found.id);
      return { status: 204 };
    }
    if (action === "json") return { json: inspected(this.generation, found) };
    if (action === "archive" && method === "PUT") return { status: 200 };
    if (action === "stats") return { json: sampled(this.generation, performance.now()) };
    if (action === "start") {
      found.state = "running";
      return { status: 204 };
    }
    if (action === "kill" || action === "stop") {
      found.state = "exited";
      found.exitCode = 137;
      return { status: 204 };
    }
    if (action === "wait") return { json: { StatusCode: found.exitCode } };
    if (action === "attach") return { stream: () => NEVER };
    return { status: 404, json: { message: "page not found" } };
  }
}

function read(text: string): Asked {
  const [method = "", target = ""] = text.slice(0, text.indexOf("\r\n")).split(" ");
  const url = new URL(target, "http://engine");
  const [, version = null, path] = /^(?:\/v(\d+\.\d+))?(\/.*)$/.exec(url.pathname)!;
  const words = text.slice(text.indexOf("\r\n\r\n") + 4);
  let body: unknown = null;
  try {
    body = JSON.parse(words);
  } catch {
    // None, or files.
  }
  return { method, path: decodeURIComponent(path!), version, query: url.searchParams, body };
}

/** Whether a container has the labels that a list asks for. */
function hasLabels(body: Record<string, unknown>, query: URLSearchParams): boolean {
  const { label = [] } = JSON.parse(query.get("filters") ?? "{}") as { label?: string[] };
  const labels = (body["Labels"] ?? {}) as Record<string, string>;
  return label.every((wanted) => {
    const [name = "", value] = wanted.split(/=(.*)/s);
    return value === undefined ? name in labels : labels[name] === value;
  });
}
