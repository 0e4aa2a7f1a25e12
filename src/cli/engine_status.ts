/**
 * Which container engine answers, what it is made of, and what should be known about it.
 *
 * Versions only warn: distributors mend old ones without changing the number.
 *
 * @module
 */

import type { EngineClient } from "../containers/engine/client.ts";
import { connectEngine } from "../containers/engine/connect.ts";
import { findEngine } from "../containers/engine/discover.ts";
import { AgentError } from "../shared/errors.ts";
import { PROGRAM } from "../containers/egress/program.ts";
import { nativeFolders } from "../native/locate.ts";
import { isGranted } from "../native/permissions.ts";
import type { WireVersion } from "../containers/engine/wire.ts";
import type { Grants } from "./granted_hosts.ts";
import type { ServiceStatus } from "./services.ts";

/** Podman starts only when it is asked. */
const TIMEOUT_MS = 5000;

/** A version of three numbers. */
type Version = readonly [major: number, minor: number, patch: number];

interface WireAbout extends WireVersion {
  Components?: { Name?: string | null; Version?: string | null }[] | null;
}

/** Asks the Docker Engine (or Podman) who it is. */
export async function checkEngine(env: Grants["env"]): Promise<ServiceStatus> {
  const address = env("DOCKER_HOST") || findEngine();
  const base = { name: "docker", address };
  try {
    await using client = await connectEngine({
      host: address,
      timeoutMs: TIMEOUT_MS,
      implementation: "pure",
    });
    const { engine, version, apiVersion } = client;
    const call = { timeoutMs: TIMEOUT_MS };
    const said = await client.json<WireAbout | null>("GET", "/version", call) ?? {};
    const who = `${engine === "podman" ? "Podman" : "engine"} ${version || "?"}`;
    const about = [who, `API ${apiVersion}`, ...[said.Os, said.Arch].filter((word) => word)];
    const runtime = runtimeOf(said);
    return {
      ...base,
      ok: true,
      found: `reachable (${[...about, address].join(", ")})`,
      details: details(client, runtime),
      warnings: [...warnings(client, runtime), ...programWarnings()],
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // What to do about it is the next field.
    const reason = message.split(/\n|\. /)[0];
    return {
      ...base,
      ok: false,
      found: `not reachable at ${address} (${reason})`,
      fix: AgentError.is(error, "PERMISSION")
        ? message
        : "start Docker or Podman, or set DOCKER_HOST; only the container tools need it. " +
          "Debian and Ubuntu: apt-get install docker.io, or podman with systemctl start podman.socket",
    };
  }
}

/** The runtime's name and version, as far as the engine says them. */
function runtimeOf({ Components }: WireAbout): string | undefined {
  for (const { Name, Version } of Components ?? []) {
    const name = /\b(runc|crun|runsc|kata-runtime)\b/.exec(Name ?? "")?.[1];
    const number = /\d+\.\d+(\.\d+)?\S*/.exec(Version ?? "")?.[0];
    if (name !== undefined && number !== undefined) return `${name} ${number}`;
  }
  return undefined;
}

function details({ capabilities }: EngineClient, runtime: string | undefined): string[] {
  const { runtimes, defaultRuntime, cgroupVersion, rootless, storageDriver } = capabilities;
  const yes = (is: boolean, word: string): string[] => is ? [word] : [];
  const security = [
    ...yes(capabilities.seccomp, "seccomp"),
    ...yes(capabilities.apparmor, "AppArmor"),
    ...yes(capabilities.selinux, "SELinux"),
    ...yes(capabilities.userNamespaces, "user namespaces"),
    ...yes(rootless, "rootless"),
  ];
  const others = runtimes.filter((name) => name !== defaultRuntime);
  return [
    `runtime ${runtime ?? defaultRuntime ?? "not named"}` +
    (others.length === 0 ? "" : `, also ${others.join(", ")}`),
    `cgroups ${cgroupVersion ?? "of an unknown version"}, storage ${storageDriver ?? "not named"}`,
    `security: ${security.length === 0 ? "none that the engine names" : security.join(", ")}`,
  ];
}

/** What should be known about an engine; each a sentence. */
export function warnings(
  { engine, version, capabilities }: Pick<EngineClient, "engine" | "version" | "capabilities">,
  runtime: string | undefined,
): string[] {
  const found: string[] = [];
  const own = numbers(version);
  if (engine === "docker" && own !== undefined && isBefore(own, [28, 0, 0])) {
    found.push(
      `Docker before 28.0 lets machines on the same link reach ports published on 127.0.0.1, unless ` +
        `your distribution mended ${version}`,
    );
  }
  const runc = runtime?.startsWith("runc ") ? numbers(runtime.slice(5)) : undefined;
  if (runc !== undefined && isBefore(runc, runc[1] >= 3 ? [1, 3, 3] : [1, 2, 8])) {
    found.push(
      `${runtime} is older than 1.2.8 and 1.3.3, which closed ways out of a container ` +
        `(CVE-2025-31133, CVE-2025-52565, CVE-2025-52881), unless your distribution mended it`,
    );
  }
  if (!capabilities.seccomp) found.push("the engine filters no system calls (seccomp)");
  for (const [name, is] of Object.entries(capabilities.limits)) {
    if (is === false) found.push(`the kernel enforces no limit of ${name}`);
  }
  return found;
}

function programWarnings(): string[] {
  const there = nativeFolders().map((folder) => `${folder}${PROGRAM}`)
    .filter((path) => isGranted({ name: "read", path }))
    .some((path) => {
      try {
        return Deno.statSync(path).isFile;
      } catch {
        return false;
      }
    });
  return there
    ? []
    : [`${PROGRAM} is not built: boxes reach no hosts by name (scripts/setup builds it)`];
}

function numbers(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
}

function isBefore(version: Version, other: Version): boolean {
  const at = version.findIndex((number, index) => number !== other[index]);
  return at >= 0 && version[at]! < other[at]!;
}
