/**
 * The other side of the tests: a program that knows BullMQ alone. It runs under Node with ioredis, and under Deno with
 * node-redis. Commands come as lines of JSON on standard input, an answer to each goes to standard output.
 *
 * Arguments: the port of the server, the queue's name, and under Node the folder whose packages it uses.
 */

import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline";

const [port, name, packages] = process.argv.slice(2);
const bullmq = packages === undefined ? await import("bullmq") : createRequire(packages)("bullmq");
const clients = [];

async function connection() {
  if (packages !== undefined) return { host: "127.0.0.1", port: Number(port) };
  const { createClient } = await import("@redis/client");
  const client = createClient({ socket: { host: "127.0.0.1", port: Number(port) } });
  clients.push(client);
  return client;
}

const queue = new bullmq.Queue(name, { connection: await connection() });
const events = new bullmq.QueueEvents(name, { connection: await connection() });
await events.waitUntilReady();
let worker;

async function handle(job, token) {
  if (job.data === "fail") throw new Error("plain failure");
  if (job.data === "fail once" && job.attemptsMade === 0) throw new Error("the first time");
  if (job.data === "hang") await new Promise((resolve) => setTimeout(resolve, 1_000));
  if (job.data === "report") await job.updateProgress({ half: true });
  const children = Object.values(await job.getChildrenValues() ?? {});
  return { plain: job.data, name: job.name, children, token: typeof token };
}

const commands = {
  async work() {
    worker = new bullmq.Worker(name, handle, { connection: await connection(), concurrency: 4 });
    await worker.waitUntilReady();
  },
  async add({ jobName, data, options }) {
    return (await queue.add(jobName, data, options)).id;
  },
  async result({ id }) {
    const job = await queue.getJob(id);
    return await job.waitUntilFinished(events);
  },
  async job({ id }) {
    const job = await queue.getJob(id);
    return {
      ...job.asJSON(),
      data: job.data,
      state: await job.getState(),
      result: job.returnvalue,
    };
  },
  counts: () => queue.getJobCounts(),
  schedulers: () => queue.getJobSchedulers(),
  pause: () => queue.pause(),
  resume: () => queue.resume(),
  async end() {
    await worker?.close();
    await events.close();
    await queue.close();
    for (const client of clients) if (client.isOpen) client.destroy();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  let answer;
  try {
    answer = { value: await commands[command.do](command) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  if (command.do === "end") break;
}
process.exit(0);
