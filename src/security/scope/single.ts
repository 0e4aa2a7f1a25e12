/**
 * Calls for one port of one host, under the same policy as scans: spelling, scope, permission and log before anything is
 * sent, and a rate for what is.
 *
 * @module
 */

import { checkBoolean, checkOptions, checkString, wrongValue } from "../../shared/arguments.ts";
import type { PortOptions } from "../types.ts";
import type { AuditEntry } from "../types/scope.ts";
import { Audit, audited } from "./audit.ts";
import { Gate } from "./gate.ts";
import { rateOf, writtenRate } from "./options.ts";
import { dialled } from "./permissions.ts";
import { ownNetworks, readAuthorization } from "./policy.ts";
import { resolveHost } from "./resolve.ts";
import { canonicalTarget, isLoopback } from "./targets.ts";

/** One port that may be spoken to. */
export interface OnePort {
  /** The literal address. */
  readonly address: string;
  /** The name in canonical spelling, or the address. */
  readonly name: string;
  /** What is dialled: the address, or the name where only that is granted. */
  readonly dial: string;
  /** Every connection passes it first. */
  readonly gate: Gate;
}

/** What is done with a port. */
export interface OnePortCall<R> {
  /** Which operation, for the log. */
  readonly operation: AuditEntry["operation"];
  /** Further questions before anything is sent. */
  check?(address: string): void;
  /** The answer of a dry run. */
  dry(port: OnePort): R;
  /** Does it. */
  run(port: OnePort): Promise<R>;
}

/**
 * Checks a port and does something with it.
 *
 * @param host A name or a literal address.
 * @param port The port.
 * @param options What the program allows.
 * @param call What is done.
 * @throws {TypeError | RangeError | AgentError} For what is no host or port, is out of scope or not granted; what the call
 * throws.
 */
export async function onePort<R>(
  host: string,
  port: number,
  options: PortOptions,
  call: OnePortCall<R>,
): Promise<R> {
  checkOptions(options);
  const { dryRun = false, signal } = options;
  checkBoolean(dryRun, "options.dryRun");
  checkString(host, "host");
  // No port of another type than number is whole, so that all of them are wrong values.
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw wrongValue("port", "a whole number from 1 to 65535", port);
  }
  rateOf(options, false);
  canonicalTarget(host);
  const target = host.slice(0, 1_000);
  const audit = new Audit(options.audit, { operation: call.operation, target });
  interface Plan extends OnePort {
    facts: Partial<AuditEntry>;
  }
  return await audited<Plan, R>(audit, {
    async plan() {
      const policy = {
        authorized: readAuthorization(options.authorization),
        networks: ownNetworks(),
      };
      const resolved = await resolveHost(host, port, policy);
      signal?.throwIfAborted();
      const [address] = resolved.addresses as [string];
      call.check?.(address);
      const { authorization, hostname } = resolved;
      const rate = rateOf(options, authorization !== null);
      const bound = isLoopback(address) ? { all: Infinity, host: Infinity } : rate;
      return {
        address,
        name: hostname ?? address,
        dial: dialled(resolved, port),
        gate: new Gate(rate),
        facts: { addresses: 1, ports: 1, probes: 1, authorization, ...writtenRate(bound) },
      };
    },
    facts: ({ facts }) => facts,
    dry: (plan) => dryRun ? call.dry(plan) : undefined,
    run: async (plan) => ({ result: await call.run(plan), probes: plan.gate.passed }),
  });
}
