/**
 * What goes wrong with an engine: the transports' faults, and the errors that callers see. Their wording is here, once
 * for both twins; the engine's own words are kept.
 *
 * @module
 */

import { AgentError, type AgentErrorCode, type AgentErrorDetails } from "../../shared/errors.ts";
import { DEFAULT_HOST, type EngineHost } from "../host.ts";

/** What went wrong in an exchange. */
export type EngineFaultKind =
  | "no-socket"
  | "connect"
  | "connect-timeout"
  | "tls"
  | "reset"
  | "protocol"
  | "head-timeout"
  | "closed";

/** A failed exchange; `message` is the system's or the library's own words, which the twins need not share. */
export class EngineFault extends Error {
  readonly kind: EngineFaultKind;

  /** Makes one. */
  constructor(kind: EngineFaultKind, detail: string) {
    super(detail);
    this.name = "EngineFault";
    this.kind = kind;
  }
}

/** An upgrade that was answered otherwise. */
export class RefusedUpgrade extends Error {
  readonly status: number;
  readonly body: Uint8Array;

  /** Makes one of the answer. */
  constructor(status: number, body: Uint8Array) {
    super(`status ${status}`);
    this.name = "RefusedUpgrade";
    this.status = status;
    this.body = body;
  }
}

/** An error of an engine, with the status that it answered with. */
export class EngineError<C extends AgentErrorCode = AgentErrorCode> extends AgentError<C> {
  /** The status of HTTP; null where there was no answer. */
  readonly status: number | null;
  /** Whether an answer had begun, and the connection ended within it: what was asked for was under way. */
  brokeOff = false;

  /** As an `AgentError`, with a status. */
  constructor(
    code: C,
    message: string,
    details: AgentErrorDetails[C],
    status: number | null,
    options?: ErrorOptions,
  ) {
    super(code, message, details, options);
    this.status = status;
  }
}

const MOST_WORDS = 2_000;

/** The words of an engine in the body of an answer: its `message`, or all of it. */
export function messageIn(body: Uint8Array): string {
  const text = new TextDecoder().decode(body).trim();
  let words = text;
  try {
    const value = JSON.parse(text) as { message?: unknown; cause?: unknown } | null;
    if (typeof value?.message === "string") words = value.message;
  } catch {
    // No JSON: its words are all that there is.
  }
  // What an engine says may quote what a container said, which is anybody's.
  // deno-lint-ignore no-control-regex
  const clean = words.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").trim();
  return clean.length > MOST_WORDS ? `${clean.slice(0, MOST_WORDS)}...` : clean;
}

/** What Podman, and Docker of a container that is not paused, say with status 500. */
const IMPROPER_STATE = /container state improper|is not paused|is not running/i;

/** What Docker and Podman say of a container that they do not know. */
const NO_CONTAINER =
  /^(?:no such container:? |no container with name or ID "?)([a-zA-Z0-9][\w.-]*)/i;

/**
 * The error of an answer whose status is a failure: 404 `NOT_FOUND`, 401 and 403 `PERMISSION`, 400, 405 and 501
 * `UNSUPPORTED`, 409 `UNAVAILABLE` (the state of things does not allow it now), anything else `IO`.
 */
export function statusError(
  host: EngineHost,
  operation: string,
  status: number,
  body: Uint8Array,
): EngineError {
  const words = status === 200 ? "the connection was not upgraded" : messageIn(body);
  const said = `The engine at ${host.text} answered ${operation} with status ${status}` +
    (words === "" ? "" : `: ${words}`);
  // Podman's statistics say nothing at all of one that is not there.
  const [, named] = words === ""
    ? /^\w+ \/containers\/([\w.-]+)\/stats$/.exec(operation) ?? []
    : [];
  const missing = status === 404 ? NO_CONTAINER.exec(words)?.[1] ?? named : undefined;
  if (missing !== undefined) {
    const message = `There is no container ${missing} on the engine at ${host.text}`;
    return new EngineError("NOT_FOUND", message, { what: missing }, status);
  }
  const user = /^unable to find user (.*): no matching/.exec(words)?.[1];
  if (user !== undefined) {
    const message = `There is no user ${user} in the container`;
    return new EngineError("NOT_FOUND", message, { what: user }, status);
  }
  if (status === 404) return new EngineError("NOT_FOUND", said, { what: words }, status);
  if (status === 401 || status === 403) {
    const details = { permission: "engine", target: operation };
    return new EngineError("PERMISSION", said, details, status);
  }
  if (status === 400 || status === 405 || status === 501) {
    return new EngineError("UNSUPPORTED", said, { what: words }, status);
  }
  if (status === 409 || IMPROPER_STATE.test(words)) {
    return new EngineError("UNAVAILABLE", said, { server: host.text }, status);
  }
  return new EngineError("IO", said, { path: host.text, operation }, status);
}

/** The error of an exchange that failed; what is no fault of a transport is given back as it is. */
export function explain(host: EngineHost, operation: string, error: unknown): unknown {
  if (error instanceof RefusedUpgrade) {
    return statusError(host, operation, error.status, error.body);
  }
  if (!(error instanceof EngineFault)) return error;
  if (error.kind === "no-socket") return noSocket(host, error);
  if (error.kind === "closed") {
    const object = "connection to the container engine";
    return new EngineError("CLOSED", `The ${object} is closed; make a new one`, { object }, null);
  }
  if (error.kind === "head-timeout") {
    const timeoutMs = Number(error.message);
    const message = `The engine at ${host.text} did not answer ${operation} within ${timeoutMs} ms`;
    return new EngineError("TIMEOUT", message, { operation, timeoutMs }, null, { cause: error });
  }
  if (host.kind === "unix" && DENIED.test(error.message)) return socketDenied(host.path, error);
  const why = WHY[error.kind];
  return new EngineError(
    "IO",
    `The engine at ${host.text} ${why} (${operation}): ${error.message}`,
    { path: host.text, operation },
    null,
    { cause: error },
  );
}

/** What to do where an engine is not. */
export const ELSEWHERE = "Say where one listens by DOCKER_HOST or the option host";

const WHY = {
  connect: `cannot be reached; is it running? ${ELSEWHERE}`,
  "connect-timeout": `cannot be reached; is it running? ${ELSEWHERE}`,
  tls: "was reached, but there is no TLS connection with it",
  reset: "is gone: the connection ended before the answer did",
  protocol: `does not speak as an engine does. ${ELSEWHERE}`,
} as const;

/** What the system says of a socket that this user may not use; Deno's own permissions were asked for before. */
const DENIED = /permission denied|os error 13\b/i;

function socketDenied(path: string, cause: EngineFault): EngineError<"PERMISSION"> {
  const message =
    `This user may not use the socket ${path}. Join the group that it belongs to, often docker ` +
    `(sudo usermod -aG docker "$USER", then log in anew), or name an engine of this user's own ` +
    `by DOCKER_HOST or the option host (${cause.message})`;
  return new EngineError("PERMISSION", message, { permission: "engine", target: path }, null, {
    cause,
  });
}

function noSocket(host: EngineHost, cause: EngineFault): EngineError<"NOT_FOUND"> {
  const what = host.kind === "unix" ? host.path : host.text;
  const message = host.text === DEFAULT_HOST
    ? `There is no container engine at ${what}, nor at another usual socket that may be looked at. Install Docker ` +
      `(Debian: apt-get install docker.io) or Podman (apt-get install podman, and start podman.socket), or say where ` +
      `an engine listens by DOCKER_HOST or the option host, such as unix:///run/podman/podman.sock`
    : `There is no container engine at ${what}: there is no such socket. Start the engine, or say where one listens ` +
      `by DOCKER_HOST or the option host`;
  return new EngineError("NOT_FOUND", message, { what }, null, { cause });
}
