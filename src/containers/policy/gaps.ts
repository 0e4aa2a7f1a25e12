/**
 * Nothing is weakened silently: what an engine cannot give is refused, unless the caller accepts it by name.
 *
 * @module
 */

import { checkStrings } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { suggestion } from "../../shared/known_fields.ts";
import type { ControlName } from "./types.ts";

/** Every word for a control; one that is missing is a type error. */
const WORDS: Readonly<Record<ControlName, true>> = {
  "user": true,
  "capabilities": true,
  "no-new-privileges": true,
  "seccomp": true,
  "read-only-root": true,
  "tmpfs": true,
  "mounts": true,
  "memory": true,
  "swap": true,
  "pids": true,
  "cpus": true,
  "open-files": true,
  "core-dumps": true,
  "file-size": true,
  "shared-memory": true,
  "network": true,
  "ports": true,
  "ipc-namespace": true,
  "pid-namespace": true,
  "cgroup-namespace": true,
  "uts-namespace": true,
  "privileged": true,
  "devices": true,
  "runtime": true,
  "init": true,
  "restart": true,
  "log-size": true,
  "oom-score": true,
};

/** The words for all controls, as `acceptWeaker` takes them. */
export const CONTROL_NAMES = Object.keys(WORDS) as readonly ControlName[];

/**
 * Reads `acceptWeaker`.
 *
 * @throws {TypeError | RangeError} For what is no word for a control.
 */
export function acceptedWeaker(value: unknown, name = "options.acceptWeaker"): ControlName[] {
  if (value === undefined) return [];
  checkStrings(value, name);
  return value.map((word, index) => {
    if (Object.hasOwn(WORDS, word)) return word as ControlName;
    throw new RangeError(
      `${name}[${index}] is no control, got ${JSON.stringify(word)}${
        suggestion(word, CONTROL_NAMES)
      }`,
    );
  });
}

/**
 * Refuses what cannot be given and was not accepted.
 *
 * @param gaps What cannot be given.
 * @param accepted What the caller accepts to go without.
 * @param where Who cannot give it, for the message: `Docker with API 1.40`.
 * @throws {AgentError} `UNSUPPORTED` naming every one.
 */
export function refuseGaps(
  gaps: readonly ControlName[],
  accepted: readonly ControlName[],
  where: string,
): void {
  const missing = gaps.filter((gap) => !accepted.includes(gap));
  if (missing.length === 0) return;
  const list = missing.join(", ");
  throw new AgentError(
    "UNSUPPORTED",
    `${where} cannot give ${list}; acceptWeaker: ${JSON.stringify(missing)} goes on without`,
    { what: list },
  );
}
