/**
 * What container engines are asked and answer. Types only.
 *
 * @module
 */

import type { ContainerState } from "./container/types.ts";
import type { AddressOptions } from "./engine/address.ts";

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
export interface PingOptions extends AddressOptions {
  /** Milliseconds until the question is given up. Default 5,000. */
  timeoutMs?: number | undefined;
  /** Ends the question early. */
  signal?: AbortSignal | undefined;
}

/** Options of `connectContainers`. */
export interface ConnectContainersOptions extends AddressOptions {
  /** Milliseconds until connecting is given up. Default 10,000. */
  timeoutMs?: number | undefined;
  /** Ends the attempt early. */
  signal?: AbortSignal | undefined;
  /** A folder with templates of the caller's own, each in a folder of its name. */
  templates?: string | undefined;
  /** Folders of this machine that deployments may mount. Default: none. */
  mounts?: { readonly roots?: readonly string[] | undefined } | undefined;
  /**
   * A folder of the caller's own for seccomp profiles, which Podman reads as files. Default: a new one below `/tmp` where
   * the engine is on this machine and that may be written.
   */
  seccompFolder?: string | undefined;
  /** Where connections say that they live, so that what a killed process left is found. Default: below `/tmp`. */
  lockFolder?: string | undefined;
}

/** Who a connected engine is. */
export interface EngineDescription {
  /** Where it is reached: `unix:///path` or `tcp://host:port`. */
  host: string;
  /** Which engine it is. */
  engine: "docker" | "podman";
  /** Its own version; null if it does not say. */
  version: string | null;
  /** The version of the API that is spoken. */
  apiVersion: string;
  /** Which twin does the exchanges. */
  implementation: "native" | "pure";
}

/** Which containers are listed. */
export interface ListOptions {
  /** Whether those that do not run are listed too. Default true. */
  all?: boolean | undefined;
  /** Whether only those that this package made are listed. Default false. */
  ours?: boolean | undefined;
  /** Labels that they have; null: with any value. */
  labels?: Readonly<Record<string, string | null>> | undefined;
  /** Names, whole ones. */
  names?: readonly string[] | undefined;
  /** Only those in one of these states. */
  states?: readonly ContainerState[] | undefined;
  /** Ends the question. */
  signal?: AbortSignal | undefined;
}
