/**
 * What a failed exchange means to a caller: the one place where a transport's fault becomes an error, so that the twins
 * say the same. The system's or the library's own words are kept as its cause.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import { shownUrl } from "../address/check.ts";
import { TransportFault } from "../transport/fault.ts";
import type { ExchangeLimits, OutgoingRequest } from "../transport/types.ts";

/** The fields of a head that both transports take. */
const MOST_FIELDS = 1_024;

/** Makes the error of a fault; whatever else failed is given back as it is. */
export function errorOf(
  failure: unknown,
  request: OutgoingRequest,
  limits: ExchangeLimits,
): unknown {
  if (!(failure instanceof TransportFault)) return failure;
  const cause = { cause: failure };
  const { url } = request;
  const server = url.host;
  const what = `${request.method} ${shownUrl(url)}`;
  const unavailable = (message: string): AgentError =>
    new AgentError("UNAVAILABLE", message, { server }, cause);
  const timeout = (operation: string, message: string, timeoutMs: number): AgentError =>
    new AgentError("TIMEOUT", `${message} within ${timeoutMs} ms`, { operation, timeoutMs }, cause);
  const tooLarge = (part: string, limit: number, option: string): AgentError =>
    new AgentError("TOO_LARGE", `${what}: ${part} is over ${limit} bytes${option}`, {
      what: part,
      size: limit + 1,
      limit,
    }, cause);
  switch (failure.kind) {
    case "connect":
      return unavailable(`${what}: ${server} cannot be reached; is it running there?`);
    case "connect-timeout":
      return timeout("connect", `${what}: ${server} took no connection`, limits.connectTimeoutMs);
    case "tls":
      return unavailable(
        `${what}: no trusted TLS with ${server}; an authority of your own goes into caCerts`,
      );
    case "reset":
      return unavailable(`${what}: ${server} ended the connection before its answer`);
    case "protocol":
      return unavailable(`${what}: the answer of ${server} is not HTTP as it should be`);
    case "head-too-large":
      return tooLarge("the answer's head", limits.maxHeaderBytes, ` or ${MOST_FIELDS} fields`);
    case "first-byte-timeout":
      return timeout("answer", `${what}: no answer began`, limits.firstByteTimeoutMs);
    case "body-timeout":
      return timeout("body", `${what}: no more of the body came`, limits.bodyTimeoutMs);
    case "total-timeout":
      return timeoutOf(request, limits.totalTimeoutMs, cause);
    case "body-too-large":
      return tooLarge("the decoded body", limits.maxBodyBytes, "; maxBodyBytes allows more");
    case "body-incomplete":
      return unavailable(`${what}: the body ended before it was whole`);
    case "encoding":
      return unavailable(`${what}: the body is not coded as it says`);
  }
}

/** The error of a call that took longer than it was given. */
export function timeoutOf(
  request: OutgoingRequest,
  fallbackMs: number,
  cause?: ErrorOptions,
): AgentError<"TIMEOUT"> {
  const timeoutMs = request.call?.timeoutMs ?? fallbackMs;
  return new AgentError(
    "TIMEOUT",
    `${request.method} ${shownUrl(request.url)} was not finished within ${timeoutMs} ms`,
    { operation: "request", timeoutMs },
    cause,
  );
}
