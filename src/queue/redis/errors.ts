/**
 * What a queue on Redis says of a server that is away, unfit or refuses, and of what BullMQ cannot do. Servers are
 * named as {@linkcode Address.shown} shows them: never with a password.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { isConnectionLost } from "./client.ts";

/** The error of a server that could not be connected to. */
export function unreachable(server: string, cause: Error): AgentError<"UNAVAILABLE"> {
  const refused = /^[A-Z]{3,} /.test(cause.message);
  const text = refused
    ? `let nobody in: ${cause.message}; check user, password and database in the URL, and that the user may run scripts`
    : `cannot be reached: ${reasonOf(cause)}; is it running, and is the URL right?`;
  return new AgentError("UNAVAILABLE", `Redis at ${server} ${text}`, { server }, { cause });
}

/** The error of a call that found no connection for too long. */
export function away(server: string, cause: unknown, unknown = ""): AgentError<"UNAVAILABLE"> {
  return new AgentError(
    "UNAVAILABLE",
    `Redis at ${server} is away: ${
      reasonOf(cause)
    }; it is connected to again by itself, try later${unknown}`,
    { server },
    { cause },
  );
}

/** What a call is rejected with: lost connections, refusals of the server, and all else as it is. */
export function translated(server: string, error: unknown): unknown {
  if (isConnectionLost(error)) return away(server, error);
  if (
    error instanceof Error &&
    /^(MISCONF|OOM|READONLY|LOADING|NOPERM|WRONGTYPE)\b/.test(error.message)
  ) {
    return new AgentError(
      "UNAVAILABLE",
      `Redis at ${server} refused a command: ${error.message}`,
      { server },
      { cause: error },
    );
  }
  return error;
}

/** The error of a server that BullMQ cannot keep jobs on. */
export function unfit(server: string, what: string, text: string): AgentError<"UNSUPPORTED"> {
  return new AgentError("UNSUPPORTED", `The server at ${server} ${text}`, { what });
}

/** The error of what a queue on Redis cannot do. */
export function unsupported(what: string, text: string): AgentError<"UNSUPPORTED"> {
  return new AgentError("UNSUPPORTED", text, { what });
}

function reasonOf(cause: unknown): string {
  const first = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (first instanceof AggregateError && first.errors[0] instanceof Error) {
    return first.errors[0].message;
  }
  return first instanceof Error && first.message !== "" ? first.message : "the connection was lost";
}
