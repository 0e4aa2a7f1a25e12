/**
 * What a report of a scan says of its open ports.
 *
 * @module
 */

import { mayDial } from "../../shared/access.ts";
import { identifyServices } from "./identify.ts";
import type { ServiceFacts } from "../types/service_facts.ts";
import type { IdentifyOptions } from "./types.ts";

/** A port that a scan found open. */
export interface FoundOpen {
  /** The literal address, in scope. */
  address: string;
  /** The TCP port. */
  port: number;
  /** The name that the caller gave, where it was one. */
  hostname?: string;
  /** Milliseconds there and back, where they are known. */
  rttMs?: number | null;
}

/**
 * Identifies what is behind open ports of a scan.
 *
 * @param open The ports.
 * @param options Limits, twin, signal.
 * @returns One answer a port, in their order.
 * @throws {AgentError} As `identifyServices` does; the signal's reason.
 */
export async function serviceFacts(
  open: readonly FoundOpen[],
  options: IdentifyOptions = {},
): Promise<ServiceFacts[]> {
  const targets = open.map(({ address, port, hostname, rttMs }) => ({
    address,
    port,
    rttMs: rttMs ?? null,
    name: hostname ?? address,
    dial: hostname === undefined || mayDial(address, port) ? address : hostname,
  }));
  const facts: ServiceFacts[] = [];
  for await (const report of identifyServices(targets, options)) {
    const { service, product, version, confidence, how, tls, banner } = report;
    facts.push({
      ...(service !== null && { service, how }),
      ...(product !== null && { product }),
      ...(version !== null && { version }),
      ...(confidence !== null && { confidence }),
      ...(tls !== null && { tls }),
      ...(banner !== null && { banner: banner.text }),
      untrusted: true,
    });
  }
  return facts;
}
