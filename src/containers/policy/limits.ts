/**
 * The bounds of a container: what each profile has if nothing is said, and what can be asked for.
 *
 * @module
 */

import { checkNumber, wholeNumber, wrongValue } from "../../shared/arguments.ts";
import { knownFields } from "../../shared/known_fields.ts";
import type { ContainerLimits, Profile } from "./types.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Bounds that are all there; a file's size may be unbounded. */
export type WholeLimits = Required<Omit<ContainerLimits, "fileBytes">> & {
  fileBytes: number | null;
};

const DEFAULTS: Readonly<Record<Profile, Omit<WholeLimits, "sharedMemoryBytes">>> = {
  sandbox: {
    memoryBytes: 256 * MIB,
    cpus: 1,
    pids: 64,
    openFiles: 1024,
    fileBytes: GIB,
    logBytes: 4 * MIB,
  },
  service: {
    memoryBytes: 2 * GIB,
    cpus: 2,
    pids: 512,
    openFiles: 4096,
    fileBytes: null,
    logBytes: 10 * MIB,
  },
  lab: {
    memoryBytes: GIB,
    cpus: 1,
    pids: 256,
    openFiles: 1024,
    fileBytes: 4 * GIB,
    logBytes: 10 * MIB,
  },
};

/** The names of all bounds. */
export const LIMIT_NAMES = [
  "memoryBytes",
  "cpus",
  "pids",
  "openFiles",
  "fileBytes",
  "logBytes",
  "sharedMemoryBytes",
] as const satisfies readonly (keyof ContainerLimits)[];

/**
 * Reads bounds.
 *
 * @throws {TypeError | RangeError} For one that is unknown or out of range.
 */
export function judgeLimits(value: unknown, profile: Profile, name = "spec.limits"): WholeLimits {
  const fields = knownFields(value ?? {}, name, LIMIT_NAMES) as ContainerLimits;
  const fallback = DEFAULTS[profile];
  const whole = (key: keyof ContainerLimits, least: number, most: number, or: number): number =>
    wholeNumber(fields[key], `${name}.${key}`, { fallback: or, least, most });
  // The engine refuses less than 6 MiB.
  const memoryBytes = whole("memoryBytes", 6 * MIB, 2 ** 50, fallback.memoryBytes);
  return {
    memoryBytes,
    cpus: processors(fields.cpus, fallback.cpus, `${name}.cpus`),
    pids: whole("pids", 2, 4_194_304, fallback.pids),
    openFiles: whole("openFiles", 16, 1_048_576, fallback.openFiles),
    fileBytes: fields.fileBytes === undefined
      ? fallback.fileBytes
      : whole("fileBytes", 4096, 2 ** 50, 0),
    logBytes: whole("logBytes", 16 * 1024, 64 * GIB, fallback.logBytes),
    sharedMemoryBytes: whole(
      "sharedMemoryBytes",
      64 * 1024,
      2 ** 50,
      Math.min(64 * MIB, Math.floor(memoryBytes / 4)),
    ),
  };
}

/** Processors to a thousandth, as the engine can count them. */
function processors(value: unknown, fallback: number, name: string): number {
  if (value === undefined) return fallback;
  checkNumber(value, name);
  if (!(value >= 0.01 && value <= 4096)) throw wrongValue(name, "from 0.01 to 4096", value);
  return Math.round(value * 1000) / 1000;
}

/**
 * Threads of the machine that gVisor needs for itself, and for each process of a container. Measured with its platform
 * that needs the most, ptrace: 75 for one, and nearly nine for each further one.
 */
const GVISOR_OWN = 128;
const GVISOR_EACH = 10;

/** Whether a runtime is gVisor, by the engine's name for it. */
export function isGvisor(runtime: string | null | undefined): boolean {
  return runtime?.startsWith("runsc") === true;
}

/**
 * How many processes and threads the engine is asked to allow. The machine counts gVisor's own among them, and one that
 * it refuses ends the whole sandbox.
 */
export function enginePids(runtime: string | null | undefined, pids: number): number {
  return isGvisor(runtime) ? GVISOR_OWN + GVISOR_EACH * pids : pids;
}
