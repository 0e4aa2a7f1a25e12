/**
 * Scans in TypeScript, on `Deno.connect`; defines what the native twin must do. The steps stand at
 * `rust/areas/security/src/scan/mod.rs`: rounds, of which further ones ask only what is uncertain. Limit of this twin:
 * Deno cannot have a connection end by a reset, so that a host with thousands of open ports leaves its trace in the
 * system's table for a minute.
 *
 * @module
 */

import { authority } from "../../shared/access.ts";
import { AgentError } from "../../shared/errors.ts";
import { type Reporter, reporter } from "../../shared/progress.ts";
import { countPorts, eachPort } from "../scope/ports.ts";
import { isLoopback } from "../scope/targets.ts";
import type { PortReason, PortState } from "../types.ts";
import type { PortRow, ScanJob, ScanResult } from "./job.ts";
import { connect, REFUSALS, selfConnected } from "./connect.ts";
import { Host, Rates, Window } from "./pace.ts";

/** Rounds that there are, as long as anything is uncertain; further ones while they get answers. */
const ROUNDS = 2;
const MOST_ROUNDS = 6;
/** For so long nothing can be started before the scan fails. */
const PATIENCE_MS = 30_000;
const TICK_MS = 20;
/** The system has no means for one more socket now. */
const EXHAUSTED: readonly string[] = [
  "EMFILE",
  "ENFILE",
  "ENOBUFS",
  "ENOMEM",
  "EAGAIN",
  "EADDRNOTAVAIL",
  "EADDRINUSE",
];

type Found = readonly [PortState, PortReason, number | null];

interface Probe {
  readonly cell: number;
  readonly over: AbortController;
  readonly deadline: number;
}

/** Scans TCP ports by connect. */
export async function scan(job: ScanJob): Promise<ScanResult> {
  job.signal?.throwIfAborted();
  return await new Engine(job).run();
}

class Engine {
  readonly #job: ScanJob;
  readonly #ports: readonly number[];
  readonly #hosts: readonly Host[];
  readonly #loopback: readonly boolean[];
  readonly #found: (Found | undefined)[];
  readonly #window: Window;
  readonly #rates: Rates;
  readonly #progress: Reporter<object>;
  readonly #underWay = new Set<Probe>();
  readonly #ends: number;
  #uncertain: number[] = [];
  #returned: number[] = [];
  #asked: Iterator<number> = [][Symbol.iterator]();
  #isAllAsked = false;
  #round = 1;
  #answered = 0;
  #settled = 0;
  #probes = 0;
  #stuckSince: number | undefined;
  #notBefore = 0;
  #failure: { error: unknown } | undefined;
  #roundOver: (() => void) | undefined;

  constructor(job: ScanJob) {
    this.#job = job;
    this.#ports = [...eachPort(job.ports)];
    this.#hosts = job.addresses.map(() => new Host());
    this.#loopback = job.addresses.map(isLoopback);
    this.#found = new Array(job.addresses.length * countPorts(job.ports));
    this.#window = new Window(job.concurrency);
    this.#rates = new Rates(job.rate);
    this.#progress = reporter(job.onProgress, this.#found.length);
    this.#ends = performance.now() + job.limitMs;
  }

  async run(): Promise<ScanResult> {
    const { signal } = this.#job;
    const giveUp = (): void => this.#fail(signal!.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    const timer = setInterval(() => this.#tick(), TICK_MS);
    try {
      await this.#runRound(this.#first());
      while (
        this.#uncertain.length > 0 && this.#round < (this.#job.rounds ?? MOST_ROUNDS) &&
        !this.#isOver()
      ) {
        if (this.#round >= ROUNDS && this.#answered === 0) break;
        this.#round++;
        this.#answered = 0;
        const again = this.#uncertain;
        this.#uncertain = [];
        await this.#runRound(again[Symbol.iterator]());
      }
    } finally {
      clearInterval(timer);
      signal?.removeEventListener("abort", giveUp);
    }
    this.#progress.finish();
    return this.#result();
  }

  /** All cells: ports in order, the addresses of a port one after the other. */
  *#first(): Generator<number> {
    const ports = this.#ports.length;
    for (let port = 0; port < ports; port++) {
      for (let host = 0; host < this.#hosts.length; host++) yield host * ports + port;
    }
  }

  async #runRound(asked: Iterator<number>): Promise<void> {
    this.#asked = asked;
    this.#isAllAsked = false;
    await new Promise<void>((resolve) => {
      this.#roundOver = resolve;
      this.#pump();
    });
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #isOver(): boolean {
    return performance.now() >= this.#ends;
  }

  /** Starts what may be started; ends the round when nothing is left of it. */
  #pump(): void {
    if (this.#failure === undefined && performance.now() >= this.#notBefore) {
      while (this.#underWay.size < this.#window.size && !this.#isAllAsked) {
        if (this.#isOver()) {
          this.#isAllAsked = true;
          break;
        }
        const cell = this.#returned.pop() ?? this.#asked.next().value as number | undefined;
        if (cell === undefined) {
          this.#isAllAsked = true;
          break;
        }
        if (!this.#isAllowed(cell)) {
          this.#returned.push(cell);
          break;
        }
        this.#ask(cell);
      }
    }
    const isDone = this.#isAllAsked && (this.#returned.length === 0 || this.#isOver());
    if (this.#underWay.size === 0 && (isDone || this.#failure !== undefined)) this.#roundOver?.();
  }

  #isAllowed(cell: number): boolean {
    // What does not leave the machine is bounded by descriptors alone.
    const host = this.#hostOf(cell);
    if (this.#loopback[host]) return true;
    const waitMs = this.#rates.take(host);
    if (waitMs === 0) return true;
    this.#notBefore = performance.now() + waitMs;
    return false;
  }

  #hostOf(cell: number): number {
    return Math.floor(cell / this.#ports.length);
  }

  #tick(): void {
    const now = performance.now();
    for (const { deadline, over } of this.#underWay) {
      if (deadline <= now || now >= this.#ends) over.abort();
    }
    this.#pump();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { over } of this.#underWay) over.abort();
    this.#pump();
  }

  async #ask(cell: number): Promise<void> {
    const hostname = this.#job.addresses[this.#hostOf(cell)]!;
    const port = this.#ports[cell % this.#ports.length]!;
    const started = performance.now();
    const longest = this.#job.timeoutMs;
    const wait = this.#loopback[this.#hostOf(cell)]
      ? longest
      : this.#hosts[this.#hostOf(cell)]!.wait(longest, this.#round);
    const probe: Probe = { cell, over: new AbortController(), deadline: started + wait };
    this.#underWay.add(probe);
    this.#probes++;
    try {
      const dial = this.#job.dial[this.#hostOf(cell)]!;
      using connection = await connect(hostname, port, dial, probe.over.signal);
      const ms = performance.now() - started;
      const isSelf = selfConnected(connection);
      this.#settle(cell, isSelf ? ["closed", "self-connect", ms] : ["open", "accepted", ms]);
    } catch (error) {
      this.#refused(cell, error, probe, performance.now() - started, authority(hostname, port));
    } finally {
      this.#underWay.delete(probe);
      this.#pump();
    }
  }

  #refused(cell: number, error: unknown, { over }: Probe, ms: number, target: string): void {
    if (this.#failure !== undefined) return;
    if (over.signal.aborted) {
      // The time of the whole call says nothing about the port.
      if (!this.#isOver()) this.#settle(cell, ["filtered", "timeout", null]);
      return;
    }
    const code = (error as { code?: string }).code ?? "";
    const refusal = REFUSALS[code];
    if (refusal !== undefined) {
      const [state, reason] = refusal;
      return this.#settle(cell, [state, reason, state === "filtered" ? null : ms]);
    }
    if (EXHAUSTED.includes(code)) return this.#putBack(cell, error as Error);
    this.#fail(
      error instanceof AgentError ? error : new AgentError(
        "IO",
        `${target} cannot be probed: ${(error as Error).message}`,
        { path: target, operation: "connect" },
        { cause: error },
      ),
    );
  }

  #putBack(cell: number, error: Error): void {
    this.#probes--;
    this.#returned.push(cell);
    this.#isAllAsked = false;
    this.#window.exhausted(this.#underWay.size - 1);
    const now = performance.now();
    this.#stuckSince ??= now;
    this.#notBefore = now + TICK_MS;
    if (this.#underWay.size > 1 || now - this.#stuckSince < PATIENCE_MS) return;
    this.#fail(
      new AgentError("IO", `The scan is not possible: ${error.message}`, {
        path: "sockets",
        operation: "scan",
      }, { cause: error }),
    );
  }

  #settle(cell: number, found: Found): void {
    this.#stuckSince = undefined;
    if (this.#found[cell] === undefined) this.#progress.report(++this.#settled);
    this.#found[cell] = found;
    const host = this.#hosts[this.#hostOf(cell)]!;
    const [, reason, ms] = found;
    if (ms !== null) {
      host.answered(ms);
      this.#window.answered();
      this.#answered++;
    } else if (reason !== "prohibited") {
      if (reason === "timeout") host.silences++;
      if (reason === "unreachable" || host.answersMostly()) this.#window.unanswered();
      this.#uncertain.push(cell);
    }
  }

  #result(): ScanResult {
    const { length } = this.#ports;
    const hosts = this.#hosts.map((_, host) => {
      const counts = { open: 0, closed: 0, filtered: 0, unprobed: 0 };
      const ports: PortRow[] = [];
      for (const [at, port] of this.#ports.entries()) {
        const found = this.#found[host * length + at];
        counts[found === undefined ? "unprobed" : found[0]]++;
        if (found !== undefined && (found[0] === "open" || this.#job.all)) {
          ports.push([port, ...found]);
        }
      }
      return { ports, counts };
    });
    return { hosts, probes: this.#probes, rounds: this.#round };
  }
}
