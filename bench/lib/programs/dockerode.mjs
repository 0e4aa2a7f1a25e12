/**
 * dockerode under Node: does what each line of its input says and answers with milliseconds. Arguments: the folder of its
 * packages, the engine's socket. Lines: {"work":"exec","container":ID} a process in a container that runs, to its exit
 * code; {"work":"cold","body":{...}} a container made, started and read until its first byte, then removed.
 */

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [folder, socketPath] = process.argv.slice(2);
const Docker = createRequire(`${folder}bench.js`)("dockerode");
const docker = new Docker({ socketPath });

const WORKS = {
  async exec({ container }) {
    const start = performance.now();
    const exec = await docker.getContainer(container).exec({
      Cmd: ["true"],
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({});
    await new Promise((resolve, reject) => {
      stream.on("end", resolve);
      stream.on("error", reject);
      stream.resume();
    });
    await exec.inspect();
    return performance.now() - start;
  },
  async cold({ body }) {
    const start = performance.now();
    const container = await docker.createContainer(body);
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    const first = new Promise((resolve) => stream.once("data", resolve));
    await container.start();
    await first;
    const time = performance.now() - start;
    await container.remove({ force: true, v: true });
    return time;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { work, ...rest } = JSON.parse(line);
  process.stdout.write(`${await WORKS[work](rest)}\n`);
}
