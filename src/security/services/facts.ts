/**
 * What a report of a scan says of its open ports.
 *
 * @module
 */

import { mayDial } from "../../shared/access.ts";
import { reporter } from "../../shared/progress.ts";
import { identifyServices } from "./identify.ts";
import type { ServiceFacts } from "../types/service_facts.ts";
import type { Progress } from "../../shared/implementation.ts";
import type { IdentifyOptions, ServiceReport } from "./types.ts";

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

/** What the services of a scan are identified with. */
export interface FactsOptions extends IdentifyOptions {
  /** Milliseconds for all. Default: no bound. */
  limitMs?: number | undefined;
  /** Told how many are identified. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Identifies what is behind open ports of a scan.
 *
 * @param open The ports.
 * @param options Limits, twin, signal.
 * @returns One answer a port, in their order; null for those that the time was over for.
 * @throws {AgentError} As `identifyServices` does; the signal's reason.
 */
export async function serviceFacts(
  open: readonly FoundOpen[],
  { limitMs, onProgress, ...options }: FactsOptions = {},
): Promise<(ServiceFacts | null)[]> {
  const targets = open.map(({ address, port, hostname, rttMs }) => ({
    address,
    port,
    rttMs: rttMs ?? null,
    name: hostname ?? address,
    dial: hostname === undefined || mayDial(address, port) ? address : hostname,
  }));
  const over = new AbortController();
  const { signal } = options;
  const giveUp = (): void => over.abort(signal!.reason);
  if (signal?.aborted) giveUp();
  signal?.addEventListener("abort", giveUp, { once: true });
  const timer = limitMs === undefined ? undefined : setTimeout(() => over.abort(), limitMs);
  const progress = reporter(onProgress, targets.length);
  const facts: (ServiceFacts | null)[] = [];
  try {
    for await (const report of identifyServices(targets, { ...options, signal: over.signal })) {
      facts.push(factsOf(report));
      progress.report(facts.length);
    }
  } catch (error) {
    if (!over.signal.aborted || signal?.aborted) throw error;
    while (facts.length < targets.length) facts.push(null);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
  progress.finish();
  return facts;
}

function factsOf(report: ServiceReport): ServiceFacts {
  const { service, product, version, confidence, how, tls, banner } = report;
  return {
    ...(service !== null && { service, how }),
    ...(product !== null && { product }),
    ...(version !== null && { version }),
    ...(confidence !== null && { confidence }),
    ...(tls !== null && { tls }),
    ...(banner !== null && { banner: banner.text }),
    untrusted: true,
  };
}
