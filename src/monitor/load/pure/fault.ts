/**
 * Why a request has no whole answer, from what Deno says of it. The words are those of the report.
 *
 * @module
 */

/** A request without a whole answer. */
export class Fault extends Error {
  /** The word of the report. */
  readonly kind: string;

  /** @param kind The word of the report. */
  constructor(kind: string) {
    super(kind);
    this.kind = kind;
  }
}

/** After these a closed loop pauses, so that a target that is gone is not dialled without end. */
export const OF_CONNECTING: readonly string[] = [
  "refused",
  "unreachable",
  "connect",
  "tls",
  "descriptors",
  "ports",
];

/** What the making of a connection failed with. */
export function connectFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code = "", message = "" } = error as { code?: string; message?: string };
  const said = (codes: string, numbers: string): boolean =>
    new RegExp(`^(${codes})$`).test(code) || new RegExp(`os error (${numbers})\\b`).test(message);
  if (error instanceof Deno.errors.ConnectionRefused || said("ECONNREFUSED", "111|61|10061")) {
    return new Fault("refused");
  }
  if (said("EHOSTUNREACH|ENETUNREACH|ENETDOWN", "113|101|100|65|51|10051|10065")) {
    return new Fault("unreachable");
  }
  if (said("EMFILE|ENFILE", "24|23|10024")) return new Fault("descriptors");
  if (error instanceof Deno.errors.AddrNotAvailable || said("EADDRNOTAVAIL", "99|49|10049")) {
    return new Fault("ports");
  }
  if (error instanceof Deno.errors.TimedOut || said("ETIMEDOUT", "110|60|10060")) {
    return new Fault("timeout");
  }
  const isReset = error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted || said("ECONNRESET|ECONNABORTED", "104|54");
  return new Fault(isReset ? "reset" : "connect");
}
