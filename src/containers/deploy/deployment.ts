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
import type { EngineClient } from "../engine/client.ts";
import { segment } from "../engine/target.ts";
import { QUICK_MS } from "../engine/times.ts";
import { type Life, renewLease } from "./life.ts";
import { removeAllOf } from "./remove.ts";
import type { DeployContext, DeployedPort } from "./types.ts";

/** Timers count no further than this; longer times are counted in parts. */
const MOST_TIMER_MS = 2 ** 31 - 1;
/** After how long its removal is tried again, if the engine could not be asked: longer each time. */
const FIRST_RETRY_MS = 1_000;
const MOST_RETRY_MS = 60_000;

/**
 * A deployment. Its container holds what was deployed; its network, volumes and secret are its own and go with it.
 *
 * `ttlMs` counts from when it is ready. `idleMs` counts from the last {@linkcode Deployment.renew},
 * {@linkcode Deployment.touch} or use of {@linkcode Deployment.container}: what is asked of that is a use until it is
 * answered, and a program that was started in it by `exec` and still runs is one too. Who connects to its ports is not
 * seen.
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
  /** The connection, for those who use its container: what is asked by it is counted. */
  readonly #client: EngineClient;
  #expiresMs: number | null;
  #usedMs = Date.now();
  /** What was asked of its container and is not answered yet. */
  #uses = 0;
  #lease: string | null;
  #renewal: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isEnding = false;
  #failures = 0;
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
      readonly life: Life;
    },
  ) {
    const { template } = plan.filled;
    this.#context = context;
    this.#plan = plan;
    this.#requested = made.requested;
    this.#expiresMs = made.life.expiresMs;
    this.#lease = made.life.lease;
    this.#client = context.client.watched(() => this.#use());
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
    return new Container(this.#client, this.containerId);
  }

  /**
   * What holds its container: what was asked for against what is there, control by control.
   *
   * @param options Whether the kernel is asked from inside too.
   * @throws {AgentError} `CLOSED` if it was removed; `UNSUPPORTED` on a swarm; `NOT_FOUND`; `IO`.
   */
  securityReport(options?: SecurityReportOptions): Promise<SecurityReport>;
  async securityReport(options: SecurityReportOptions = {}): Promise<SecurityReport> {
    const { id } = this.container;
    const known = this.#requested === null
      ? null
      : { requested: this.#requested, accepted: this.#plan.acceptWeaker };
    return await containerReport(this.#client, id, options, known);
  }

  /** Says that it is used: `idleMs` counts anew. */
  touch(): void {
    this.#usedMs = Date.now();
  }

  /**
   * Gives it another end, and counts as a use.
   *
   * @param ttlMs Milliseconds from now until it is removed.
   * @throws {AgentError} `CLOSED` if it was removed.
   */
  async renew(ttlMs: number): Promise<void> {
    const lifeMs = wholeNumber(ttlMs, "ttlMs", { least: 1, most: 366 * 86_400_000 });
    // One after the other: each removes the lease before.
    const renewal = this.#renewal.then(() => this.#renew(lifeMs));
    this.#renewal = renewal.catch(() => {});
    await renewal;
  }

  async #renew(lifeMs: number): Promise<void> {
    if (this.#removal !== undefined) throw closedError(`deployment ${this.name}`);
    const end = this.#use();
    const before = this.#expiresMs;
    const expiresMs = this.#expiresMs = Date.now() + lifeMs;
    try {
      this.#lease = await renewLease(this.#context.client, this.#plan, expiresMs, this.#lease);
    } catch (error) {
      this.#expiresMs = before;
      throw error;
    } finally {
      end();
    }
  }

  /** Ends what runs in it; what it holds stays until it is removed. */
  stop(options?: { graceMs?: number; signal?: AbortSignal }): Promise<void>;
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
      // A lease that is being made is removed with the rest.
      await this.#renewal;
      await removeAllOf(client, this.#plan);
    } catch (error) {
      // It can be tried again.
      this.#removal = undefined;
      this.#arm();
      throw error;
    }
    this.#forget();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#context.deployments.delete(this);
  }

  /** A use begins; gives its end. */
  #use(): () => void {
    this.#uses++;
    this.touch();
    return () => {
      this.#uses--;
      this.touch();
      this.#arm();
    };
  }

  /** When nobody has used it for long enough; never while it is used. */
  get #idleEndMs(): number {
    const { idleMs } = this.#plan;
    return idleMs === null || this.#uses > 0 ? Infinity : this.#usedMs + idleMs;
  }

  /** Waits for the earlier of its two ends. */
  #arm(): void {
    clearTimeout(this.#timer);
    const end = Math.min(this.#expiresMs ?? Infinity, this.#idleEndMs);
    if (end === Infinity || this.#removal !== undefined || this.#isEnding) return;
    const left = end - Date.now();
    if (left > 0) return this.#wait(left);
    this.#isEnding = true;
    this.#end().then(() => {
      this.#failures = 0;
      this.#isEnding = false;
      this.#arm();
    }, (error) => {
      // The engine may be away. It is asked again, unless the connection is closed: then a sweep finds what is left.
      this.#isEnding = false;
      if (AgentError.is(error, "CLOSED")) return;
      this.#wait(Math.min(FIRST_RETRY_MS * 2 ** this.#failures++, MOST_RETRY_MS));
    });
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(() => this.#arm(), Math.min(ms, MOST_TIMER_MS));
    // A program that has nothing else to do ends, and what it did not detach is swept.
    Deno.unrefTimer(timer);
    this.#timer = timer;
  }

  /** Removes it, unless only the time without a use is over and a program runs in it. */
  async #end(): Promise<void> {
    const isExpired = (): boolean => (this.#expiresMs ?? Infinity) <= Date.now();
    if (!isExpired()) {
      if (await this.#isBusy()) this.touch();
      // It may have been used while the engine was asked.
      if (!isExpired() && this.#idleEndMs > Date.now()) return;
    }
    await this.remove();
  }

  async #isBusy(): Promise<boolean> {
    const path = `/containers/${segment(this.containerId!, "container")}/json`;
    try {
      const { ExecIDs } = await this.#context.client.json<{ ExecIDs?: string[] | null }>(
        "GET",
        path,
        { timeoutMs: QUICK_MS },
      );
      return (ExecIDs ?? []).length > 0;
    } catch (error) {
      // Somebody removed it: what else is its own goes too.
      if (AgentError.is(error, "NOT_FOUND")) return false;
      throw error;
    }
  }
}

/** The address that this machine reaches another one at: that of all addresses is none to go to. */
function reachedAt(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  if (address === "::") return "[::1]";
  return address.includes(":") ? `[${address}]` : address;
}
