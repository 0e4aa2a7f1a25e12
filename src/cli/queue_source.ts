/**
 * Which queue a command of `agent queue` is about: a file, or a Redis server whose credentials no list of processes
 * shows.
 *
 * @module
 */

import { parseAddress } from "../cache/distributed/address.ts";
import type { JsonValue, Queue } from "../queue/mod.ts";
import { shown } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import type { Call } from "./command.ts";
import { UsageError } from "./options.ts";
import { environment } from "./paths.ts";

/** So many names are told where one was wrong. */
const MOST_NAMED = 20;
/** The environment variable with the URL of the server, credentials included. */
const VARIABLE = "AGENT_REDIS_URL";

/** The options that say which. */
export const QUEUE_OPTIONS = {
  file: { value: "PATH", help: "The file that keeps the queue's jobs" },
  redis: { value: "URL", help: `The Redis server that does (\$${VARIABLE})` },
  name: { value: "NAME", help: "The queue's name (default)" },
} as const;

/** What the help of each command says about them. */
export const QUEUE_DETAILS =
  "A password belongs into the environment: AGENT_REDIS_URL=redis://user:password@host. One that is\n" +
  "given with --redis is moved there before the program starts, so that no list of processes shows it.";

/** Opens the queue that the options name. */
export async function openQueue({ options }: Call): Promise<Queue<JsonValue, JsonValue>> {
  const file = options.text("file");
  const redis = options.text("redis");
  const known = environment(VARIABLE);
  if (file !== undefined && redis !== undefined) {
    throw new UsageError("Options --file and --redis are two places: give one");
  }
  const store = file !== undefined ? { file: existing(file) } : { redis: serverOf(redis, known) };
  const { createQueue } = await import("../queue/mod.ts");
  const name = options.text("name");
  let queue: Queue<JsonValue, JsonValue>;
  try {
    queue = createQueue({
      store,
      ...(name === undefined ? {} : { name }),
      ...options.implementation(),
    });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const message = error.message.replace("options.store.redis", "Option --redis");
    throw new UsageError(message.replace("options.name", "Option --name"));
  }
  try {
    if (file !== undefined) await checkName(file, name ?? "default");
    else await checkServer(store.redis!, name);
  } catch (error) {
    await queue.close();
    throw error;
  }
  return queue;
}

/** A queue of a name that is not there has no jobs, and would be made. */
async function checkServer(redis: string, name: string | undefined): Promise<void> {
  const { hasQueue } = await import("../queue/redis/names.ts");
  if (await hasQueue(redis, name)) return;
  const { shown: server } = parseAddress(redis);
  throw new AgentError(
    "NOT_FOUND",
    `Redis at ${server} has no queue of the name ${shown(name ?? "default")} (--name)`,
    { what: name ?? "default" },
  );
}

/** A queue that is not there has no jobs, and would be made. */
async function checkName(file: string, name: string): Promise<void> {
  const { queueNames } = await import("../queue/file/names.ts");
  const names = queueNames(file);
  if (names === undefined || names.includes(name)) return;
  const others = names.slice(0, MOST_NAMED).map((name) => shown(name)).join(", ");
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : "";
  const there = names.length === 0 ? "there are none" : `there are: ${others}${more}`;
  throw new AgentError(
    "NOT_FOUND",
    `"${file}" has no queue of the name ${shown(name)} (--name); ${there}`,
    { what: name },
  );
}

/** A file that is not there has no jobs, and would be made. */
function existing(file: string): string {
  try {
    Deno.statSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new AgentError("NOT_FOUND", `There is no queue file "${file}"`, { what: file });
  }
  return file;
}

/** The URL with credentials, if the environment has them for that server. */
function serverOf(redis: string | undefined, known: string | undefined): string {
  if (redis === undefined) {
    if (known) return known;
    throw new UsageError(`Give --file PATH or --redis URL, or set ${VARIABLE}`);
  }
  return known && withoutCredentials(known) === redis ? known : redis;
}

/** As `scripts/agent` writes it. */
function withoutCredentials(url: string): string {
  return url.replace(/^([^:/?#]*:\/\/).*@/s, "$1");
}
