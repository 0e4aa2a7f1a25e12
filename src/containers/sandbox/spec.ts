/**
 * Reads what a caller asks of a sandbox, before an engine is asked anything.
 *
 * @module
 */

import {
  checkBoolean,
  checkContent,
  checkStrings,
  checkWord,
  wholeNumber,
  wrongType,
} from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { judgeEgress } from "../egress/allow.ts";
import type { Egress, EgressOptions } from "../egress/types.ts";
import { pathFrom } from "../files/paths.ts";
import {
  acceptedWeaker,
  checkCommandSize,
  commandWords,
  type ContainerKind,
  containerPath,
  type ContainerSpec,
  type ControlName,
  type EngineFacts,
  environment,
  type TmpfsMount,
} from "../policy/mod.ts";
import { NOTHING_SIGNAL } from "./last_end.ts";
import type { Isolation, Output, SandboxNetwork, SandboxSpec } from "./types.ts";

/** The fields of every sandbox. */
const SANDBOX_FIELDS = [
  "image",
  "env",
  "workingDirectory",
  "user",
  "limits",
  "tmpfs",
  "network",
  "isolation",
  "acceptWeaker",
  "verify",
] as const satisfies readonly (keyof SandboxSpec)[];
/** The fields of every command. */
const COMMAND_FIELDS = [
  "env",
  "workingDirectory",
  "stdin",
  "timeoutMs",
  "maxOutputBytes",
  "onOutput",
  "signal",
] as const;
/** The fields of `run`, of `exec` in a session, and of `run` in a pool. */
export const RUN_FIELDS = [...SANDBOX_FIELDS, ...COMMAND_FIELDS, "command", "files", "outputs"];
export const EXEC_FIELDS: readonly string[] = COMMAND_FIELDS;
export const POOL_RUN_FIELDS = [...COMMAND_FIELDS, "command", "files"];
export const SESSION_FIELDS = [
  ...SANDBOX_FIELDS,
  ...["files", "idleMs", "ttlMs", "maxTotalOutputBytes", "signal"],
];
export const POOL_FIELDS = [...SANDBOX_FIELDS, "size", "maxAgeMs"];

const ISOLATIONS: readonly Isolation[] = [
  "auto",
  "runc",
  "runsc",
  "required:runc",
  "required:runsc",
];
const DEFAULT_FOLDER = "/workspace";
const NOBODY = "65534:65534";
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_OUTPUT_BYTES = 1 << 20;
/** More would not fit into one string. */
const MOST_OUTPUT_BYTES = 1 << 28;
/** What timers count to. */
const MOST_MS = 2_147_483_647;

/** A sandbox that may be asked for. */
export interface SandboxPlan {
  /** What the container is, without its program. */
  readonly spec: Omit<ContainerSpec, "kind" | "network">;
  readonly network: SandboxNetwork;
  readonly accepted: readonly ControlName[];
  readonly folder: string;
  /** undefined: not said. */
  readonly verify: boolean | undefined;
}

/** Reads what all sandboxes are asked; the fields were known. */
export function readSandbox(fields: Record<string, unknown>, facts: EngineFacts): SandboxPlan {
  const { image, env, user, limits, tmpfs, verify } = fields as unknown as SandboxSpec;
  const folder = folderOf(fields, tmpfs);
  if (verify !== undefined) checkBoolean(verify, "spec.verify");
  const accepted = acceptedWeaker(fields["acceptWeaker"], "spec.acceptWeaker");
  const runtime = runtimeOf(fields["isolation"], facts);
  if (runtime !== undefined && !accepted.includes("runtime")) checkRuntime(runtime, facts);
  return {
    spec: {
      profile: "sandbox",
      image,
      env,
      user,
      limits,
      tmpfs: owned(tmpfs, user),
      workdir: folder,
      ...(runtime === undefined ? {} : { runtime }),
    },
    network: networkOf(fields["network"]),
    accepted,
    folder,
    verify,
  };
}

/** The container of a sandbox: what all have in common, with its program and its network. */
export function boxSpec(
  plan: SandboxPlan,
  kind: ContainerKind,
  program: readonly string[],
  lease: Pick<Egress, "network" | "env" | "hosts" | "dns">,
  stdin: boolean,
): ContainerSpec {
  const { network, hosts, dns } = lease;
  return {
    ...plan.spec,
    kind,
    network,
    hosts,
    dns,
    env: { ...lease.env, ...plan.spec.env },
    stdin,
    // A session ends by its own program, and may be asked to.
    ...(kind === "session" ? {} : { stopSignal: NOTHING_SIGNAL, stopSeconds: 1 }),
    // As the entrypoint: what an image has there must not stand before the command.
    entrypoint: program,
  };
}

/** Where commands start: where there is a folder that can be written, unless said otherwise. */
function folderOf(fields: Record<string, unknown>, tmpfs: unknown): string {
  const { workingDirectory } = fields;
  if (workingDirectory !== undefined) {
    return containerPath(workingDirectory, "spec.workingDirectory");
  }
  if (!Array.isArray(tmpfs)) return DEFAULT_FOLDER;
  const paths = tmpfs.map((mount) => (mount as { path?: unknown } | null)?.path);
  return paths.includes(DEFAULT_FOLDER) ? DEFAULT_FOLDER : "/";
}

/**
 * Folders in memory, the user's own unless said otherwise: a runtime may give one the mode of the folder that it is
 * mounted over, and the engine makes the working directory as root's.
 */
function owned(tmpfs: SandboxSpec["tmpfs"], user: string | undefined): SandboxSpec["tmpfs"] {
  const [, uid, gid] = /^(\d{1,10}):(\d{1,10})$/.exec(user ?? NOBODY) ?? [];
  // What is wrong about either, the policy says.
  if (!Array.isArray(tmpfs) || uid === undefined) return tmpfs;
  return tmpfs.map((mount: unknown) =>
    mount !== null && typeof mount === "object" && !("uid" in mount) && !("gid" in mount)
      ? { ...mount as TmpfsMount, uid: Number(uid), gid: Number(gid) }
      : mount as TmpfsMount
  );
}

/** Podman lists runtimes that may not be installed, so `auto` takes gVisor from Docker alone. */
function runtimeOf(value: unknown, facts: EngineFacts): string | undefined {
  const isolation = value ?? "auto";
  checkWord(isolation, "spec.isolation", ISOLATIONS);
  if (isolation !== "auto") return isolation.replace("required:", "");
  return facts.engine === "docker" && facts.runtimes?.includes("runsc") ? "runsc" : undefined;
}

function checkRuntime(runtime: string, { engine, runtimes = [] }: EngineFacts): void {
  if (runtimes.includes(runtime)) return;
  throw new AgentError(
    "UNSUPPORTED",
    `${engine} has no runtime ${runtime}; it has ${runtimes.join(", ") || "none that it names"}`,
    { what: runtime },
  );
}

function networkOf(value: unknown): SandboxNetwork {
  if (value === undefined || value === "none") return "none";
  if (value === null || typeof value !== "object") {
    throw wrongType("spec.network", '"none" or { allow: [...] }', value);
  }
  // Whether it is one; the proxy gets the same.
  const { rules } = judgeEgress(value as EgressOptions, "spec.network");
  return rules.length === 0 ? "none" : value as EgressOptions;
}

/** How a command is run. */
export interface CommandPlan {
  readonly env: Readonly<Record<string, string>>;
  readonly workingDirectory: string | undefined;
  readonly stdin: Uint8Array | undefined;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly onOutput: ((output: Output) => void | Promise<void>) | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Reads how a command is run; throws the signal's reason if it is aborted. */
export function readCommand(
  fields: Record<string, unknown>,
  name: string,
  command: readonly string[],
): CommandPlan {
  const { env, workingDirectory, stdin, onOutput, signal } = fields;
  environment(env, `${name}.env`);
  checkCommandSize(command, { ...env as Record<string, string> | undefined });
  if (stdin !== undefined) checkContent(stdin, `${name}.stdin`);
  if (onOutput !== undefined && typeof onOutput !== "function") {
    throw wrongType(`${name}.onOutput`, "a function", onOutput);
  }
  return {
    env: { ...env as Record<string, string> | undefined },
    workingDirectory: workingDirectory === undefined
      ? undefined
      : containerPath(workingDirectory, `${name}.workingDirectory`),
    stdin: typeof stdin === "string"
      ? new TextEncoder().encode(stdin)
      : (stdin as Uint8Array | undefined)?.slice(),
    timeoutMs: milliseconds(fields["timeoutMs"], `${name}.timeoutMs`, DEFAULT_TIMEOUT_MS),
    maxOutputBytes: wholeNumber(fields["maxOutputBytes"], `${name}.maxOutputBytes`, {
      fallback: DEFAULT_OUTPUT_BYTES,
      least: 0,
      most: MOST_OUTPUT_BYTES,
    }),
    onOutput: onOutput as CommandPlan["onOutput"],
    signal: signalOf(signal, name),
  };
}

/** The caller's signal; throws its reason if it is aborted. */
export function signalOf(signal: unknown, name: string): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (!(signal instanceof AbortSignal)) throw wrongType(`${name}.signal`, "an AbortSignal", signal);
  signal.throwIfAborted();
  return signal;
}

/** A time in whole milliseconds. */
export function milliseconds(value: unknown, name: string, fallback: number): number {
  return wholeNumber(value, name, { fallback, least: 1, most: MOST_MS });
}

/** The program and its arguments. */
export function readWords(value: unknown, name: string): readonly string[] {
  return commandWords(value, name);
}

/** Paths that are taken out; relative ones are in the working directory. */
export function readOutputs(value: unknown, folder: string): readonly string[] {
  if (value === undefined) return [];
  checkStrings(value, "spec.outputs");
  return value.map((path, at) => pathFrom(path, `spec.outputs[${at}]`, folder));
}
