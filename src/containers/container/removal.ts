/**
 * The removal of a container, running or not.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import type { EngineCall, EngineClient } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import { QUICK_MS, SLOW_MS } from "../engine/times.ts";

/** What Docker says where another one asked for the same before. */
const AT_IT = /removal of container .* already in progress/i;
/** How often an engine is asked again that is at it, and after how long. */
const MOST_TRIES = 100;
const AGAIN_MS = 100;

/** What is asked of it. */
export interface Removal extends Pick<EngineCall, "signal" | "accept"> {
  /** Whether one that runs is removed too. */
  readonly force: boolean;
  /** Whether somebody may be stopping it. Default true. */
  readonly stopping?: boolean;
}

/**
 * Removes a container, with the volumes that have no name. What is stopping Podman forgets without an end to its
 * programs, so that these are ended first.
 *
 * @param path Its path, such as `/containers/my-lab`.
 * @returns The engine's status.
 */
export async function removeContainer(
  client: EngineClient,
  path: string,
  { force, stopping = true, signal, accept = [] }: Removal,
): Promise<number> {
  let gone = accept;
  if (force && stopping && client.engine === "podman") {
    const call = { query: { signal: "KILL" }, accept: [404, 409, 500], timeoutMs: QUICK_MS };
    const status = await client.empty("POST", `${path}/kill`, { ...call, signal });
    // Whose it is may remove it once it has ended.
    if (status < 300) gone = [...accept, 404];
  }
  const query = { v: 1, force: force ? 1 : 0 };
  const call = { query, signal, accept: gone, timeoutMs: SLOW_MS };
  for (let tries = 0;; tries++) {
    try {
      return await client.empty("DELETE", path, call);
    } catch (error) {
      const isAtIt = error instanceof EngineError && AT_IT.test(error.message);
      if (!isAtIt || tries === MOST_TRIES) {
        throw force ? error : explainRunning(error, path, client.host.text);
      }
    }
    await unlessAborted(new Promise((resolve) => setTimeout(resolve, AGAIN_MS)), signal);
  }
}

/** That one runs is said by each engine otherwise, and by none how it is removed all the same. */
function explainRunning(error: unknown, path: string, server: string): unknown {
  const isRefused = error instanceof EngineError && error.code === "UNAVAILABLE" &&
    /\b(running|paused)\b/.test(error.message);
  if (!isRefused) return error;
  const name = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  const message = `The container ${name} runs; stop it first, or remove it with force: true`;
  return new EngineError("UNAVAILABLE", message, { server }, error.status, { cause: error });
}
