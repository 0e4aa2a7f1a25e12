/**
 * The seccomp profile of this package, as the JSON that Docker takes inline and Podman takes as a file. Calls of
 * other architectures that the processor also understands (32 bit on x86-64) end the program: they would be a way round.
 *
 * @module
 */

import {
  ALLOWED_CALLS,
  NAMESPACE_FLAGS,
  PACKET_FAMILY,
  PERSONALITIES,
  SOCKET_FAMILIES,
} from "./seccomp_data.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { JsonObject } from "./types.ts";

/** ENOSYS: the C library then uses `clone`, whose flags can be looked at. */
const NO_SUCH_CALL = 38;

/** How a rule compares an argument. */
type Comparison = "SCMP_CMP_EQ" | "SCMP_CMP_MASKED_EQ";

function allow(names: readonly string[], rest: JsonObject = {}): JsonObject {
  return { names, action: "SCMP_ACT_ALLOW", ...rest };
}

function argument(index: number, value: number, op: Comparison, valueTwo = 0): JsonValue {
  return [{ index, value, valueTwo, op }];
}

/** The profile as an object. `packets`: whether raw sockets may be made, for a lab with NET_RAW. */
function profile(packets: boolean): JsonObject {
  const families = packets ? [...SOCKET_FAMILIES, PACKET_FAMILY] : SOCKET_FAMILIES;
  const noNamespace = (index: number): JsonValue =>
    argument(index, NAMESPACE_FLAGS, "SCMP_CMP_MASKED_EQ");
  const s390 = ["s390", "s390x"];
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 1,
    syscalls: [
      allow(ALLOWED_CALLS),
      ...families.map((family) =>
        allow(["socket", "socketpair"], {
          args: argument(0, family, "SCMP_CMP_EQ"),
        })
      ),
      ...PERSONALITIES.map((value) =>
        allow(["personality"], {
          args: argument(0, value, "SCMP_CMP_EQ"),
        })
      ),
      // The flags are the first argument, except where they are the second.
      allow(["clone"], { args: noNamespace(0), excludes: { arches: s390 } }),
      allow(["clone"], { args: noNamespace(1), includes: { arches: s390 } }),
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: NO_SUCH_CALL },
    ],
  };
}

const texts = new Map<boolean, string>();

/**
 * The profile as JSON.
 *
 * @param capabilities What the container has; NET_RAW allows raw sockets.
 */
export function seccompProfile(capabilities: readonly string[] = []): string {
  const packets = capabilities.includes("NET_RAW");
  let text = texts.get(packets);
  if (text === undefined) texts.set(packets, text = JSON.stringify(profile(packets)));
  return text;
}

/** The file of a profile in a folder that {@linkcode writeProfiles} filled. */
export function profileFile(folder: string, capabilities: readonly string[]): string {
  const name = capabilities.includes("NET_RAW") ? "packets" : "plain";
  return `${folder.replace(/\/+$/, "")}/agent-seccomp-${name}.json`;
}

/**
 * Writes the profiles for an engine that takes them as files: Podman, and only if it is on this machine. It reads
 * them when a container is made.
 *
 * @param folder A folder of the caller's own, which nobody else can write.
 */
export async function writeProfiles(folder: string): Promise<void> {
  for (const capabilities of [[], ["NET_RAW"]]) {
    const path = profileFile(folder, capabilities);
    // Moved into its place, since another program of the caller's may have the engine read it now.
    const made = `${path}.${crypto.randomUUID()}`;
    try {
      await Deno.writeTextFile(made, seccompProfile(capabilities), { mode: 0o600 });
      await Deno.rename(made, path);
    } catch (error) {
      await Deno.remove(made).catch(() => undefined);
      throw error;
    }
  }
}
