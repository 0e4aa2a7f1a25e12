/**
 * Finds an engine where nobody named one: the environment, then the sockets where engines listen. Only what may be
 * looked at without asking is looked at.
 *
 * @module
 */

import { isGranted, readEnvironment } from "../../native/permissions.ts";
import { DEFAULT_HOST } from "../host.ts";

/** The host of the engine, as the option `host` has it; where none is found, that of Docker. */
export function findEngine(): string {
  const named = readEnvironment("DOCKER_HOST");
  if (named) return named;
  return candidates().find(isThere) ?? DEFAULT_HOST;
}

/** Where engines listen, in the order in which they are looked for. */
function candidates(): string[] {
  const runtime = readEnvironment("XDG_RUNTIME_DIR");
  const home = readEnvironment("HOME");
  return [
    DEFAULT_HOST,
    ...(runtime ? [`unix://${runtime}/podman/podman.sock`, `unix://${runtime}/docker.sock`] : []),
    "unix:///run/podman/podman.sock",
    ...(home ? [`unix://${home}/.docker/run/docker.sock`] : []),
  ];
}

function isThere(host: string): boolean {
  const path = host.slice("unix://".length);
  if (!isGranted({ name: "read", path })) return false;
  try {
    return Deno.statSync(path).isSocket === true;
  } catch {
    return false;
  }
}
