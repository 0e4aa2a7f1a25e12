/**
 * What a sandbox is asked to do, and what it says. Types only.
 *
 * @module
 */

import type { EgressOptions } from "../egress/types.ts";
import type { BoxFile, GetOptions } from "../files/get.ts";
import type { FilesToPut, PutOptions, PutResult } from "../files/put.ts";
import type { ContainerLimits, ControlName, TmpfsMount } from "../policy/mod.ts";

/**
 * Which wall stands between a sandbox and the kernel. `runc` shares the machine's kernel; `runsc` (gVisor) has one of its
 * own in between; `auto` is `runsc` where the engine has it, else the engine's default. A wish for one that the engine has
 * not is an error, never a weaker wall; `required:` before the name says the same in so many words.
 */
export type Isolation = "auto" | "runc" | "runsc" | "required:runc" | "required:runsc";

/** Where a sandbox can reach: nowhere, or named hosts alone, through a proxy. An empty list is nowhere. */
export type SandboxNetwork = "none" | EgressOptions;

/** What all sandboxes are asked. Unknown fields are errors. */
export interface SandboxSpec {
  /** The image, by name or digest; it must be there already. */
  image: string;
  /** Variables of the environment. Nothing of this process's own is added. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Where commands start. Default `/workspace`. */
  workingDirectory?: string | undefined;
  /** Who runs it, `uid:gid` as numbers; never root. Default `65534:65534`. */
  user?: string | undefined;
  /** Bounds: memory, processors, processes, files. */
  limits?: ContainerLimits | undefined;
  /** Folders in memory that can be written. Default: `/tmp` and `/workspace`. */
  tmpfs?: readonly TmpfsMount[] | undefined;
  /** Default `"none"`. */
  network?: SandboxNetwork | undefined;
  /** Default `"auto"`. */
  isolation?: Isolation | undefined;
  /** Controls that may be missing; see `securityReport`. Default: none. */
  acceptWeaker?: readonly string[] | undefined;
  /**
   * Whether the controls are read from inside too before anything of the caller's runs there; needs `sh` in the
   * image. Default: true for sessions and pools, whose start it is part of, false for `run`, where it costs a process.
   */
  verify?: boolean | undefined;
}

/** One command, its bounds and files. */
export interface RunSpec extends SandboxSpec {
  /** The program and its arguments; no shell reads them. */
  command: readonly string[];
  /** What it reads from its stdin. Default: nothing. */
  stdin?: string | Uint8Array | undefined;
  /** Files that are put into its working directory before it starts; needs `sh` and `tar` in the image. */
  files?: FilesToPut | undefined;
  /**
   * Paths that are taken out when it has ended by itself, absolute or in its working directory; needs `sh`, `sleep` and
   * `tar` in the image. That has a time of its own, as long as `timeoutMs`.
   */
  outputs?: readonly string[] | undefined;
  /**
   * Milliseconds until it is killed, counted from the call: the making of its sandbox and the putting of its files are
   * part of them. `timedOut` says so; if the engine had not started it by then, it is an error (`TIMEOUT`). Default 60,000.
   */
  timeoutMs?: number | undefined;
  /** Bytes that are kept of each of stdout and stderr. Default 1 MiB. */
  maxOutputBytes?: number | undefined;
  /** Is told what it writes as it comes, up to `maxOutputBytes` of each; what is returned is awaited. */
  onOutput?: ((output: Output) => void | Promise<void>) | undefined;
  /** Kills it and rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** A piece of what a command wrote. */
export interface Output {
  /** Where it wrote it. */
  readonly stream: "stdout" | "stderr";
  /** The bytes; characters may be cut at its ends. */
  readonly bytes: Uint8Array;
}

/** How a command ended. */
export interface ExecResult {
  /** Its exit code: 128 and the signal's number if a signal ended it; null if this package did. */
  exitCode: number | null;
  /** What it wrote, as UTF-8, up to the bound. */
  stdout: string;
  /** The same for stderr. */
  stderr: string;
  /** Whether output was dropped. */
  truncated: boolean;
  /** Bytes that were dropped of each. */
  dropped: { stdout: number; stderr: number };
  /** Whether it was killed because its time was over. */
  timedOut: boolean;
  /** Whether the kernel killed a process of it because the memory was used up; see {@linkcode ExecResult.oom}. */
  oomKilled: boolean;
  /**
   * The same with what is not known: `unknown` where the command was killed from outside and the engine does not say why.
   * Podman does not; `oomKilled` is false then.
   */
  oom: "killed" | "no" | "unknown";
  /** Milliseconds from the start of the command to its end. */
  durationMs: number;
}

/** How a command of `run` ended. */
export interface RunResult extends ExecResult {
  /** What was taken out: those of `outputs`; empty if it was killed. */
  files: BoxFile[];
  /** What held it. */
  security: SecurityReport;
}

/** What a session is asked. */
export interface SessionSpec extends SandboxSpec {
  /** Files that are put into its working directory at the start. */
  files?: FilesToPut | undefined;
  /** Milliseconds without a command until it closes itself. Default 300,000. */
  idleMs?: number | undefined;
  /** Milliseconds until it closes itself in any case; the container ends by itself then, also without us. Default 3,600,000. */
  ttlMs?: number | undefined;
  /** Bytes that all its commands together may write until it closes itself. Default 256 MiB. */
  maxTotalOutputBytes?: number | undefined;
  /** Ends its opening early. */
  signal?: AbortSignal | undefined;
}

/** One command of a session. */
export interface ExecOptions {
  /** Variables beside the session's own. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Where it starts. Default: the session's own. */
  workingDirectory?: string | undefined;
  /** What it reads from its stdin. */
  stdin?: string | Uint8Array | undefined;
  /** Milliseconds until it is killed. Default 60,000. */
  timeoutMs?: number | undefined;
  /** Bytes that are kept of each of stdout and stderr. Default 1 MiB. */
  maxOutputBytes?: number | undefined;
  /** Is told what it writes as it comes. */
  onOutput?: ((output: Output) => void | Promise<void>) | undefined;
  /** Kills it and rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What is started to be spoken with. */
export interface StartOptions {
  /** Variables beside the session's own. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Where it starts. Default: the session's own. */
  workingDirectory?: string | undefined;
}

/** A process of a session that is spoken with, such as an interpreter. */
export interface SessionProcess extends AsyncDisposable {
  /** The next piece of what it writes; undefined at its end. Where nobody reads, it is held up. */
  read(): Promise<Output | undefined>;
  /** The same as a loop, which may be left and entered again. */
  readonly output: AsyncIterable<Output>;
  /** Writes to its stdin. */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends its stdin. */
  closeStdin(): Promise<void>;
  /** Waits for its end, once its output was read. */
  ended(): Promise<{ exitCode: number | null }>;
  /** Kills it, with all that it started. */
  kill(): Promise<void>;
}

/** A sandbox that is kept for several commands. */
export interface Session extends AsyncDisposable {
  /** The container's id. */
  readonly id: string;
  /** What holds it, as it was read at the start. */
  readonly security: SecurityReport;
  /** Why it is closed; undefined while it is open. */
  readonly closed: string | undefined;
  /** Runs a command to its end. Files, and processes that it leaves behind, are there for the next. */
  exec(command: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /** Starts a program to speak with. */
  start(command: readonly string[], options?: StartOptions): Promise<SessionProcess>;
  /** Puts files into a folder, absolute or in the working directory. Default: the working directory itself. */
  putFiles(files: FilesToPut, destination?: string, options?: PutOptions): Promise<PutResult>;
  /** Takes files out, by absolute paths or paths in the working directory. */
  getFiles(paths: string | readonly string[], options?: GetOptions): Promise<BoxFile[]>;
  /** Reads anew what holds it. */
  securityReport(): Promise<SecurityReport>;
  /** Removes it with all that is in it. */
  close(): Promise<void>;
}

/** What a warm pool is asked: what all its sandboxes are. */
export interface PoolOptions extends SandboxSpec {
  /** How many wait, started. Default 1, at most 64. */
  size?: number | undefined;
  /** Milliseconds after which one that nobody took is replaced. Default 600,000. */
  maxAgeMs?: number | undefined;
}

/** One command of a pool: the image and what holds it are the pool's. */
export type PoolRunSpec = Pick<
  RunSpec,
  | "command"
  | "env"
  | "workingDirectory"
  | "stdin"
  | "files"
  | "timeoutMs"
  | "maxOutputBytes"
  | "onOutput"
  | "signal"
>;

/** Sandboxes that were started before they are needed; each runs one command and is removed. */
export interface Pool extends AsyncDisposable {
  /** How many wait now. */
  readonly ready: number;
  /** Waits until as many wait as there should. */
  warm(): Promise<void>;
  /** Runs a command in one of them; starts one if none waits. Needs `sh` in the image. */
  run(spec: PoolRunSpec): Promise<RunResult>;
  /** Kills the commands that run, which reject with `CLOSED`, and removes all sandboxes. */
  close(): Promise<void>;
}

/** One control of a sandbox. */
export interface ControlReport {
  /** Its word, as `acceptWeaker` takes it. */
  readonly control: ControlName;
  /** What was asked for; null if nobody knows. */
  readonly requested: string | null;
  /** What is there; null if it cannot be read, and `note` says why. */
  readonly effective: string | null;
  /** Whether what is there holds what was asked; null if either is not known. */
  readonly ok: boolean | null;
  /** Whether a sandbox without it is refused. */
  readonly required: boolean;
  /** Where `effective` was read: what the engine says, or what the kernel says inside. */
  readonly how: "inspect" | "inside";
  /** What should be known about it. */
  readonly note: string | null;
}

/** What holds a sandbox: asked for against what is there. */
export interface SecurityReport {
  /** Whether every required control holds; null for a container of which nobody knows what was asked. */
  readonly ok: boolean | null;
  /** What stands between it and the kernel: `shared-kernel` for runc, `own-kernel` for gVisor. */
  readonly isolation: "shared-kernel" | "own-kernel";
  /** The engine and its version. */
  readonly engine: string;
  /** The runtime that started it, by the engine's name. */
  readonly runtime: string | null;
  /** Whether the kernel was asked from inside too. */
  readonly verified: boolean;
  /** Every control, those read from inside after those of the engine. */
  readonly controls: readonly ControlReport[];
  /** What a reader must know beside that, a sentence each. */
  readonly warnings: readonly string[];
}
