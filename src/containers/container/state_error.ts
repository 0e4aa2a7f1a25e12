/**
 * What a container's state does not allow: engines say that in words and statuses of their own, and none says what to do.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import { QUICK_MS } from "../engine/times.ts";
import type { WireContainer } from "./wire.ts";

/** How a container stands that has not been started since it was made. */
const NEW = ["created", "configured", "initialized"];
/** How one stands that has ended. */
const OVER = ["exited", "stopped", "dead"];

/**
 * The error of a container that does not run, or is paused, with what to do; any other error as it is.
 *
 * @param client The engine.
 * @param path Its path, such as `/containers/my-lab`.
 * @param error What the engine said.
 */
export async function explainState(
  client: EngineClient,
  path: string,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof EngineError) || error.code !== "UNAVAILABLE") return error;
  // Who gave up, or an engine that is gone meanwhile, is told what was said first.
  const found = await client.json<WireContainer>("GET", `${path}/json`, { timeoutMs: QUICK_MS })
    .catch(() => undefined);
  const why = reasonOf(found?.State);
  if (why === undefined) return error;
  const name = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  const details = { server: client.host.text };
  const message = `The container ${name} ${why}`;
  return new EngineError("UNAVAILABLE", message, details, error.status, { cause: error });
}

function reasonOf(state: WireContainer["State"]): string | undefined {
  const status = state?.Status ?? "";
  if (status === "paused" || state?.Paused === true) return "is paused; unpause() lets it go on";
  if (NEW.includes(status)) return "does not run, as it was never started; start it first";
  if (!OVER.includes(status)) return undefined;
  const code = state?.ExitCode;
  const ended = typeof code === "number" ? `ended with exit code ${code}` : "has ended";
  return `does not run, as it ${ended}; start it first`;
}
