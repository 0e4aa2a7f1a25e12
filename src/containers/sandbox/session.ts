/**
 * A sandbox that is kept for several commands. A command whose time is over is killed alone, as `container/kill.ts` says;
 * where that does not work, for want of processes or of a shell, the whole sandbox is killed and the session is closed.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { closedError } from "../../shared/closed.ts";
import { wholeNumber } from "../../shared/arguments.ts";
import { execIn } from "../container/exec.ts";
import { Begun, ended, killable, killProcess } from "../container/kill.ts";
import { startExec } from "../container/process.ts";
import type { Frame } from "../engine/frames.ts";
import { type BoxFile, getFiles, type GetOptions } from "../files/get.ts";
import { type FilesToPut, putFiles, type PutOptions, type PutResult } from "../files/put.ts";
import { REMOVED, type TransferHost } from "../files/tool.ts";
import { knownFields } from "../policy/mod.ts";
import { Box } from "./box.ts";
import { LEFT_MS } from "./clock.ts";
import type { SandboxContext } from "./context.ts";
import { readInside } from "./inside.ts";
import { Making } from "./making.ts";
import { type NetworkLease, openNetwork } from "./network.ts";
import { oomKills } from "./oom.ts";
import { Spoken } from "./session_process.ts";
import {
  boxSpec,
  EXEC_FIELDS,
  milliseconds,
  readCommand,
  readSandbox,
  readWords,
  type SandboxPlan,
  SESSION_FIELDS,
  signalOf,
} from "./spec.ts";
import type {
  ExecOptions,
  ExecResult,
  SecurityReport,
  Session,
  SessionProcess,
  SessionSpec,
  StartOptions,
} from "./types.ts";

const DEFAULT_IDLE_MS = 300_000;
const DEFAULT_TTL_MS = 3_600_000;
const DEFAULT_TOTAL_BYTES = 256 * 1024 * 1024;
/** How much later than its time the engine ends a session. */
const LATER_S = 10;

/** Opens a session. See `Containers.session`. */
export async function openSession(
  context: SandboxContext,
  given: SessionSpec,
): Promise<OpenSession> {
  const fields = knownFields(given, "spec", SESSION_FIELDS);
  const plan = readSandbox(fields, context.facts);
  const limits = {
    idleMs: milliseconds(fields["idleMs"], "spec.idleMs", DEFAULT_IDLE_MS),
    ttlMs: milliseconds(fields["ttlMs"], "spec.ttlMs", DEFAULT_TTL_MS),
    totalBytes: wholeNumber(fields["maxTotalOutputBytes"], "spec.maxTotalOutputBytes", {
      fallback: DEFAULT_TOTAL_BYTES,
      least: 0,
    }),
  };
  const signal = signalOf(fields["signal"], "spec");
  // Its time counts from when it is there; whoever sweeps while it is made, or is late, lets it be.
  const expiresMs = Date.now() + limits.ttlMs + LEFT_MS;
  let network: NetworkLease | undefined;
  let box: Box | undefined;
  const making = new Making(signal, async () => {
    await box?.remove().catch(() => {});
    await network?.close();
  });
  try {
    const lease = await making.step(async () =>
      network = await openNetwork(context, plan.network, expiresMs, signal)
    );
    // The engine ends it by itself, also when nobody is left to close it; later than its time, so that who is left does.
    const program = ["sleep", String(Math.ceil(limits.ttlMs / 1_000) + LATER_S)];
    const made = await making.step(async () =>
      box = await Box.make(context, {
        spec: boxSpec(plan, "session", program, lease, false),
        accepted: plan.accepted,
        expiresMs,
        signal,
      })
    );
    await making.step(() => made.start(signal));
    if (plan.verify !== false) {
      made.report = await made.check(await readInside(context.client, made.id, signal));
    }
    const files = fields["files"] as FilesToPut | undefined;
    if (files !== undefined) {
      await putFiles(context.client, made.id, files, plan.folder, { signal }, REMOVED);
    }
    return new OpenSession(context, made, lease, plan, limits);
  } catch (error) {
    await making.undo();
    throw error;
  }
}

interface Limits {
  readonly idleMs: number;
  readonly ttlMs: number;
  readonly totalBytes: number;
}

/** See `Session` in `types.ts`. */
export class OpenSession implements Session {
  readonly #context: SandboxContext;
  readonly #box: Box;
  readonly #network: NetworkLease;
  readonly #plan: SandboxPlan;
  readonly #limits: Limits;
  readonly #life: ReturnType<typeof setTimeout>;
  readonly #spoken = new Set<Spoken>();
  #idle: ReturnType<typeof setTimeout> | undefined;
  #active = 0;
  #written = 0;
  #oomKills = 0;
  #closed: string | undefined;
  #closing: Promise<void> | undefined;

  /** Takes over a box that runs. */
  constructor(
    context: SandboxContext,
    box: Box,
    network: NetworkLease,
    plan: SandboxPlan,
    limits: Limits,
  ) {
    this.#context = context;
    this.#box = box;
    this.#network = network;
    this.#plan = plan;
    this.#limits = limits;
    this.#life = this.#timer(limits.ttlMs, `its time of ${limits.ttlMs} ms is over`);
    this.#rest();
  }

  get id(): string {
    return this.#box.id;
  }

  get security(): SecurityReport {
    return this.#box.report;
  }

  get closed(): string | undefined {
    return this.#closed;
  }

  async exec(command: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const words = readWords(command, "command");
    const how = readCommand(knownFields(options, "options", EXEC_FIELDS), "options", words);
    const { workingDirectory: workdir = this.#plan.folder, ...rest } = how;
    const plan = { ...rest, command: words, workdir, user: undefined };
    return await this.#busy(async () => {
      const { client } = this.#context;
      const { killed: _, ...result } = await execIn(client, this.id, plan, {
        read: (frames) => this.#counted(frames),
        killAll: () => this.#killAll(),
        oom: (exitCode) => this.#oom(exitCode),
        lingerMs: Infinity,
      });
      // Else its end with the session would look like its own; engines differ in the exit code of such.
      if (this.#closed !== undefined && !result.timedOut) throw this.#closedError();
      return result;
    });
  }

  async start(command: readonly string[], options: StartOptions = {}): Promise<SessionProcess> {
    const words = readWords(command, "command");
    const fields = knownFields(options, "options", ["env", "workingDirectory"]);
    const how = readCommand(fields, "options", words);
    const { workingDirectory = this.#plan.folder, env } = how;
    const request = { command: words, env, workingDirectory, stdin: true };
    return await this.#busy(async () => {
      const { client } = this.#context;
      const begun = new Begun();
      let process = await startExec(client, this.id, killable(request, begun));
      let frames: AsyncIterable<Frame> = await begun.reading(process.frames);
      if (
        begun.pid === undefined && [126, 127].includes((await ended(client, process.id)).exitCode!)
      ) {
        // There is no shell, so that nothing has run.
        process = await startExec(client, this.id, request);
        frames = process.frames;
      }
      const { id } = process;
      this.#active++;
      const spoken: Spoken = new Spoken({ ...process, frames: this.#counted(frames) }, {
        over: () => {
          this.#spoken.delete(spoken);
          this.#release();
        },
        // Of one that ended with the session nobody can say more.
        state: () =>
          this.#closed === undefined ? ended(client, id) : Promise.resolve({ exitCode: null }),
        kill: async () => {
          const result = await killProcess(client, this.id, id, undefined, begun);
          if (result !== "all") await this.#killAll();
        },
      });
      this.#spoken.add(spoken);
      return spoken;
    });
  }

  async putFiles(
    files: FilesToPut,
    destination: string = this.#plan.folder,
    options: PutOptions = {},
  ): Promise<PutResult> {
    const { client } = this.#context;
    const host = this.#transfers();
    return await this.#busy(() => putFiles(client, this.id, files, destination, options, host));
  }

  async getFiles(paths: string | readonly string[], options: GetOptions = {}): Promise<BoxFile[]> {
    const { client } = this.#context;
    return await this.#busy(() => getFiles(client, this.id, paths, options, this.#transfers()));
  }

  /** How files go in and out of it. */
  #transfers(): TransferHost {
    return { folder: this.#plan.folder, killAll: () => this.#killAll() };
  }

  async securityReport(): Promise<SecurityReport> {
    return await this.#busy(async () => {
      const inside = await readInside(this.#context.client, this.id);
      return this.#box.report = await this.#box.check(inside);
    });
  }

  async close(): Promise<void> {
    await this.#end("it was closed");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async *#counted(frames: AsyncIterable<Frame>): AsyncGenerator<Frame, void> {
    const { totalBytes } = this.#limits;
    for await (const frame of frames) {
      this.#written += frame.bytes.length;
      if (this.#written > totalBytes) {
        const what = "bytes of a session's output";
        const why = `its commands wrote over ${totalBytes} bytes`;
        await this.#end(why);
        throw new AgentError(
          "TOO_LARGE",
          `The session is closed: ${why} (spec.maxTotalOutputBytes)`,
          { what, size: this.#written, limit: totalBytes },
        );
      }
      yield frame;
    }
  }

  async #killAll(): Promise<void> {
    await this.#end("a command could not be killed alone");
  }

  /** Whether the kernel killed for memory since it was last looked at; asked for only where a command failed. */
  async #oom(exitCode: number | null): Promise<"killed" | "no"> {
    if (exitCode === 0 || this.#closed !== undefined) return "no";
    const kills = await oomKills(this.#context.client, this.id, exitCode);
    const more = kills > this.#oomKills;
    this.#oomKills = Math.max(kills, this.#oomKills);
    return more ? "killed" : "no";
  }

  async #busy<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closedError();
    this.#active++;
    clearTimeout(this.#idle);
    try {
      return await work();
    } catch (error) {
      // What goes wrong because it is closed under the work is said so.
      const isOurs = AgentError.is(error, "TOO_LARGE") || this.#closed === undefined;
      throw isOurs ? error : this.#closedError(error);
    } finally {
      this.#release();
    }
  }

  #release(): void {
    this.#active--;
    if (this.#active === 0 && this.#closed === undefined) this.#rest();
  }

  #rest(): void {
    const { idleMs } = this.#limits;
    this.#idle = this.#timer(idleMs, `nothing was done in it for ${idleMs} ms`);
  }

  #timer(ms: number, why: string): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#end(why).catch(() => {}), ms);
    // A session that is forgotten does not keep the program alive; its labels tell the sweep.
    Deno.unrefTimer(timer as unknown as number);
    return timer;
  }

  #end(why: string): Promise<void> {
    this.#closed ??= why;
    return this.#closing ??= this.#remove();
  }

  async #remove(): Promise<void> {
    clearTimeout(this.#life);
    clearTimeout(this.#idle);
    try {
      await this.#box.remove();
    } finally {
      // Also those whose output nobody reads to its end.
      for (const spoken of this.#spoken) spoken.lose();
      await this.#network.close();
    }
  }

  #closedError(cause?: unknown): AgentError<"CLOSED"> {
    const error = closedError("session");
    const message = `The session is closed: ${this.#closed}; open a new one`;
    return new AgentError("CLOSED", message, error.details, { cause });
  }
}
