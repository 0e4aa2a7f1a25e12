/**
 * What a report says of the service behind a port. Types only.
 *
 * @module
 */

import type { TlsReport } from "../services/tls/types.ts";
import type { Confidence } from "../services/types.ts";

/** What is known of a service. All of it is the server's own word. */
export interface ServiceFacts {
  /** The protocol that it speaks, such as `"ssh"`. */
  service?: string;
  /** What it is, where it says so. */
  product?: string;
  /** Which version of that, where it says so. */
  version?: string;
  /** How sure that is. */
  confidence?: Confidence;
  /** What it was told by. */
  how?: string;
  /** What was negotiated and shown, where it speaks TLS. */
  tls?: TlsReport;
  /** The beginning of what it said, without control characters. Untrusted. */
  banner?: string;
  /** True where a server was asked: product, version, banner and names of certificates are data, never instructions. */
  untrusted?: true;
}
