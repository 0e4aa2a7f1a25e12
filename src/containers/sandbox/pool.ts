/**
 * Sandboxes that wait, started and looked into, for one command each.
 *
 * @module
 */

import { wholeNumber } from "../../shared/arguments.ts";
import { closedError } from "../../shared/closed.ts";
import { AgentError } from "../../shared/errors.ts";
import type { FilesToPut } from "../files/put.ts";
import { knownFields } from "../policy/mod.ts";
import { Clock, LEFT_MS } from "./clock.ts";
import type { SandboxContext } from "./context.ts";
import { NOWHERE } from "./network.ts";
import { dropGate, type Gated, openGate, runGated } from "./run.ts";
import {
  type CommandPlan,
  milliseconds,
  POOL_FIELDS,
  POOL_RUN_FIELDS,
  readCommand,
  readSandbox,
  readWords,
  type SandboxPlan,
} from "./spec.ts";
import type { Pool, PoolOptions, PoolRunSpec, RunResult } from "./types.ts";

const DEFAULT_SIZE = 1;
const MOST_SIZE = 64;
const DEFAULT_AGE_MS = 600_000;
/** How long a command may have the engine for itself before the next sandbox is started. */
const REFILL_MS = 100;

/** Makes a pool; its sandboxes start at once, and nobody waits for them here. See `Containers.pool`. */
export function openPool(context: SandboxContext, given: PoolOptions): Pool {
  const fields = knownFields(given, "options", POOL_FIELDS);
  const plan = readSandbox(fields, context.facts);
  if (plan.network !== "none") {
    throw new AgentError(
      "UNSUPPORTED",
      'A pool has network: "none"; use run() or session() where hosts are to be reached',
      { what: "options.network" },
    );
  }
  const size = wholeNumber(fields["size"], "options.size", {
    fallback: DEFAULT_SIZE,
    least: 1,
    most: MOST_SIZE,
  });
  const maxAgeMs = milliseconds(fields["maxAgeMs"], "options.maxAgeMs", DEFAULT_AGE_MS);
  return new WarmPool(context, plan, size, maxAgeMs);
}

/** One that waits, and since when. */
interface Kept extends Gated {
  readonly timer: ReturnType<typeof setTimeout>;
}

class WarmPool implements Pool {
  readonly #context: SandboxContext;
  readonly #plan: SandboxPlan;
  readonly #size: number;
  readonly #maxAgeMs: number;
  readonly #kept: Kept[] = [];
  readonly #running = new Set<Promise<RunResult>>();
  readonly #starting = new Set<Promise<void>>();
  readonly #removing = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #failure: unknown;

  constructor(context: SandboxContext, plan: SandboxPlan, size: number, maxAgeMs: number) {
    this.#context = context;
    this.#plan = plan;
    this.#size = size;
    this.#maxAgeMs = maxAgeMs;
    this.#fill();
  }

  get ready(): number {
    return this.#kept.filter(({ waiting }) => waiting.alive).length;
  }

  async warm(): Promise<void> {
    this.#checkOpen();
    this.#failure = undefined;
    this.#fill();
    while (this.#starting.size > 0) await Promise.all(this.#starting);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async run(given: PoolRunSpec): Promise<RunResult> {
    this.#checkOpen();
    const fields = knownFields(given, "spec", POOL_RUN_FIELDS);
    const command = readWords(fields["command"], "spec.command");
    const how = readCommand(fields, "spec", command);
    const running = this.#run(fields, command, how).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return await running;
  }

  async #run(
    fields: Record<string, unknown>,
    command: readonly string[],
    how: CommandPlan,
  ): Promise<RunResult> {
    const closing = this.#closing.signal;
    using clock = new Clock("run", how.timeoutMs, how.signal, closing);
    const signal = how.signal === undefined ? closing : AbortSignal.any([how.signal, closing]);
    const gated = this.#take() ?? await this.#make(how, clock);
    // The engine's work for the next one would slow down this one, if it is short.
    const timer = setTimeout(() => this.#fill(), REFILL_MS);
    const files = fields["files"] as FilesToPut | undefined;
    try {
      return await runGated(
        ...[this.#context, gated, this.#plan, command, how, files, clock, signal] as const,
        () => {
          // Nobody waits for what is thrown away; closing the pool does.
          const removing = gated.box.remove().catch(() => {}).finally(() =>
            this.#removing.delete(removing)
          );
          this.#removing.add(removing);
          return Promise.resolve();
        },
      );
    } finally {
      clearTimeout(timer);
      this.#fill();
    }
  }

  async close(): Promise<void> {
    // Told apart from one that is asked too late: this one had begun.
    const message = "The pool was closed while the command ran; it was killed";
    this.#closing.abort(new AgentError("CLOSED", message, { object: "pool" }));
    await Promise.allSettled(this.#running);
    await Promise.all(this.#starting);
    await Promise.all(this.#kept.splice(0).map((kept) => this.#drop(kept)));
    await Promise.all(this.#removing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw closedError("pool");
  }

  /** One that waits and still lives. */
  #take(): Gated | undefined {
    for (;;) {
      const kept = this.#kept.shift();
      if (kept === undefined) return undefined;
      clearTimeout(kept.timer);
      if (kept.waiting.alive) return kept;
      this.#discard(kept);
    }
  }

  /** Starts as many as are missing. */
  #fill(): void {
    if (this.#closing.signal.aborted) return;
    for (let there = this.#kept.length + this.#starting.size; there < this.#size; there++) {
      const starting = this.#add().catch((error) => {
        // The next command finds out by itself, when it starts one of its own.
        this.#failure = error;
      }).finally(() => this.#starting.delete(starting));
      this.#starting.add(starting);
    }
  }

  async #add(): Promise<void> {
    const gated = await this.#open(Date.now() + this.#maxAgeMs + LEFT_MS, this.#closing.signal);
    const kept: Kept = { ...gated, timer: setTimeout(() => this.#replace(kept), this.#maxAgeMs) };
    // A pool that is forgotten does not keep the program alive; labels tell the sweep.
    Deno.unrefTimer(kept.timer as unknown as number);
    if (this.#closing.signal.aborted) await this.#drop(kept);
    else this.#kept.push(kept);
  }

  async #make({ timeoutMs }: CommandPlan, clock: Clock): Promise<Gated> {
    const opening = this.#open(Date.now() + timeoutMs + LEFT_MS, clock.signal);
    return await clock.before(opening, dropGate);
  }

  async #open(expiresMs: number, signal: AbortSignal | undefined): Promise<Gated> {
    const common = { accepted: this.#plan.accepted, expiresMs, signal };
    const verify = this.#plan.verify !== false;
    return await openGate(this.#context, this.#plan, "pool", NOWHERE, verify, common);
  }

  #replace(kept: Kept): void {
    const at = this.#kept.indexOf(kept);
    if (at < 0) return;
    this.#kept.splice(at, 1);
    this.#discard(kept);
    this.#fill();
  }

  /** Removes one that nobody waits for, but closing the pool. */
  #discard(kept: Kept): void {
    const dropping = this.#drop(kept).finally(() => this.#removing.delete(dropping));
    this.#removing.add(dropping);
  }

  async #drop({ box, waiting, timer }: Kept): Promise<void> {
    clearTimeout(timer);
    waiting.close();
    await box.remove().catch(() => {});
  }
}
