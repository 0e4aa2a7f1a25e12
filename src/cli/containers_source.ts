/**
 * Which engine a command of `agent containers` asks.
 *
 * @module
 */

import type { ContainerLimits, Containers } from "../containers/mod.ts";
import { AgentError } from "../shared/errors.ts";
import type { Call } from "./command.ts";
import { UsageError } from "./options.ts";
import { environment } from "./paths.ts";
import { dataFolder } from "./permissions.ts";

/** The options that say which. */
export const ENGINE_OPTIONS = {
  host: { value: "HOST", help: "The engine, unix:///path or tcp://host:port ($DOCKER_HOST)" },
} as const;

/** The options of bounds. */
export const LIMIT_OPTIONS = {
  memory: { value: "MIB", help: "Mebibytes of memory" },
  cpus: { value: "N", help: "Processors, such as 1.5" },
  pids: { value: "N", help: "Processes and threads" },
} as const;

/** Options of connecting that not every command has. */
export interface OpenOptions {
  /** Whether something may be made, which Podman needs files for. */
  making?: boolean | undefined;
}

/** Connects to the engine that the options name. */
export async function openContainers(
  { options }: Call,
  signal: AbortSignal,
  { making = false }: OpenOptions = {},
): Promise<Containers> {
  const { connectContainers } = await import("../containers/mod.ts");
  const host = options.text("host");
  const common = {
    ...(host === undefined ? {} : { host }),
    ...options.implementation(),
    signal,
  };
  try {
    const containers = await connectContainers(common);
    const data = dataFolder(undefined, environment);
    if (!making || containers.info.engine !== "podman" || data === undefined) return containers;
    await containers.dispose();
    const seccompFolder = `${data}/seccomp`;
    await Deno.mkdir(seccompFolder, { recursive: true, mode: 0o700 });
    return await connectContainers({ ...common, seccompFolder });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const said = host === undefined ? "DOCKER_HOST" : "--host";
    throw new UsageError(error.message.replace("options.host", said));
  }
}

/**
 * Takes away what other programs left, beside what a command that makes something does. What it cannot take away is told
 * by who asks for a sweep.
 */
export async function sweepBeside(containers: Containers, signal: AbortSignal): Promise<void> {
  await containers.sweep({ signal }).catch(() => {});
}

/** The bounds that were given. */
export function limitsOf({ options }: Call): ContainerLimits {
  const memory = options.number("memory", 6, 1 << 24, "whole", "MiB");
  const cpus = options.number("cpus", 0.01, 4096, "any");
  const pids = options.number("pids", 2, 4_194_304, "whole");
  return {
    ...(memory === undefined ? {} : { memoryBytes: memory * 1024 * 1024 }),
    ...(cpus === undefined ? {} : { cpus }),
    ...(pids === undefined ? {} : { pids }),
  };
}

/** What a library's check of an argument says is a mistake in the command line. */
export async function asUsage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isWrong = error instanceof TypeError || error instanceof RangeError ||
      AgentError.is(error, "SCOPE");
    throw isWrong ? new UsageError(error.message) : error;
  }
}
