/**
 * What the distributed cache says of a server that is away, too old, or refuses. Servers are named as
 * {@linkcode Address.shown} shows them: never with a password.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { closedError } from "../options.ts";

/** The server answered a command with an error. */
export class ErrorReply extends Error {
  override readonly name = "ErrorReply";
}

/** The error of what is called or under way when the cache is closed. */
export function disconnected(): AgentError<"CLOSED"> {
  return closedError("connectCache");
}

function unavailable(server: string, text: string, cause: unknown): AgentError<"UNAVAILABLE"> {
  return new AgentError("UNAVAILABLE", `Redis at ${server} ${text}`, { server }, { cause });
}

/** The error of a server that could not be connected to. */
export function unreachable(server: string, cause: Error): AgentError {
  const { message } = cause;
  if (!(cause instanceof ErrorReply)) {
    const text = `cannot be reached: ${message}; is it running, and is the URL right?`;
    return unavailable(server, text, cause);
  }
  if (/^(NOPROTO|ERR unknown command)/i.test(message)) {
    return new AgentError(
      "UNSUPPORTED",
      `The server at ${server} knows no RESP3 (${message}): a Redis from 6.0 on, or a Valkey, is needed`,
      { what: "RESP3" },
      { cause },
    );
  }
  const text =
    `let nobody in: ${message}; check user, password and database in the URL, and that ` +
    "the user may run CLIENT, EVAL and what else is needed";
  return unavailable(server, text, cause);
}

/** The error of a call while there is no connection. */
export function away(server: string, cause: Error | undefined): AgentError<"UNAVAILABLE"> {
  const why = cause?.message ?? "the connection was lost";
  return unavailable(
    server,
    `is away: ${why}; it is connected to again by itself, try later`,
    cause,
  );
}

/** The error of what the server refused. */
export function refused(server: string, cause: Error): AgentError<"UNAVAILABLE"> {
  return unavailable(server, `refused a command: ${cause.message}`, cause);
}
