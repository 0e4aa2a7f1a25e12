/**
 * Container engines: Docker and Podman, over a Unix socket or TCP; containers, images, deployments and sandboxes.
 *
 * @example
 * ```ts
 * import { AgentError } from "@agent/runtime";
 * import { pingEngine } from "@agent/runtime/containers";
 *
 * try {
 *   const { version, apiVersion } = await pingEngine({ timeoutMs: 1000 });
 *   console.log(`engine ${version}, API ${apiVersion}`);
 * } catch (error) {
 *   if (!(error instanceof AgentError)) throw error;
 *   console.log(`no engine: ${error.message}`);
 * }
 * ```
 *
 * @module
 */

import type { Containers } from "./containers.ts";
import type { ConnectContainersOptions, EngineInfo, PingOptions } from "./types.ts";

export * from "../shared/errors.ts";
export type { Implementation } from "../shared/implementation.ts";
export * from "./container/container.ts";
export type { BuildContext } from "./container/context.ts";
export type { ContainerExecResult } from "./container/exec.ts";
export type { ContainerExecOptions } from "./container/exec_options.ts";
export type { BuildOptions, PullOptions, RegistryAuth } from "./container/images.ts";
export type * from "./container/types.ts";
export type { Containers } from "./containers.ts";
export type {
  BelongingThing,
  DeployedPort,
  DeployEvent,
  Deployment,
  DeployOptions,
  HostPort,
  KeptThing,
  RemoveOptions,
  RemoveReport,
  SweepOptions,
  SweepReport,
  SweptKind,
  SweptThing,
} from "./deploy/mod.ts";
export type { AddressOptions } from "./engine/address.ts";
export type { EngineCapabilities } from "./engine/capabilities.ts";
export type { EngineTls } from "./engine/types.ts";
export type { EgressEvent, EgressLimits, EgressOptions } from "./egress/types.ts";
export type { BoxFile, GetOptions } from "./files/get.ts";
export type { FilesToPut, PutOptions, PutResult } from "./files/put.ts";
export type {
  ContainerLimits,
  ContainerMount,
  ControlName,
  HealthCheck,
  Profile,
  TmpfsMount,
} from "./policy/types.ts";
export type { SecurityReportOptions } from "./sandbox/container_report.ts";
export type {
  ControlReport,
  ExecOptions,
  ExecResult,
  Isolation,
  Output,
  Pool,
  PoolOptions as SandboxPoolOptions,
  PoolRunSpec,
  RunResult,
  RunSpec,
  SandboxNetwork,
  SandboxSpec,
  SecurityReport,
  Session,
  SessionProcess,
  SessionSpec,
  StartOptions,
} from "./sandbox/types.ts";
export type { DevcontainerOptions } from "./templates/devcontainer.ts";
export type * from "./templates/types.ts";
export type * from "./types.ts";

/**
 * Connects to a container engine: Docker or Podman, as it is found or named.
 *
 * Needs for a Unix socket `--allow-read`, `--allow-write` and `--allow-net=unix:<path>`; for TCP `--allow-net=<host>`.
 * It never prompts. The version of the API is negotiated, and named in every request.
 *
 * @param options Which engine, and what connections to it may do.
 * @returns The connection; dispose it when it is not needed any more.
 * @throws {AgentError} `NOT_FOUND` if there is no engine; `IO` if none can be asked there; `UNSUPPORTED` if what answers
 * is no engine, or one of an API older than 1.41; `TIMEOUT`; `PERMISSION` naming what Deno does not allow;
 * `NATIVE_REQUIRED`.
 * @throws {TypeError | RangeError} For wrong options.
 *
 * @example
 * ```ts
 * import { AgentError } from "@agent/runtime";
 * import { connectContainers } from "@agent/runtime/containers";
 *
 * try {
 *   await using containers = await connectContainers({ timeoutMs: 1000 });
 *   for (const { name, state } of await containers.list()) console.log(name, state);
 * } catch (error) {
 *   if (!(error instanceof AgentError)) throw error;
 *   console.log(`no engine: ${error.message}`);
 * }
 * ```
 */
export function connectContainers(options?: ConnectContainersOptions): Promise<Containers>;
export async function connectContainers(
  options: ConnectContainersOptions = {},
): Promise<Containers> {
  const { connect } = await import("./containers.ts");
  return await connect(options);
}

/**
 * Asks a container engine who it is.
 *
 * One `GET /version` of the Docker Engine API; Podman answers it too. Needs for a Unix socket
 * `--allow-read`, `--allow-write` and `--allow-net=unix:<path>`; for TCP `--allow-net=<host>`, where a
 * literal address may also be granted with its port. It never prompts.
 *
 * @param options Which engine, and for how long.
 * @returns Its versions, system and architecture.
 * @throws {AgentError} `NOT_FOUND` if there is no such socket or name; `IO` if nothing can be asked
 * there, or it answers with an error; `UNSUPPORTED` if what answers is no engine, or for hosts such as
 * `ssh://`; `TIMEOUT`; `PERMISSION` naming what Deno does not allow; `NATIVE_REQUIRED`.
 * @throws {TypeError | RangeError} For a host or a time limit that is none.
 *
 * @example
 * ```ts
 * import { AgentError } from "@agent/runtime";
 * import { pingEngine } from "@agent/runtime/containers";
 * import assert from "node:assert/strict";
 *
 * const nowhere = pingEngine({ host: "unix:///nowhere/engine.sock" });
 * await assert.rejects(nowhere, (error) => error instanceof AgentError);
 * ```
 */
export function pingEngine(options?: PingOptions): Promise<EngineInfo>;
export async function pingEngine(options: PingOptions = {}): Promise<EngineInfo> {
  const { askEngine } = await import("./ping.ts");
  return await askEngine(options);
}
