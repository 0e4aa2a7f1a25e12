/**
 * Who may be scanned: authorisations, limits, the audit log. Types only.
 *
 * @module
 */

/**
 * Somebody's word that networks which are not this machine's may be scanned. It belongs into a program's
 * configuration, where a model that calls tools cannot reach it.
 */
export interface ScanAuthorization {
  /** The networks, as CIDR (`"203.0.113.0/24"`) or single addresses. */
  scope: readonly string[];
  /** Where it can be looked up: a ticket, a contract. Stands in reports and in the audit log. */
  reference: string;
  /** When it ends: ISO 8601, as in `"2027-01-31"` or `"2027-01-31T18:00:00Z"`. */
  expires: string;
}

/** One line of the audit log. What is not known is null. */
export interface AuditEntry {
  /** ISO 8601, in UTC. */
  at: string;
  /** `start` stands before anything is sent; `end` and `failed` say what came of it; `refused` was not begun. */
  event: "start" | "end" | "failed" | "refused" | "dry-run";
  /** Which operation. */
  operation: "scanPorts" | "scanHosts" | "discoverHosts" | "probePort" | "detectService";
  /** Who asked, as the configuration says; null if it does not. */
  who: string | null;
  /** What was asked for, as it was written. */
  target: string;
  /** How many addresses; null if it was refused before they were counted. */
  addresses: number | null;
  /** How many ports of each; null as above. */
  ports: number | null;
  /** Connects and datagrams sent, at the end; planned ones before. Null as above. */
  probes: number | null;
  /** Probes a second, at most; null where nothing bounds them but descriptors. */
  rate: number | null;
  /** Probes a second to each host, at most; null as above. */
  hostRate: number | null;
  /** The reference of the authorisation that was needed; null if none was. */
  authorization: string | null;
  /** Why it was refused or failed; null if it was not. */
  reason: string | null;
}

/** Where the audit log goes. */
export interface AuditOptions {
  /** A file to which one JSON line an entry is appended; needs `--allow-write` for it. */
  path?: string | undefined;
  /** Takes each entry, instead of or beside the file. A scan does not begin before it returns. */
  write?: ((entry: AuditEntry) => void | Promise<void>) | undefined;
  /** Who is to stand as having asked. */
  who?: string | undefined;
}

/** What a program lets its scans do; `createRuntime({ security })` takes it once for all calls. */
export interface ScanConfiguration {
  /** Needed for everything but loopback and the private networks that this machine is in. */
  authorization?: ScanAuthorization | undefined;
  /**
   * Probes a second to addresses that are not loopback, at most; `Infinity` for no limit. Default 1,000, and 10,000
   * where all addresses are in private networks of this machine. It bounds each scan; the connections of `probePort`, of
   * `detectService` and of identified services count together for the whole process.
   */
  rate?: number | undefined;
  /**
   * Probes a second to one address that is not loopback, at most; `Infinity` for no limit. Default 100, and 2,000 where all
   * addresses are in private networks of this machine.
   */
  hostRate?: number | undefined;
  /** The most addresses of one call, up to 65,536. Default 1,024. */
  maxHosts?: number | undefined;
  /** The most probes of one call, up to 5,000,000, which is the default. */
  maxProbes?: number | undefined;
  /** The audit log. Without it there is none. */
  audit?: AuditOptions | undefined;
}
