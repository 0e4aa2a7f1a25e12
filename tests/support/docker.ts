/**
 * A real Docker Engine for tests: started in a folder of its own, on a socket of its own, and ended by
 * the test. It runs no containers for these tests, so it gets neither bridge nor firewall rules.
 */

import { programMissing } from "./needs.ts";
import { delay } from "./values.ts";

/** Why no engine can be started here; undefined if one can. */
export function engineMissing(): string | undefined {
  if (Deno.build.os !== "linux") return "Docker Engine runs on Linux only";
  if (Deno.uid() !== 0) return "starting Docker Engine needs root";
  return programMissing("dockerd", "docker.io");
}

/** Runs a body with an engine on a socket in `folder`. */
export async function withEngine<T>(
  folder: string,
  body: (socket: string) => Promise<T>,
): Promise<T> {
  const socket = `${folder}/docker.sock`;
  const engine = new Deno.Command("dockerd", {
    args: [
      `--host=unix://${socket}`,
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/dockerd.pid`,
      "--iptables=false",
      "--bridge=none",
      "--log-level=error",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let ended = false;
  const ending = engine.output().then((output) => {
    ended = true;
    return output;
  });
  try {
    for (let tries = 0; !exists(socket); tries++) {
      if (ended || tries > 600) {
        if (!ended) engine.kill("SIGTERM");
        throw new Error(
          `dockerd did not start: ${new TextDecoder().decode((await ending).stderr)}`,
        );
      }
      await delay(50);
    }
    return await body(socket);
  } finally {
    if (!ended) engine.kill("SIGTERM");
    await ending;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
