/**
 * The security functions under a program's configuration: what it says of scope, limits and audit holds for all calls, and no
 * call's options go beyond it.
 *
 * @module
 */

import { detectService, discoverHosts, probePort, scanHosts, scanPorts } from "./mod.ts";
import type { ScanConfiguration } from "./types/scope.ts";

/** The functions that a configuration is about. */
export interface Configured {
  /** See `scanPorts`. */
  scanPorts: typeof scanPorts;
  /** See `scanHosts`. */
  scanHosts: typeof scanHosts;
  /** See `discoverHosts`. */
  discoverHosts: typeof discoverHosts;
  /** See `probePort`. */
  probePort: typeof probePort;
  /** See `detectService`. */
  detectService: typeof detectService;
}

const KEYS = ["authorization", "rate", "hostRate", "maxHosts", "maxProbes", "audit"] as const;

/**
 * Binds the functions to a configuration.
 *
 * @param configuration What the program lets its scans do. What it leaves out has its default, whatever a call says.
 * @returns The functions.
 */
export function configured(configuration: ScanConfiguration): Configured {
  const kept: ScanConfiguration = { ...configuration };
  const bound = <O extends ScanConfiguration>(options: O | undefined): O => {
    const own = { ...options } as O;
    for (const key of KEYS) delete own[key];
    return { ...own, ...kept };
  };
  return {
    scanPorts: (target, options) => scanPorts(target, bound(options)),
    scanHosts: (targets, options) => scanHosts(targets, bound(options)),
    discoverHosts: (cidr, options) => discoverHosts(cidr, bound(options)),
    probePort: (host, port, options) => probePort(host, port, bound(options)),
    detectService: (host, port, options) => detectService(host, port, bound(options)),
  };
}
