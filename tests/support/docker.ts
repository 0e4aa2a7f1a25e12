/** A real Docker Engine for tests; see `engine.ts`. */

import { type EngineNetwork, missingFor, sharedEngine, TestEngine } from "./engine.ts";
import type { TestImage } from "./images.ts";

/** Why no engine can be started here; undefined if one can. */
export function engineMissing(): string | undefined {
  return missingFor("dockerd", "docker.io");
}

/** Starts an engine, with further options of its own. */
export async function startDocker(
  network: EngineNetwork = "none",
  images: readonly TestImage[] = [],
  options: readonly string[] = [],
): Promise<TestEngine> {
  const engine = await TestEngine.start({
    kind: "docker",
    network,
    command: (folder, name) => [
      "dockerd",
      `--host=unix://${folder}/engine.sock`,
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/dockerd.pid`,
      `--cgroup-parent=/${name}`,
      "--log-level=warn",
      "--shutdown-timeout=1",
      ...NETWORKS[network](name),
      ...options,
    ],
  });
  try {
    for (const image of images) await image.into(engine);
    return engine;
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** An engine for all tests of a file; call it once for each, at the top level. */
export function sharedDocker(
  network: EngineNetwork = "none",
  images: readonly TestImage[] = [],
): () => TestEngine {
  return sharedEngine(engineMissing(), () => startDocker(network, images));
}

/** Runs a body with an engine's socket. */
export async function withEngine<T>(body: (socket: string) => Promise<T>): Promise<T> {
  await using engine = await startDocker();
  return await body(engine.socket);
}

const NETWORKS: Record<EngineNetwork, (name: string) => readonly string[]> = {
  none: () => ["--bridge=none", "--iptables=false", "--ip-forward=false"],
  bridge: (name) => [
    ...[`--bridge=${name}`, "--iptables=false", "--ip-forward=false", "--ip-masq=false"],
  ],
  namespace: () => [],
};
