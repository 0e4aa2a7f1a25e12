/**
 * Something that was deployed: what it is, how to reach it, and its end.
 *
 * @module
 */

import { wholeNumber } from "../../shared/arguments.ts";
import { closedError } from "../../shared/closed.ts";
import { AgentError } from "../../shared/errors.ts";
import { Container } from "../container/container.ts";
import type { RequestedControls } from "../policy/mod.ts";
import { containerReport, type SecurityReportOptions } from "../sandbox/container_report.ts";
import type { SecurityReport } from "../sandbox/types.ts";
import type { DeployPlan } from "./plan.ts";
import { segment } from "../engine/target.ts";
import { removeAllOf } from "./remove.ts";
import { renewLease } from "./things.ts";
import type { DeployContext, DeployedPort } from "./types.ts";

/** Timers count no further than this; longer times are counted in parts. */
const MOST_TIMER_MS = 2 ** 31 - 1;

/**
 * A deployment. Its container holds what was deployed; its network, volumes and secret are its own and go with it.
 *
 * `idleMs` counts from the last {@linkcode Deployment.renew}, {@linkcode Deployment.touch} or use of
 * {@linkcode Deployment.container}, and a program that was started in it by `exec` and still runs is a use too. Who
 * connects to its ports is not seen.
 */
export class Deployment implements AsyncDisposable {
  /** Its id, 12 hexadecimal digits: the label `agent.deployment` of all that is its own. */
  readonly id: string;
  /** The name of its container or service. */
  readonly name: string;
  /** The id of its template. */
  readonly template: string;
  /** The image, by its id. */
  readonly image: string;
  /** The id of its container; null on a swarm, where there are several. */
  readonly containerId: string | null;
  /** Where its ports are published. */
  readonly ports: readonly DeployedPort[];
  /** A URL for each port that speaks HTTP, by the port's name, without the token. */
  readonly urls: Readonly<Record<string, string>>;
  /** Whether it outlives this process. */
  readonly detached: boolean;
  /** What the caller should know, a sentence each. */
  readonly warnings: readonly string[];
  readonly #context: DeployContext;
  readonly #plan: DeployPlan;
  readonly #requested: RequestedControls | null;
  #expiresMs: number | null;
  #usedMs = Date.now();
  #lease: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #removal: Promise<void> | undefined;

  /** Made by `deploy()`. */
  constructor(
    context: DeployContext,
    plan: DeployPlan,
    made: {
      readonly image: string;
      readonly containerId: string | null;
      readonly ports: readonly DeployedPort[];
      readonly warnings: readonly string[];
      /** What was asked of its container; null on a swarm. */
      readonly requested: RequestedControls | null;
    },
  ) {
    const { template } = plan.filled;
    this.#context = context;
    this.#plan = plan;
    this.#requested = made.requested;
    this.#expiresMs = plan.expiresMs;
    this.id = plan.id;
    this.name = plan.name;
    this.template = template.id;
    this.image = made.image;
    this.containerId = made.containerId;
    this.ports = made.ports;
    this.warnings = made.warnings;
    this.detached = plan.detached;
    this.urls = Object.fromEntries(
      template.ports.flatMap(({ name, scheme, path }) => {
        const port = made.ports.find((published) => published.name === name);
        if (scheme === null || port === undefined) return [];
        return [[name, `${scheme}://${reachedAt(port.hostAddress)}:${port.host}${path}`]];
      }),
    );
    context.deployments.add(this);
    this.#arm();
  }

  /** The first of {@linkcode Deployment.urls}; null if there is none. */
  get url(): string | null {
    return Object.values(this.urls)[0] ?? null;
  }

  /**
   * Its secret, known here and in the container alone; null if its template has none. It is in no list, no log, no
   * error and no JSON of this object.
   */
  get token(): string | null {
    return this.#plan.token;
  }

  /** A URL with the token in it, for a program that takes it there; null if there is none. Do not log it. */
  get loginUrl(): string | null {
    const { token, filled } = this.#plan;
    if (token === null) return null;
    for (const { name, query } of filled.template.ports) {
      const url = this.urls[name];
      if (query !== null && url !== undefined) return `${url}?${query}=${token}`;
    }
    return null;
  }

  /** When it is removed by itself, milliseconds since 1970; null if never. */
  get expiresMs(): number | null {
    return this.#expiresMs;
  }

  /**
   * Its container: a use of it, for `idleMs`.
   *
   * @throws {AgentError} `CLOSED` if it was removed; `UNSUPPORTED` on a swarm, where there are several.
   */
  get container(): Container {
    if (this.#removal !== undefined) throw closedError(`deployment ${this.name}`);
    if (this.containerId === null) {
      throw new AgentError(
        "UNSUPPORTED",
        `${this.name} is on a swarm and has several containers; list() with its label finds those of this machine`,
        { what: "container" },
      );
    }
    this.touch();
    return new Container(this.#context.client, this.containerId);
  }

  /**
   * What holds its container: what was asked for against what is there, control by control.
   *
   * @param options Whether the kernel is asked from inside too.
   * @throws {AgentError} `CLOSED` if it was removed; `UNSUPPORTED` on a swarm; `NOT_FOUND`; `IO`.
   */
  async securityReport(options: SecurityReportOptions = {}): Promise<SecurityReport> {
    const { id } = this.container;
    const known = this.#requested === null
      ? null
      : { requested: this.#requested, accepted: this.#plan.acceptWeaker };
    return await containerReport(this.#context.client, id, options, known);
  }

  /** Says that it is used: `idleMs` counts anew. */
  touch(): void {
    this.#usedMs = Date.now();
  }

  /**
   * Makes its life longer, and counts as a use.
   *
   * @param ttlMs Milliseconds from now until it is removed.
   * @throws {AgentError} `CLOSED` if it was removed.
   */
  async renew(ttlMs: number): Promise<void> {
    const least = { least: 1, most: 366 * 86_400_000 };
    const expiresMs = Date.now() + wholeNumber(ttlMs, "ttlMs", least);
    if (this.#removal !== undefined) throw closedError(`deployment ${this.name}`);
    this.touch();
    const { client } = this.#context;
    this.#lease = await renewLease(client, this.id, this.#plan.labels, expiresMs, this.#lease);
    this.#expiresMs = expiresMs;
    this.#arm();
  }

  /** Ends what runs in it; what it holds stays until it is removed. */
  async stop(options: { graceMs?: number; signal?: AbortSignal } = {}): Promise<void> {
    await this.container.stop(options);
  }

  /** Removes it with all that is its own; volumes that were named by the caller stay. A second time is fine. */
  remove(): Promise<void> {
    return this.#removal ??= this.#remove();
  }

  /** Removes it, unless it is to outlive this process. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.detached) this.#forget();
    else await this.remove();
  }

  async #remove(): Promise<void> {
    const { client } = this.#context;
    try {
      await removeAllOf(client, this.#plan, this.#lease);
    } catch (error) {
      // It can be tried again.
      this.#removal = undefined;
      throw error;
    }
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#context.deployments.delete(this);
  }

  /** Waits for the earlier of its two ends. */
  #arm(): void {
    clearTimeout(this.#timer);
    const idle = this.#plan.idleMs === null ? Infinity : this.#usedMs + this.#plan.idleMs;
    const end = Math.min(this.#expiresMs ?? Infinity, idle);
    if (end === Infinity || this.#removal !== undefined) return;
    const left = end - Date.now();
    if (left <= 0) {
      // Who is told? The engine may be gone; the sweep finds what is left.
      this.#end().catch(() => {});
      return;
    }
    const timer = setTimeout(() => this.#arm(), Math.min(left, MOST_TIMER_MS));
    // A program that has nothing else to do ends, and what it did not detach is swept.
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  /** Removes it, unless only the time without a use is over and a program runs in it. */
  async #end(): Promise<void> {
    const isExpired = (this.#expiresMs ?? Infinity) <= Date.now();
    if (!isExpired && await this.#isBusy()) {
      this.touch();
      this.#arm();
    } else await this.remove();
  }

  async #isBusy(): Promise<boolean> {
    const path = `/containers/${segment(this.containerId!, "container")}/json`;
    const { ExecIDs } = await this.#context.client.json<{ ExecIDs?: string[] | null }>("GET", path);
    return (ExecIDs ?? []).length > 0;
  }
}

/** The address that this machine reaches another one at: that of all addresses is none to go to. */
function reachedAt(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  if (address === "::") return "[::1]";
  return address.includes(":") ? `[${address}]` : address;
}
