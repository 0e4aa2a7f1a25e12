/**
 * Options of running a program in a container, checked before the engine is asked.
 *
 * @module
 */

import {
  checkContent,
  checkString,
  wholeNumber,
  wrongType,
  wrongValue,
} from "../../shared/arguments.ts";
import { timeLimit } from "../../shared/deadline.ts";
import { checkCommandSize, knownFields } from "../policy/mod.ts";
import type { Output } from "../sandbox/types.ts";

/** How a program is run in a container that runs already. */
export interface ContainerExecOptions {
  /** Variables beside the container's own. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Who runs it: a name or a number, also with a group (`1000:1000`). Default: the container's own user. */
  user?: string | undefined;
  /** Where it starts. Default: the container's own folder. */
  workdir?: string | undefined;
  /** What it reads; nothing if left out. */
  stdin?: string | Uint8Array | undefined;
  /**
   * Milliseconds until it is killed with all that it started. Default: none. It is killed by the container's own
   * `/bin/sh`; where there is none, or where that does not work, the container is killed, and `killed` says so.
   */
  timeoutMs?: number | undefined;
  /** Bytes that are kept of each of stdout and stderr. Default 1 MiB. */
  maxOutputBytes?: number | undefined;
  /** Is told what it writes as it comes, up to `maxOutputBytes` of each; what is returned is awaited. */
  onOutput?: ((output: Output) => void | Promise<void>) | undefined;
  /** Kills it, as `timeoutMs` does, and rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What was checked. */
export interface ExecPlan {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly workdir: string | undefined;
  readonly stdin: Uint8Array | undefined;
  readonly timeoutMs: number | undefined;
  readonly maxOutputBytes: number;
  readonly onOutput: ((output: Output) => void | Promise<void>) | undefined;
  readonly signal: AbortSignal | undefined;
}

const FIELDS = [
  "env",
  "user",
  "workdir",
  "stdin",
  "timeoutMs",
  "maxOutputBytes",
  "onOutput",
  "signal",
];
const DEFAULT_OUTPUT_BYTES = 1_048_576;
const MOST_OUTPUT_BYTES = 1_073_741_824;

/** Checks them. */
export function planExec(command: readonly string[], given: ContainerExecOptions): ExecPlan {
  if (!Array.isArray(command) || command.length === 0 || command[0] === "") {
    throw wrongType("command", "a program and its arguments, as an array of strings", command);
  }
  // A copy without holes, which would be passed over.
  const words = Array.from<unknown>(command);
  words.forEach((word, at) => checkWord(word, `command[${at}]`));
  const options: ContainerExecOptions = knownFields(given, "options", FIELDS);
  const { user, workdir, stdin, onOutput, signal } = options;
  if (user !== undefined) checkWord(user, "options.user");
  if (workdir !== undefined) {
    checkWord(workdir, "options.workdir");
    if (!workdir.startsWith("/")) {
      throw wrongValue("options.workdir", "an absolute path in the container", workdir);
    }
  }
  if (stdin !== undefined) checkContent(stdin, "options.stdin");
  if (onOutput !== undefined && typeof onOutput !== "function") {
    throw wrongType("options.onOutput", "a function", onOutput);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw wrongType("options.signal", "an AbortSignal", signal);
  }
  const env = planEnv(options.env);
  checkCommandSize(words as string[], env);
  return {
    command: words as string[],
    env,
    user,
    workdir,
    stdin: typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin?.slice(),
    timeoutMs: options.timeoutMs === undefined ? undefined : timeLimit(options.timeoutMs, 0),
    maxOutputBytes: wholeNumber(options.maxOutputBytes, "options.maxOutputBytes", {
      fallback: DEFAULT_OUTPUT_BYTES,
      least: 0,
      most: MOST_OUTPUT_BYTES,
    }),
    onOutput,
    signal,
  };
}

function planEnv(env: unknown): Record<string, string> {
  if (env === undefined) return {};
  if (env === null || typeof env !== "object" || Array.isArray(env)) {
    throw wrongType("options.env", "an object of strings", env);
  }
  for (const [name, value] of Object.entries(env)) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name)) {
      throw wrongValue("a name in options.env", "the name of a variable", name);
    }
    // Its value may be a secret, and is not shown.
    if (typeof value !== "string" || value.includes("\0")) {
      throw new TypeError(`options.env.${name} must be a string without NUL`);
    }
  }
  return { ...env } as Record<string, string>;
}

function checkWord(value: unknown, name: string): void {
  checkString(value, name);
  if (value.includes("\0")) throw wrongValue(name, "text without NUL", value);
}
