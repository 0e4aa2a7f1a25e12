/**
 * What decides what can be asked of an engine, and what of it cannot be given.
 *
 * @module
 */

import type { EngineClient } from "../engine/client.ts";
import { apiAtLeast } from "./api_version.ts";
import type { ControlName, EngineFacts } from "./types.ts";

/**
 * The facts of an engine that is connected.
 *
 * @param client The engine.
 * @param seccompFolder Where Podman finds the seccomp profiles; see `writeProfiles()`.
 */
export function factsOf(client: EngineClient, seccompFolder: string | null = null): EngineFacts {
  const { engine, apiVersion, host, capabilities } = client;
  return {
    engine,
    apiVersion,
    seccompFolder,
    runtimes: capabilities.runtimes,
    socketPath: host.kind === "unix" ? host.path : null,
    seccomp: capabilities.seccomp,
    cgroupVersion: capabilities.cgroupVersion,
    limits: capabilities.limits,
    cpus: capabilities.cpus,
    logDrivers: capabilities.logDrivers,
  };
}

/** What an engine cannot give to a container; what is asked then goes without it. */
export function gapsOf(runtime: string | undefined, engine: EngineFacts): Set<ControlName> {
  const gaps = new Set<ControlName>();
  const isPodman = engine.engine === "podman";
  const { limits, cgroupVersion, runtimes = [] } = engine;
  // Podman passes the question over where cgroups are the old ones, and gives the machine's.
  if (isPodman ? cgroupVersion !== 2 : !apiAtLeast(engine.apiVersion, "1.41")) {
    gaps.add("cgroup-namespace");
  }
  if (engine.seccomp === false || isPodman && !engine.seccompFolder) gaps.add("seccomp");
  if (runtime !== undefined && !runtimes.includes(runtime)) gaps.add("runtime");
  if (engine.hasInit === false) gaps.add("init");
  if (limits?.memory === false) gaps.add("memory");
  if (limits?.memory === false || limits?.swap === false) gaps.add("swap");
  if (limits?.pids === false) gaps.add("pids");
  if (limits?.cpu === false) gaps.add("cpus");
  return gaps;
}
