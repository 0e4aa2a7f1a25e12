/**
 * A container that is there: started, held, looked at, run in, ended.
 *
 * @module
 */

import { checkBoolean, wholeNumber, wrongType, wrongValue } from "../../shared/arguments.ts";
import { unlessAborted } from "../../shared/abort.ts";
import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { QUICK_MS, SLOW_MS } from "../engine/times.ts";
import { segment } from "../engine/target.ts";
import { getFiles, type GetOptions } from "../files/get.ts";
import { putFiles, type PutOptions, type PutResult } from "../files/put.ts";
import type { FilesToPut } from "../files/sources.ts";
import type { BoxFile } from "../files/take.ts";
import { knownFields } from "../policy/mod.ts";
import { containerReport, type SecurityReportOptions } from "../sandbox/container_report.ts";
import type { SecurityReport } from "../sandbox/types.ts";
import { type ContainerExecResult, execIn } from "./exec.ts";
import { type ContainerExecOptions, planExec } from "./exec_options.ts";
import { readLogs } from "./logs.ts";
import { removeContainer } from "./removal.ts";
import { explainState } from "./state_error.ts";
import { compareSamples, isSample, LEAST_WINDOW_MS, type Sample, windowOf } from "./stats.ts";
import type { ContainerDetails, ContainerStats, LogLine, LogOptions } from "./types.ts";
import { viewContainer } from "./view.ts";
import type { WireContainer, WireStats } from "./wire.ts";

/** What every question takes. */
export interface ContainerCall {
  /** Ends the question, not what it began. */
  signal?: AbortSignal | undefined;
}

/** How a container is inspected. */
export interface InspectOptions extends ContainerCall {
  /** Whether the values of variables are shown. Default false: they may be secrets. */
  secrets?: boolean | undefined;
}

/** How a container ended. */
export interface ContainerEnd {
  /** Of its first process: 128 and the signal's number if a signal ended it. */
  exitCode: number;
  /** The engine's words, if it could not be waited for properly. */
  error: string | null;
}

/** A sample of an earlier call counts if it is no older. */
const MOST_WINDOW_MS = 60_000;
/** How long an engine is asked again whose samples do not become newer. */
const MOST_MEASURE_MS = 3_000;
/** The longest that a timer waits. */
const LONGEST_MS = 2_147_483_647;
const LOG_FIELDS = ["follow", "since", "until", "tail", "timestamps", "streams", "signal"];

/** A container. Made by `get()` and `deploy()`; nothing is asked before a method is called. */
export class Container {
  /** Its id, or the name that it was asked for by. */
  readonly id: string;
  readonly #client: EngineClient;
  readonly #path: string;
  #sample: Sample | undefined;

  /**
   * Names a container.
   *
   * @param client Its engine.
   * @param id Its id, the beginning of it, or its name.
   */
  constructor(client: EngineClient, id: string) {
    this.id = id;
    this.#client = client;
    const name = segment(id, "id");
    if (name.includes("/")) throw wrongValue("id", "a container's id or name", id);
    this.#path = `/containers/${name}`;
  }

  /** Starts it. One that runs is fine. */
  start(options?: ContainerCall): Promise<void>;
  async start(options: ContainerCall = {}): Promise<void> {
    await this.#post("start", options, [304]);
  }

  /** Holds all its processes where they are. `UNAVAILABLE` if it does not run, or is held already. */
  pause(options?: ContainerCall): Promise<void>;
  async pause(options: ContainerCall = {}): Promise<void> {
    await this.#post("pause", options);
  }

  /** Lets them go on. `UNAVAILABLE` if it is not held. */
  unpause(options?: ContainerCall): Promise<void>;
  async unpause(options: ContainerCall = {}): Promise<void> {
    await this.#post("unpause", options);
  }

  /**
   * Asks it to end, and kills it if it does not. One that has ended is fine.
   *
   * @param options Milliseconds that it has, in whole seconds; default 10,000.
   */
  stop(options?: ContainerCall & { graceMs?: number }): Promise<void>;
  async stop(options: ContainerCall & { graceMs?: number } = {}): Promise<void> {
    const { graceMs } = knownFields(options, "options", ["graceMs", "signal"]);
    const grace = wholeNumber(graceMs, "options.graceMs", { fallback: 10_000, least: 0 });
    const timeoutMs = Math.min(grace + SLOW_MS, LONGEST_MS);
    await this.#post("stop", options, [304], { t: Math.ceil(grace / 1_000) }, timeoutMs);
  }

  /**
   * Sends a signal to its first process; `SIGKILL` ends all of it.
   *
   * @param options The signal's name. Default `SIGKILL`. `UNAVAILABLE` if it does not run.
   */
  kill(options?: { name?: string; signal?: AbortSignal }): Promise<void>;
  async kill(options: { name?: string; signal?: AbortSignal } = {}): Promise<void> {
    const { name = "SIGKILL" } = knownFields(options, "options", ["name", "signal"]);
    if (typeof name !== "string" || !/^SIG[A-Z0-9+-]{2,12}$/.test(name)) {
      throw wrongType("options.name", "the name of a signal, such as SIGTERM", name);
    }
    await this.#post("kill", options, [], { signal: name });
  }

  /**
   * Removes it, with the volumes that have no name.
   *
   * @param options With `force` also one that runs; else `UNAVAILABLE`.
   */
  remove(options?: ContainerCall & { force?: boolean }): Promise<void>;
  async remove(options: ContainerCall & { force?: boolean } = {}): Promise<void> {
    const { force } = knownFields(options, "options", ["force", "signal"]);
    if (force !== undefined) checkBoolean(force, "options.force");
    const { signal } = options;
    await removeContainer(this.#client, this.#path, { force: force === true, signal });
  }

  /**
   * All of it.
   *
   * @param options With `secrets` the values of its variables, which may be passwords; else each is `[redacted]`.
   */
  inspect(options?: InspectOptions): Promise<ContainerDetails>;
  async inspect(options: InspectOptions = {}): Promise<ContainerDetails> {
    const given: InspectOptions = knownFields(options, "options", ["secrets", "signal"]);
    const { signal, secrets = false } = given;
    checkBoolean(secrets, "options.secrets");
    const call = { signal, timeoutMs: QUICK_MS };
    const found = await this.#client.json<WireContainer>("GET", `${this.#path}/json`, call);
    return viewContainer(found, this.#client.engine, secrets);
  }

  /**
   * Waits until it does not run.
   *
   * @returns How its first process ended.
   */
  wait(options?: ContainerCall): Promise<ContainerEnd>;
  async wait(options: ContainerCall = {}): Promise<ContainerEnd> {
    const ended = await this.#client.json<
      { StatusCode?: number; Error?: { Message?: string } | null }
    >("POST", `${this.#path}/wait`, {
      query: { condition: "not-running" },
      signal: options.signal,
    });
    return { exitCode: ended.StatusCode ?? -1, error: ended.Error?.Message || null };
  }

  /**
   * What it writes, line by line, and wrote before. Leaving the iteration ends it.
   *
   * @param options Which lines.
   */
  logs(options?: LogOptions): AsyncGenerator<LogLine, void>;
  async *logs(options: LogOptions = {}): AsyncGenerator<LogLine, void> {
    checkLogs(options);
    yield* readLogs(this.#client, this.#path, options);
  }

  /**
   * What it uses: from two samples, half a second apart (a second where the engine counts no oftener, as Docker does) or
   * since the last call if that is no longer ago than a minute.
   *
   * @throws {AgentError} `UNAVAILABLE` if it does not run.
   */
  stats(options?: ContainerCall): Promise<ContainerStats>;
  async stats(options: ContainerCall = {}): Promise<ContainerStats> {
    const { signal } = knownFields(options, "options", ["signal"]) as ContainerCall;
    const first = this.#sample;
    let after = await this.#measure(signal);
    let before = after;
    const isRecent = first !== undefined && windowOf(first, after).ms <= MOST_WINDOW_MS;
    if (isRecent && windowOf(first, after).reason === undefined) before = first;
    // By the engine's clock, which says when it counted: it may answer twice with the same.
    const until = performance.now() + MOST_MEASURE_MS;
    while (windowOf(before, after).ms < LEAST_WINDOW_MS && performance.now() < until) {
      const left = LEAST_WINDOW_MS - Math.max(0, windowOf(before, after).ms);
      await unlessAborted(new Promise((resolve) => setTimeout(resolve, Math.ceil(left))), signal);
      after = await this.#measure(signal);
    }
    this.#sample = after;
    const { limits } = await this.inspect({ signal });
    return compareSamples(before, after, limits.memoryBytes);
  }

  /**
   * Runs a program in it to its end.
   *
   * @param command The program and its arguments; no shell reads them.
   * @param options What it gets, and its bounds.
   * @returns How it ended. A program that there is not has exit code 126 or 127, with the engine's words as output.
   * @throws {AgentError} `UNAVAILABLE` if the container does not run; `NOT_FOUND`; `IO`.
   */
  exec(command: readonly string[], options?: ContainerExecOptions): Promise<ContainerExecResult>;
  async exec(
    command: readonly string[],
    options: ContainerExecOptions = {},
  ): Promise<ContainerExecResult> {
    const plan = planExec(command, options);
    return await execIn(this.#client, segment(this.id, "id"), plan);
  }

  /**
   * What holds it: what was asked for against what is there, control by control. What was asked a label of ours says; of
   * a container that was made otherwise `requested` and `ok` are null, and nothing is required.
   *
   * @param options Whether the kernel is asked from inside too.
   * @throws {AgentError} `NOT_FOUND`; `IO`.
   */
  securityReport(options?: SecurityReportOptions): Promise<SecurityReport>;
  async securityReport(options: SecurityReportOptions = {}): Promise<SecurityReport> {
    return await containerReport(this.#client, this.id, options);
  }

  /** Puts files into a folder of it; see `putFiles` of `files/put.ts`. */
  putFiles(files: FilesToPut, destination: string, options?: PutOptions): Promise<PutResult>;
  async putFiles(
    files: FilesToPut,
    destination: string,
    options: PutOptions = {},
  ): Promise<PutResult> {
    return await putFiles(this.#client, this.id, files, destination, options);
  }

  /** Takes files out of it. */
  getFiles(paths: string | readonly string[], options?: GetOptions): Promise<BoxFile[]>;
  async getFiles(
    paths: string | readonly string[],
    options: GetOptions = {},
  ): Promise<BoxFile[]> {
    return await getFiles(this.#client, this.id, paths, options);
  }

  async #post(
    action: string,
    { signal }: ContainerCall,
    accept: readonly number[] = [],
    query?: Record<string, string | number>,
    timeoutMs = SLOW_MS,
  ): Promise<void> {
    const call = { accept, query, signal, timeoutMs };
    await this.#client.empty("POST", `${this.#path}/${action}`, call).catch(async (error) => {
      throw await explainState(this.#client, this.#path, error);
    });
  }

  async #measure(signal: AbortSignal | undefined): Promise<Sample> {
    const query = { stream: "false", "one-shot": "true" };
    const path = `${this.#path}/stats`;
    const askedMs = performance.now();
    const call = { query, signal, timeoutMs: QUICK_MS };
    const wire = await this.#client.json<WireStats | null>("GET", path, call);
    if (isSample(wire)) return { wire, askedMs, toldMs: performance.now() };
    throw new AgentError(
      "UNAVAILABLE",
      `The container ${this.id} does not run; there is nothing to measure`,
      { server: this.#client.host.text },
    );
  }
}

function checkLogs(options: LogOptions): void {
  const fields = knownFields(options, "options", LOG_FIELDS);
  for (const name of ["follow", "timestamps"] as const) {
    if (fields[name] !== undefined) checkBoolean(fields[name], `options.${name}`);
  }
  for (const name of ["since", "until"] as const) {
    const time = options[name];
    const seconds = time instanceof Date ? time.getTime() / 1_000 : time;
    if (time !== undefined && !(typeof seconds === "number" && seconds >= 0 && seconds < 1e11)) {
      throw wrongType(`options.${name}`, "a Date or seconds since 1970", time);
    }
  }
  if (options.tail !== undefined) wholeNumber(options.tail, "options.tail", { least: 0 });
  const { streams } = options;
  const known = Array.isArray(streams) && streams.length > 0 &&
    streams.every((stream) => stream === "stdout" || stream === "stderr");
  if (streams !== undefined && !known) {
    throw wrongType("options.streams", '"stdout", "stderr" or both, in an array', streams);
  }
}
