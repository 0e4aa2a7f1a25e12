/** A real Podman service for tests; see `engine.ts`. */

import { type EngineNetwork, missingFor, sharedEngine, TestEngine } from "./engine.ts";
import type { TestImage } from "./images.ts";
import { programMissing } from "./needs.ts";

/** Why no Podman can be started here; undefined if one can. */
export function podmanMissing(): string | undefined {
  return missingFor("podman", "podman") ?? programMissing("conmon", "conmon");
}

/**
 * Starts a Podman service.
 *
 * @param network With `none` the network `bridge` must not be used: it would change the machine's.
 * @param images What it holds.
 * @param registries Registries that are asked without TLS, as `host:port`.
 */
export async function startPodman(
  network: "none" | "namespace" = "none",
  images: readonly TestImage[] = [],
  registries: readonly string[] = [],
): Promise<TestEngine> {
  const engine = await TestEngine.start({
    kind: "podman",
    network: network satisfies EngineNetwork,
    command: async (folder) => {
      await Deno.writeTextFile(`${folder}/containers.conf`, configuration(folder));
      await Deno.writeTextFile(`${folder}/registries.conf`, insecure(registries));
      return [
        ...["env", `CONTAINERS_CONF=${folder}/containers.conf`],
        `CONTAINERS_REGISTRIES_CONF=${folder}/registries.conf`,
        ...["podman", "--root", `${folder}/data`, "--runroot", `${folder}/exec`],
        ...["--tmpdir", `${folder}/state`, "--storage-driver", "overlay", "--log-level", "warn"],
        ...["system", "service", "--time=0", `unix://${folder}/engine.sock`],
      ];
    },
  });
  try {
    for (const image of images) await image.into(engine);
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** A Podman service for all tests of a file; call it once for each, at the top level. */
export function sharedPodman(
  network: "none" | "namespace" = "none",
  images: readonly TestImage[] = [],
): () => TestEngine {
  return sharedEngine(podmanMissing(), () => startPodman(network, images));
}

/**
 * Its settings. `runc` because `crun` refuses mixed cgroups; limits because without CAP_SYS_RESOURCE
 * the defaults, which are higher than those of this process, cannot be set.
 */
const configuration = (folder: string): string =>
  `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]

[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
image_parallel_copies = 1

[network]
network_backend = "netavark"
network_config_dir = "${folder}/networks"

[engine.runtimes]
runc = ["/usr/sbin/runc", "/usr/bin/runc"]
`;

function insecure(registries: readonly string[]): string {
  return registries.map((location) =>
    `[[registry]]\nlocation = ${JSON.stringify(location)}\ninsecure = true\n`
  ).join("\n");
}
