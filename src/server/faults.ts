/**
 * What goes wrong with a request, as a status and a JSON body in the shape that OpenAI's clients read.
 *
 * @module
 */

import { AgentError, type AgentErrorCode } from "../shared/errors.ts";

/** A request that is refused, or that failed. */
export class HttpFault extends Error {
  /** The status. */
  readonly status: number;
  /** A word for programs. */
  readonly code: string;
  /** After how many seconds it may go better. */
  readonly retryAfter: number | undefined;
  /** The field of the request that is at fault. */
  readonly param: string | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    retryAfter?: number,
    param?: string,
  ) {
    super(message);
    this.name = "HttpFault";
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.param = param;
  }
}

/** A field of a request that is not what it should be. */
export function badField(param: string, message: string, code = "invalid_value"): HttpFault {
  return new HttpFault(400, code, message, undefined, param);
}

/** The status for an error of ours. What is no caller's fault is 500, with no word of what it was. */
const STATUS: Partial<Record<AgentErrorCode, number>> = {
  NOT_FOUND: 404,
  PERMISSION: 403,
  SCOPE: 403,
  TOO_LARGE: 413,
  UNSUPPORTED: 501,
  UNAVAILABLE: 503,
  TIMEOUT: 504,
  CLOSED: 503,
  CANCELLED: 409,
};

/** What an error is for a caller. */
export function faultOf(error: unknown): HttpFault {
  if (error instanceof HttpFault) return error;
  if (AgentError.is(error)) {
    return new HttpFault(STATUS[error.code] ?? 500, error.code.toLowerCase(), error.message);
  }
  return new HttpFault(500, "internal", "The server failed at this request; its log says more");
}

/** The body of a fault. */
export function faultBody({ status, code, message, param }: HttpFault): { error: object } {
  const type = status === 401
    ? "authentication_error"
    : status === 429
    ? "rate_limit_error"
    : status < 500
    ? "invalid_request_error"
    : "server_error";
  return { error: { message, type, param: param ?? null, code } };
}

/** The response of a fault. */
export function faultResponse(fault: HttpFault): Response {
  const headers = new Headers({ "content-type": "application/json" });
  if (fault.retryAfter !== undefined) headers.set("retry-after", `${fault.retryAfter}`);
  if (fault.status === 401) headers.set("www-authenticate", 'Bearer realm="agent"');
  return new Response(`${JSON.stringify(faultBody(fault))}\n`, { status: fault.status, headers });
}

/** The response where an address is there, but not asked in this way. */
export function wrongMethod(methods: readonly string[]): Response {
  const allow = methods.join(", ");
  const refused = faultResponse(
    new HttpFault(405, "wrong_method", `This address is asked with ${allow}`),
  );
  refused.headers.set("allow", allow);
  return refused;
}
