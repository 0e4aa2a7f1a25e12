/**
 * The server: what every request passes, the routes behind it, and its end.
 *
 * @module
 */

import type { Agent } from "../agent/types.ts";
import { createMonitor } from "../monitor/mod.ts";
import type { Runtime } from "../runtime.ts";
import { closedError } from "../shared/closed.ts";
import type { App } from "./app.ts";
import { Bodies } from "./bodies.ts";
import type { Calls } from "./commands.ts";
import { faultOf, faultResponse, HttpFault, wrongMethod } from "./faults.ts";
import { checkHost, checkOrigin, COOKIE, identify, readHosts } from "./guard.ts";
import { harden } from "./headers.ts";
import { Gate, type Limits, readLimits } from "./limits.ts";
import { Live } from "./live.ts";
import { pageFile } from "./page.ts";
import { type HeldFolder, holdFolder } from "./state.ts";
import { Tally } from "./tally.ts";
import { checkToken, Doorkeeper, newSecret } from "./tokens.ts";
import type { AgentServer, RequestInfo, ServerOptions } from "./types.ts";

/** How long `close` waits for what is being answered, in milliseconds. */
const CLOSE_MS = 10_000;

/** {@linkcode AgentServer} over an agent. */
export class DocumentServer implements AgentServer {
  readonly token: string;
  readonly #agent: Agent;
  readonly #options: ServerOptions;
  readonly #limits: Limits;
  readonly #hosts: ReadonlySet<string>;
  readonly #doors: Doorkeeper;
  readonly #gate: Gate;
  readonly #folder: HeldFolder | undefined;
  readonly #bodies: Bodies;
  readonly #tally = new Tally();
  /** Ends streams. */
  readonly #closing = new AbortController();
  /** Ends what was not answered in time. */
  readonly #ending = new AbortController();
  readonly #monitor;
  readonly #live: Live;
  readonly #statuses = new Map<number, number>();
  #calls: Calls | undefined;
  #app: Promise<App> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: ServerOptions) {
    const { runtime, token, data, limits, allowedHosts } = options;
    const agent = options.agent ?? runtime?.agent;
    if (agent === undefined) throw new TypeError("options needs a runtime or an agent");
    this.#options = options;
    this.#agent = agent;
    this.#limits = readLimits(limits);
    this.#hosts = readHosts(allowedHosts);
    if (token !== undefined) checkToken(token);
    const make = (runtime as Runtime | undefined)?.monitor.createMonitor ?? createMonitor;
    this.#folder = data === undefined ? undefined : holdFolder(data);
    try {
      this.token = token ?? this.#folder?.token() ?? newSecret();
    } catch (error) {
      this.#folder?.[Symbol.dispose]();
      throw error;
    }
    this.#doors = new Doorkeeper(this.token, this.#limits.sessionMs);
    this.#gate = new Gate(this.#limits);
    this.#bodies = new Bodies(this.#limits);
    this.#monitor = make({ history: 0 });
    this.#live = new Live(make);
  }

  signInPath(): string {
    if (this.#closed !== undefined) throw closedError("server");
    return `/?code=${this.#doors.newCode()}`;
  }

  async fetch(request: Request, info?: RequestInfo): Promise<Response> {
    const started = performance.now();
    // A host that is none makes an address that is none.
    const url = URL.parse(request.url);
    let response: Response;
    try {
      if (url === null) throw new HttpFault(400, "wrong_address", "The address cannot be read");
      response = await this.#answer(request, url, info);
    } catch (error) {
      const fault = faultOf(error);
      // A client that has gone is no failure.
      const isGone = error instanceof DOMException && error.name === "AbortError";
      if (fault.status === 500 && !isGone) tellOperator(error);
      response = faultResponse(fault);
    }
    const { status } = response;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#count(url?.pathname ?? "", performance.now() - started, status < 500);
    if (request.method === "HEAD") response = new Response(null, response);
    return harden(response);
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // Streams would never end by themselves; what is being answered may come to its end.
    this.#closing.abort(new DOMException("The server is closing", "AbortError"));
    await this.#gate.idle(CLOSE_MS);
    this.#ending.abort(new DOMException("The server has closed", "AbortError"));
    this.#bodies.close();
    await this.#live.close();
    await this.#monitor.close();
    await this.#tally.close();
    await this.#calls?.[Symbol.asyncDispose]();
    this.#folder?.[Symbol.dispose]();
  }

  async #answer(request: Request, url: URL, info?: RequestInfo): Promise<Response> {
    if (this.#closed !== undefined) throw new HttpFault(503, "closing", "The server is closing", 1);
    const origin = checkHost(request, url, this.#hosts);
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (url.pathname === "/healthz") return isRead ? new Response("ok\n") : wrongMethod(["GET"]);
    checkOrigin(request, origin);
    if (isRead && url.pathname === "/") {
      const code = url.searchParams.get("code");
      if (code !== null) return this.#signIn(code);
    }
    const file = isRead ? await pageFile(url.pathname) : undefined;
    const visitor = identify(request, this.#doors, addressOf(info), file !== undefined);
    if (file !== undefined) return file;
    if (url.pathname === "/api/sign-in" && request.method === "POST") {
      if (visitor.kind !== "token") {
        throw new HttpFault(
          403,
          "token_needed",
          "A browser is signed in by a program with the token",
        );
      }
      return Response.json({ path: this.signInPath() });
    }
    const place = this.#gate.enter(visitor.client);
    let streams = false;
    const passed = {
      origin,
      closing: this.#closing.signal,
      signal: () => AbortSignal.any([request.signal, this.#ending.signal]),
      place: {
        stream: () => {
          place.stream();
          streams = true;
        },
        end: () => place.end(),
      },
    };
    try {
      const app = await (this.#app ??= this.#makeApp());
      return await app(request, passed);
    } catch (error) {
      streams = false;
      throw error;
    } finally {
      if (!streams) place.end();
    }
  }

  #makeApp(): Promise<App> {
    const made = this.#made();
    // What could not be had now may be there at the next request.
    made.catch(() => this.#app = undefined);
    return made;
  }

  async #made(): Promise<App> {
    const { runtime, agent, roots, scope, embedder, mcp } = this.#options;
    const [{ makeApp }, { callsOf }] = await Promise.all([
      import("./app.ts"),
      import("./commands.ts"),
    ]);
    const calls = this.#calls ??= callsOf(runtime, this.#agent, agent !== undefined, {
      ...{ roots, scope },
    });
    return await makeApp({
      ...{ calls, embedder, mcp },
      agent: this.#agent,
      monitor: this.#monitor,
      live: this.#live,
      bodies: this.#bodies,
      tally: this.#tally,
      limits: this.#limits,
      counted: () => this.#counted(),
    });
  }

  /** The code is in the address only here: the browser is sent on at once, with the key behind `#`. */
  #signIn(code: string): Response {
    const signed = this.#doors.signIn(code);
    if (signed === undefined) {
      throw new HttpFault(
        401,
        "wrong_code",
        "This code was used already, or is too old: ask the server for a new one",
      );
    }
    const seconds = Math.floor(this.#limits.sessionMs / 1_000);
    return new Response(null, {
      status: 303,
      headers: {
        location: `/#key=${signed.key}`,
        "set-cookie":
          `${COOKIE}=${signed.cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`,
      },
    });
  }

  #count(path: string, durationMs: number, ok: boolean): void {
    const [, first = "", second = ""] = path.split("/");
    const known = first === "v1" || first === "api" || first === "metrics";
    const name = known && /^[a-z]{0,20}$/.test(second) ? `${first}/${second}` : "page";
    if (this.#closed === undefined) this.#monitor.record(`http ${name}`, durationMs, ok);
  }

  #counted(): string {
    const lines = [...this.#statuses].sort(([a], [b]) => a - b)
      .map(([status, count]) => `agent_server_responses_total{status="${status}"} ${count}\n`);
    return "# HELP agent_server_responses_total Responses by status.\n" +
      `# TYPE agent_server_responses_total counter\n${lines.join("")}` +
      "# HELP agent_server_in_work Requests and streams in work.\n" +
      `# TYPE agent_server_in_work gauge\nagent_server_in_work ${this.#gate.size}\n`;
  }
}

function addressOf(info: RequestInfo | undefined): string {
  const address = info?.remoteAddr;
  return address !== undefined && "hostname" in address ? address.hostname : "here";
}

/** What failed, for who runs the server: the place in our code, never what was asked. */
function tellOperator(error: unknown): void {
  const { name, stack = "" } = error instanceof Error ? error : new Error(typeof error);
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line)).slice(0, 8);
  Deno.stderr.writeSync(
    new TextEncoder().encode(`agent: a request failed (${name})\n${frames.join("\n")}\n`),
  );
}
