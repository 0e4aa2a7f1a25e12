/**
 * What container engines are asked and answer. Types only.
 *
 * @module
 */

import type { Implementation } from "../shared/implementation.ts";

/** Who a container engine is. */
export interface EngineInfo {
  /** Where it was reached: `unix:///path` or `tcp://host:port`. */
  host: string;
  /** The API version that both sides speak, such as `1.41`: the lower of the engine's and 1.53. */
  apiVersion: string;
  /** The engine's own version; null if it does not say. */
  version: string | null;
  /** Its operating system, such as `linux`; null if it does not say. */
  os: string | null;
  /** Its architecture, such as `amd64`; null if it does not say. */
  arch: string | null;
}

/** Options of `pingEngine`. */
export interface PingOptions {
  /**
   * Where the engine listens: `unix:///absolute/path` or `tcp://host[:port]` (port 2375 if left out,
   * no TLS). Default: `DOCKER_HOST` where it is set and may be read, else
   * `unix:///var/run/docker.sock`.
   */
  host?: string;
  /** Milliseconds until the question is given up. Default 5,000. */
  timeoutMs?: number;
  /** Which twin does the work. Default `"auto"`. */
  implementation?: Implementation;
  /** Ends the question early. */
  signal?: AbortSignal;
}
