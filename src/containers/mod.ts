/**
 * Container engines: Docker and Podman, over a Unix socket or TCP.
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

import type { EngineInfo, PingOptions } from "./types.ts";

export type { Implementation } from "../shared/implementation.ts";
export type { EngineInfo, PingOptions } from "./types.ts";

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
export async function pingEngine(options: PingOptions = {}): Promise<EngineInfo> {
  const { askEngine } = await import("./ping.ts");
  return await askEngine(options);
}
