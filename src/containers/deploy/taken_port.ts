/**
 * That a port of the machine is taken: each engine says it in words of its own, of which some name another port too.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { EngineClient } from "../engine/client.ts";
import { EngineError } from "../engine/errors.ts";
import type { DeployPlan } from "./plan.ts";

/** Docker by its own count of ports, and the kernel's words, which Docker, Podman and their helpers pass on. */
const TAKEN = /port is already allocated|address already in use/i;

/** The error of a port that the caller chose and that is taken, by its name; any other as it is. */
export function takenPort(
  error: unknown,
  { host: { text } }: Pick<EngineClient, "host">,
  { spec, filled, name }: Pick<DeployPlan, "spec" | "filled" | "name">,
): unknown {
  if (!(error instanceof EngineError) || !TAKEN.test(error.message)) return error;
  const chosen = (spec.ports ?? []).filter(({ host }) => host !== undefined && host !== 0);
  // The machine's address stands before the container's, where both are named.
  const [found] = chosen
    .map((port) => ({ port, at: error.message.search(new RegExp(`:${port.host}(?!\\d)`)) }))
    .filter(({ at }) => at >= 0 || chosen.length === 1)
    .sort((a, b) => a.at - b.at);
  if (found === undefined) return error;
  const { container, protocol = "tcp", host } = found.port;
  const known = filled.template.ports.find((port) =>
    port.container === container && port.protocol === protocol
  );
  const word = known?.name ?? String(container);
  const message = `The port ${host} of the engine's machine is taken, so ${name} cannot have it ` +
    `for ${word} (${container}/${protocol}); options.ports.${word} must be another port, or be ` +
    `left out for a free one`;
  return new AgentError("UNAVAILABLE", message, { server: text }, { cause: error });
}
