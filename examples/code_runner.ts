/**
 * Runs a program that nobody has read, as an agent writes them, in a sandbox: no network, a read-only root, bounds on
 * memory, processes, time and output, all of it looked at after the start.
 *
 * deno run --allow-env=DOCKER_HOST --allow-read=/var/run/docker.sock,program.sh --allow-write=/var/run/docker.sock --allow-net=unix:/var/run/docker.sock examples/code_runner.ts busybox program.sh
 */

import { connectContainers } from "@agent/runtime/containers";

const [image, path] = Deno.args;
if (image === undefined || path === undefined) {
  console.error("Usage: code_runner.ts IMAGE PROGRAM");
  Deno.exit(2);
}
await using containers = await connectContainers();
const result = await containers.run({
  image,
  command: ["sh", "program"],
  files: { program: await Deno.readTextFile(path) },
  timeoutMs: 10_000,
  maxOutputBytes: 100_000,
});
console.log(result.stdout);
console.error(result.stderr);
const { exitCode, timedOut, oomKilled, security } = result;
console.error({ exitCode, timedOut, oomKilled, held: security.ok });
