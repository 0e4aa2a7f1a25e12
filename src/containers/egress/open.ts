/**
 * Opens a way out for one box: an inner network with nothing in it but the box and a proxy, which has a leg outside.
 *
 * The box has no route but to the proxy, so a program that minds no `HTTP_PROXY` gets nowhere else: it reaches the
 * proxy, whose address all names have that it may know, or nothing. Where the proxy ends, nothing gets out.
 *
 * @module
 */

import { authority } from "../../shared/access.ts";
import { withDeadline } from "../../shared/deadline.ts";
import { AgentError } from "../../shared/errors.ts";
import { type ContainerSpec, createBody, ownerLabels, refuseGaps } from "../policy/mod.ts";
import { type EgressPlan, judgeEgress } from "./allow.ts";
import { ensureImage, ENTRY } from "./image.ts";
import { Lines, readEvent, readState } from "./log.ts";
import {
  cannot,
  type InnerNetwork,
  leaveOuter,
  makeInner,
  removeNetwork,
  takeOuter,
} from "./network.ts";
import type { Egress, EgressContext, EgressEvent, EgressOptions } from "./types.ts";

/** How to open it. */
export interface OpenOptions {
  /** When it ends by itself, milliseconds since 1970: the sweep takes it away then. */
  readonly expiresMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The port for requests to a proxy, and the next ones where it is one of those that are allowed. */
const PROXY_PORT = 3128;
const READY_MS = 15_000;
const MIB = 1024 * 1024;
/** What the proxy, a program of ours without children, can do without. */
const NOT_NEEDED = ["init", "cgroup-namespace", "swap", "cpus"] as const;

/**
 * Opens a way out.
 *
 * @param context Who makes it, where.
 * @param options What may be reached.
 * @param opening Until when, and what ends the opening.
 * @throws {TypeError | RangeError} For options that are wrong.
 * @throws {AgentError} `SCOPE` for an address that nothing may reach; `NATIVE_REQUIRED` without the proxy's program;
 * `UNSUPPORTED` where the engine cannot keep the machine out; `IO`, `TIMEOUT`.
 */
export async function openEgress(
  context: EgressContext,
  options: EgressOptions,
  opening: OpenOptions = {},
): Promise<Egress> {
  const plan = judgeEgress(options);
  if (plan.rules.length === 0) return NOWHERE;
  const { os } = context.client.capabilities;
  if (os !== null && os !== "linux") throw cannot(context.client, `it runs containers of ${os}`);
  const way = new ProxyWay(context);
  try {
    await way.open(plan, opening);
    return way;
  } catch (error) {
    await way.close().catch(() => {});
    throw error;
  }
}

/** What reaches nothing. */
const NOWHERE: Egress = {
  network: { kind: "none" },
  env: {},
  hosts: {},
  dns: [],
  proxyId: null,
  log: () => Promise.resolve([]),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

class ProxyWay implements Egress {
  readonly #context: EgressContext;
  #proxy: string | undefined;
  #inner: string | undefined;
  #outer = false;
  #closing: Promise<void> | undefined;
  env: Record<string, string> = {};
  hosts: Record<string, string> = {};
  dns: string[] = [];

  constructor(context: EgressContext) {
    this.#context = context;
  }

  get network(): { kind: "internal"; name: string } {
    return { kind: "internal", name: this.#inner! };
  }

  get proxyId(): string {
    return this.#proxy!;
  }

  async open(plan: EgressPlan, { expiresMs, signal }: OpenOptions): Promise<void> {
    signal?.throwIfAborted();
    const { client, owner } = this.#context;
    const life = { createdMs: Date.now(), ...(expiresMs === undefined ? {} : { expiresMs }) };
    const labels = ownerLabels(owner, "egress", life);
    const image = await ensureImage(this.#context, signal);
    const inner = await makeInner(this.#context, labels, signal);
    this.#inner = inner.name;
    this.#outer = true;
    const outer = await takeOuter(this.#context);
    const port = proxyPort(plan);
    // The name is known before the engine is asked, so that it is removed however the asking ends.
    const name = `agent-egress-${crypto.randomUUID()}`;
    this.#proxy = name;
    const spec = specOf(plan, { image, inner, outer, port, labels });
    const made = createBody(spec, { ...this.#context.facts, hasInit: false });
    refuseGaps(made.gaps, NOT_NEEDED, `${client.engine} ${client.version}`);
    const query = { name };
    await client.json("POST", "/containers/create", { query, body: made.body, signal });
    const body = { Container: name };
    await client.empty("POST", `/networks/${inner.name}/connect`, { body, signal });
    await client.empty("POST", `/containers/${name}/start`, { signal });
    const address = await this.#ready(signal);
    const url = `http://${authority(address, port)}`;
    for (const word of ["HTTP_PROXY", "HTTPS_PROXY"]) {
      this.env[word] = url;
      this.env[word.toLowerCase()] = url;
    }
    this.env["NO_PROXY"] = this.env["no_proxy"] = "localhost,127.0.0.1,::1";
    const names = plan.rules.filter(({ host, below }) => !below && !/^[\d.]+$|:/.test(host));
    this.hosts = Object.fromEntries(names.map(({ host }) => [host, address]));
    this.dns = [address];
  }

  /** Waits until the proxy serves; its address in the inner network. */
  async #ready(signal: AbortSignal | undefined): Promise<string> {
    const { client } = this.#context;
    const operation = "openEgress";
    return await withDeadline({ operation, timeoutMs: READY_MS, signal }, async (inner) => {
      const state = await this.#state(inner);
      if (state.event === "ready") return state.address;
      if (state.reason === "host-address") {
        throw cannot(
          client,
          `the machine is in the network that was made for it (${state.detail})`,
        );
      }
      throw new AgentError(
        "IO",
        `The egress proxy does not start: ${state.reason}: ${state.detail}`,
        { path: client.host.text, operation },
      );
    });
  }

  async #state(signal: AbortSignal): Promise<NonNullable<ReturnType<typeof readState>>> {
    const lines = new Lines();
    const query = { follow: 1, stdout: 1, stderr: 1 };
    const path = `/containers/${this.#proxy}/logs`;
    let said = "";
    for await (const { bytes } of this.#context.client.frames("GET", path, { query, signal })) {
      for (const line of lines.add(bytes)) {
        const state = readState(line);
        if (state !== undefined) return state;
        said = line;
      }
    }
    return { event: "failed", reason: "it has ended", detail: said.slice(0, 500) };
  }

  async log(): Promise<EgressEvent[]> {
    const lines = new Lines();
    const events: EgressEvent[] = [];
    const query = { stdout: 1, stderr: 0 };
    const path = `/containers/${this.#proxy}/logs`;
    for await (const { bytes } of this.#context.client.frames("GET", path, { query })) {
      for (const line of lines.add(bytes)) {
        const event = readEvent(line);
        if (event !== undefined) events.push(event);
      }
    }
    return events;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    const { client } = this.#context;
    const steps: (() => Promise<unknown>)[] = [];
    const query = { force: 1, v: 1 };
    const call = { query, accept: [404, 409], timeoutMs: 30_000 };
    if (this.#proxy !== undefined) {
      steps.push(() => client.empty("DELETE", `/containers/${this.#proxy}`, call));
    }
    if (this.#inner !== undefined) steps.push(() => removeNetwork(this.#context, this.#inner!));
    if (this.#outer) steps.push(() => leaveOuter(this.#context));
    let failed: { error: unknown } | undefined;
    for (const step of steps) {
      await step().catch((error) => failed ??= { error });
    }
    if (failed !== undefined) throw failed.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function proxyPort({ rules }: EgressPlan): number {
  const ports = new Set(rules.map(({ port }) => port));
  let port = PROXY_PORT;
  while (ports.has(port)) port++;
  return port;
}

interface Parts {
  readonly image: string;
  readonly inner: InnerNetwork;
  readonly outer: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
}

function specOf(plan: EgressPlan, { image, inner, outer, port, labels }: Parts): ContainerSpec {
  const { connections, ...limits } = plan.limits;
  const settings = {
    allow: plan.rules.map(({ host, below, port, any }) =>
      `${below ? "*." : ""}${authority(host, port)}${any ? "/tcp" : ""}`
    ),
    allowPrivate: plan.allowPrivate,
    dns: plan.dns,
    gateway: inner.gateway,
    beside: inner.last,
    port,
    connections,
    ...limits,
  };
  return {
    profile: "service",
    kind: "egress",
    image,
    entrypoint: [ENTRY],
    command: [JSON.stringify(settings)],
    workdir: "/",
    ownership: labels,
    network: { kind: "bridge", name: outer },
    tmpfs: [],
    limits: {
      memoryBytes: 128 * MIB,
      pids: 16,
      cpus: 1,
      openFiles: Math.max(1024, connections * 4 + 64),
      logBytes: 8 * MIB,
    },
  };
}
