/**
 * The one error class of AGENT and its closed set of codes.
 *
 * Wrong arguments are `TypeError` or `RangeError`; an aborted call rejects with its signal's reason;
 * everything else a caller may want to catch is an {@linkcode AgentError}. Both twins of a
 * capability throw the same class and code.
 *
 * @module
 */

/** What each code carries in {@linkcode AgentError.details}. */
export interface AgentErrorDetails {
  /** The object was closed or disposed before the call. */
  CLOSED: { object: string };
  /** Native code was asked for and cannot be used. */
  NATIVE_REQUIRED: { library: string; state: string };
  /** Native code answered with a failure that is a defect of ours. */
  INTERNAL: { operation: string; status: number };
  /** Something took longer than it was allowed to. Milliseconds. */
  TIMEOUT: { operation: string; timeoutMs: number };
  /** An input or a result is over a documented bound. Bytes or items, as the message says. */
  TOO_LARGE: { what: string; size: number; limit: number };
  /** Memory for a result could not be had. */
  OUT_OF_MEMORY: { operation: string };
  /** A file or a stored record does not hold what it should. */
  CORRUPT: { path: string };
  /** The operating system refused a file, socket or disk operation. */
  IO: { path: string; operation: string };
  /** A file, key or name does not exist. */
  NOT_FOUND: { what: string };
  /** Deno's permissions do not allow what the call needs. */
  PERMISSION: { permission: string; target: string };
  /** The thing asked for cannot be done here. */
  UNSUPPORTED: { what: string };
  /** A server that the call needs cannot be reached, does not answer, or refuses to serve. */
  UNAVAILABLE: { server: string };
  /** A job failed for good. `error` is what its last try failed with. */
  JOB_FAILED: { job: string; attempts: number; error: string };
  /** A program that had to succeed did not. `stderr` is the end of what it wrote there. */
  COMMAND_FAILED: { command: string; exitCode: number; stderr: string };
  /** Something was cancelled by another caller than the one who waited for it. */
  CANCELLED: { what: string };
  /** A network target that must not be probed: not this machine's or a private network's. */
  SCOPE: { target: string; address: string; reason: string };
}

/** The closed set of codes, one for each kind of failure that a program may want to tell apart. */
export type AgentErrorCode = keyof AgentErrorDetails;

/** An error of any code: looking at its `code` tells the type of its `details`. */
export type AnyAgentError = { [C in AgentErrorCode]: AgentError<C> }[AgentErrorCode];

/**
 * A failure that a caller can branch on by `code`.
 *
 * The message says what was wrong, with which value, and what to do; its wording is not contract.
 *
 * @example
 * ```ts
 * import { AgentError } from "@agent/runtime";
 * import assert from "node:assert/strict";
 *
 * const error = new AgentError("CLOSED", "The cache is closed", { object: "cache" });
 * assert.equal(error.code, "CLOSED");
 * assert.equal(error.details.object, "cache");
 * ```
 */
export class AgentError<C extends AgentErrorCode = AgentErrorCode> extends Error {
  /** Which kind of failure it is. */
  readonly code: C;
  /** The values that belong to the code. */
  readonly details: Readonly<AgentErrorDetails[C]>;

  /**
   * Makes an error.
   *
   * @param code Which kind of failure it is.
   * @param message What was wrong, the value, and what to do.
   * @param details The values that belong to the code.
   * @param options The underlying error as `cause`, if there is one.
   */
  constructor(code: C, message: string, details: AgentErrorDetails[C], options?: ErrorOptions) {
    super(message, options);
    this.name = "AgentError";
    this.code = code;
    this.details = details;
  }

  /**
   * Whether a caught value is an `AgentError`, of a given code if one is named.
   *
   * @param error What was caught.
   * @param code The code to look for; any if left out.
   * @returns True if it is, which also narrows the type: of `details` too, by the code or by looking at it.
   *
   * @example
   * ```ts
   * import { AgentError } from "@agent/runtime/errors";
   *
   * function told(error: unknown): string {
   *   if (AgentError.is(error, "TIMEOUT")) return `longer than ${error.details.timeoutMs} ms`;
   *   if (!AgentError.is(error)) return "something else";
   *   return error.code === "IO" ? error.details.path : error.message;
   * }
   * console.log(told(new AgentError("IO", "No such disk", { path: "/x", operation: "read" }))); // "/x"
   * ```
   */
  static is<C extends AgentErrorCode>(error: unknown, code: C): error is AgentError<C>;
  /** Whether it is one of any code. */
  static is(error: unknown): error is AnyAgentError;
  static is(error: unknown, code?: AgentErrorCode): boolean {
    return error instanceof AgentError && (code === undefined || error.code === code);
  }
}
