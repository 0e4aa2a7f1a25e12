/**
 * What is asked of a deployment and what it says. Types only.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import type {
  ContainerLimits,
  ContainerMount,
  EngineFacts,
  MountPolicy,
  Owner,
} from "../policy/mod.ts";
import type { OptionValues, RefusedTemplate, Template, WaitFor } from "../templates/mod.ts";

/** What deployments of one connection have in common. */
export interface DeployContext {
  readonly client: EngineClient;
  readonly facts: EngineFacts;
  readonly owner: Owner;
  /** Folders of the machine that may be mounted. */
  readonly mounts: MountPolicy;
  /** Every template that can be named. */
  readonly templates: readonly Template[];
  /** What is none of the caller's templates, though it stands where they do. */
  readonly refused: readonly RefusedTemplate[];
  /** Those that are there now, so that closing the connection removes what is not detached. */
  readonly deployments: Set<{ readonly detached: boolean; remove(): Promise<void> }>;
}

/** Where a port is published on the machine. */
export type HostPort = number | {
  /** A free one if left out. */
  readonly host?: number;
  /** Default `127.0.0.1`; another than the loopback needs `exposeToNetwork`. */
  readonly hostAddress?: string;
};

/** What happens while something is deployed. */
export type DeployEvent =
  | {
    readonly type: "image";
    readonly image: string;
    readonly state: "found" | "building" | "pulling";
  }
  | { readonly type: "build"; readonly text: string }
  | { readonly type: "pull"; readonly text: string }
  | { readonly type: "created"; readonly name: string }
  | { readonly type: "started"; readonly name: string }
  | { readonly type: "ready"; readonly name: string };

/** How something is deployed. Unknown fields are errors. */
export interface DeployOptions {
  /** The values of the template's options. */
  options?: OptionValues | undefined;
  /** Its name; `agent-<template>-<id>` if left out. */
  name?: string | undefined;
  /** Ports of the machine, by the name of the template's port or by the container's port. */
  ports?: Readonly<Record<string, HostPort>> | undefined;
  /** Whether ports may be opened to other machines. Default false. */
  exposeToNetwork?: boolean | undefined;
  /** Variables beside the template's. Their values are hidden where output is shown in errors. */
  env?: Readonly<Record<string, string>> | undefined;
  /** Bounds instead of the template's. */
  limits?: ContainerLimits | undefined;
  /** Capabilities that the template knows a use for; the container then runs as root, with nothing else. */
  capabilities?: readonly string[] | undefined;
  /** Graphics processors: all, or how many. Default: as the template's option says. */
  gpu?: boolean | number | undefined;
  /** Folders of the machine, from those that the connection allows. */
  mounts?: readonly Extract<ContainerMount, { kind: "bind" }>[] | undefined;
  /**
   * Volumes that are kept when it is removed, by the name of the template's volume. They are made if they are not
   * there; one that was not made here is refused.
   */
  volumes?: Readonly<Record<string, string>> | undefined;
  /** The id or name of another deployment whose network it joins. */
  join?: string | undefined;
  /** The engine's name of a runtime, such as `runsc`. */
  runtime?: string | undefined;
  /** What is waited for. Default: as the template says. */
  wait?: WaitFor | undefined;
  /** Milliseconds until it is removed. Default: it stays until it is removed or this process ends. */
  ttlMs?: number | undefined;
  /** Milliseconds without a use by this process until it is removed; see `Deployment`. Who connects is not seen. */
  idleMs?: number | undefined;
  /** Whether it outlives this process. Default false. */
  detach?: boolean | undefined;
  /** So many of it on a swarm, with what a swarm cannot give accepted by name. */
  swarm?: { readonly replicas: number } | undefined;
  /** Controls that may be missing. Default: none. */
  acceptWeaker?: readonly string[] | undefined;
  /** A file that keeps the digests of base images, so that the next build has the same. */
  lockFile?: string | undefined;
  /** The network of the build's own programs. Default: the engine's. */
  buildNetwork?: "default" | "none" | undefined;
  /** Is told what happens. */
  onProgress?: ((event: DeployEvent) => void) | undefined;
  /** Ends it early; what was made is removed. */
  signal?: AbortSignal | undefined;
}

/** A port of a deployment, as it is published. */
export interface DeployedPort {
  /** The name of the template's port. */
  readonly name: string;
  /** The port in the container. */
  readonly container: number;
  /** How it is spoken with. */
  readonly protocol: "tcp" | "udp";
  /** The port of the machine. */
  readonly host: number;
  /** The address of the machine that it is published at. */
  readonly hostAddress: string;
}
