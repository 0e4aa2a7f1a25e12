/**
 * Turns a negative status and the detail in the caller's buffer into the error that JavaScript throws.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import { Status } from "./generated/status_codes.ts";

/** The detail that travels with a failure. */
interface Detail {
  message: string;
  fields: Record<string, string | number>;
}

const decoder = new TextDecoder();

/** The detail of a failure from the buffer of the call: its length, then JSON. */
export function errorFromBuffer(operation: string, status: number, out: Uint8Array): Error {
  const length = out.length < 4
    ? 0
    : new DataView(out.buffer, out.byteOffset, 4).getUint32(0, true);
  return errorFromDetail(operation, status, out.subarray(4, 4 + length));
}

/** The same from a completion, whose payload is the JSON itself; or from a call that gives no detail. */
export function errorFromDetail(operation: string, status: number, json?: Uint8Array): Error {
  let detail: Detail;
  try {
    detail = JSON.parse(decoder.decode(json)) as Detail;
  } catch {
    detail = { message: `Native call ${operation} failed with status ${status}`, fields: {} };
  }
  const { message, fields } = detail;
  const text = (name: string): string => String(fields[name] ?? operation);
  const number = (name: string): number => Number(fields[name] ?? 0);
  switch (status) {
    case Status.INVALID_ARGUMENT:
      return new TypeError(message);
    case Status.CANCELLED:
      return new DOMException(message, "AbortError");
    case Status.INVALID_HANDLE:
    case Status.CLOSED:
      return new AgentError("CLOSED", message, { object: text("object") });
    case Status.NOT_FOUND:
      return new AgentError("NOT_FOUND", message, { what: text("what") });
    case Status.IO:
      return new AgentError("IO", message, { path: text("path"), operation: text("operation") });
    case Status.TIMEOUT:
      return new AgentError("TIMEOUT", message, {
        operation: text("operation"),
        timeoutMs: number("timeoutMs"),
      });
    case Status.OUT_OF_MEMORY:
      return new AgentError("OUT_OF_MEMORY", message, { operation });
    case Status.UNSUPPORTED:
      return new AgentError("UNSUPPORTED", message, { what: text("what") });
    case Status.PERMISSION:
      return new AgentError("PERMISSION", message, {
        permission: text("permission"),
        target: text("target"),
      });
    case Status.CORRUPT:
      return new AgentError("CORRUPT", message, { path: text("path") });
    case Status.TOO_LARGE:
      return new AgentError("TOO_LARGE", message, {
        what: text("what"),
        size: number("size"),
        limit: number("limit"),
      });
    default:
      return new AgentError("INTERNAL", message, { operation, status });
  }
}
