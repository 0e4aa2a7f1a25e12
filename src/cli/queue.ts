/**
 * The `agent queue` commands: how the jobs of a queue stand, which they are, dead ones put back, ended ones removed.
 *
 * @module
 */

import type { JobRecord, JobState, QueueStats } from "../queue/mod.ts";
import type { Call, Command } from "./command.ts";
import { oneOf, UsageError } from "./options.ts";
import { ProgressBar } from "./progress.ts";
import { openQueue, QUEUE_DETAILS, QUEUE_OPTIONS } from "./queue_source.ts";
import { age, jobLine, statsLine, statsLines } from "./queue_text.ts";
import { watch } from "./watch.ts";

const STATES: readonly JobState[] = [
  "waiting",
  "delayed",
  "blocked",
  "running",
  "done",
  "dead",
  "cancelled",
];
const ENDED = ["done", "dead", "cancelled"] as const;
const MOST_LISTED = 100_000;
const DEFAULT_LISTED = 20;
/** How many jobs are put back by one call, so that there is something to show. */
const RETRIED_AT_ONCE = 200;

const WATCH_OPTIONS = {
  watch: { help: "Go on showing it until Ctrl-C; on a terminal in place, else a line each time" },
  every: { value: "SECONDS", help: "How often it is looked at with --watch (1)" },
} as const;

const stats: Command = {
  name: "queue stats",
  summary: "Shows how many jobs of a queue stand where",
  usage: "--file PATH | --redis URL",
  options: { ...QUEUE_OPTIONS, ...WATCH_OPTIONS },
  positionals: [0, 0],
  details: QUEUE_DETAILS,
  examples: [
    "scripts/agent queue stats --file jobs.sqlite",
    "scripts/agent queue stats --redis redis://127.0.0.1:6379 --name mail --watch",
  ],
  async run(call: Call): Promise<number> {
    const { options, output } = call;
    const everyMs = intervalOf(call);
    const signal = call.interruptible();
    await using queue = await openQueue(call);
    if (everyMs === undefined) {
      const found = await queue.stats();
      if (output.json) output.document(found);
      else for (const line of statsLines(found, output)) output.line(line);
      return 0;
    }
    let before: { stats: QueueStats; at: number } | undefined;
    return await watch(
      { output, signal, everyMs, title: titleOf(options.text("name")) },
      async () => {
        const now = { stats: await queue.stats(), at: performance.now() };
        const rate = before === undefined
          ? undefined
          : (now.stats.done - before.stats.done) / ((now.at - before.at) / 1_000);
        before = now;
        return { lines: statsLines(now.stats, output, rate), plain: [statsLine(now.stats)] };
      },
    );
  },
};

const list: Command = {
  name: "queue list",
  summary: "Lists the jobs of a queue that are in one state",
  usage: "--file PATH | --redis URL [--state STATE]",
  options: {
    ...QUEUE_OPTIONS,
    state: { value: "STATE", help: `Which: ${STATES.join(", ")} (dead)` },
    limit: { value: "N", help: `How many (${DEFAULT_LISTED})` },
    offset: { value: "N", help: "How many to pass over first (0)" },
    ...WATCH_OPTIONS,
  },
  positionals: [0, 0],
  details:
    `${QUEUE_DETAILS}\nData, results and errors may hold what is secret: what is listed is shown as it is.`,
  examples: [
    "scripts/agent queue list --file jobs.sqlite --state dead",
    "scripts/agent queue list --redis redis://127.0.0.1:6379 --state running --json",
  ],
  async run(call: Call): Promise<number> {
    const { options, output } = call;
    const state = options.choice("state", STATES) ?? "dead";
    const limit = options.number("limit", 1, MOST_LISTED, "whole") ?? DEFAULT_LISTED;
    const offset = options.number("offset", 0, Number.MAX_SAFE_INTEGER, "whole") ?? 0;
    const everyMs = intervalOf(call);
    const signal = call.interruptible();
    await using queue = await openQueue(call);
    const look = async (): Promise<JobRecord[]> => await queue.list(state, { offset, limit });
    if (everyMs === undefined) {
      const jobs = await look();
      if (output.json) output.document({ state, offset, jobs });
      else for (const job of jobs) output.line(jobLine(job, output));
      if (jobs.length === 0) output.note(`no ${state} jobs`);
      else if (jobs.length === limit) output.note(`there may be more: --offset ${offset + limit}`);
      return 0;
    }
    return await watch({ output, signal, everyMs, title: `${state} jobs` }, async () => {
      const jobs = await look();
      const lines = jobs.length === 0
        ? [`no ${state} jobs`]
        : jobs.map((job) => jobLine(job, output));
      return { lines, plain: lines };
    });
  },
};

const retry: Command = {
  name: "queue retry",
  summary: "Puts dead jobs back to be tried anew: all, or those that are named",
  usage: "[ID...] --file PATH | --redis URL",
  options: QUEUE_OPTIONS,
  positionals: [0, Infinity],
  details: QUEUE_DETAILS,
  examples: [
    "scripts/agent queue retry --file jobs.sqlite",
    "scripts/agent queue retry 0mwzhc9yr0l48yz --redis redis://127.0.0.1:6379",
  ],
  async run(call: Call): Promise<number> {
    const { positionals, output } = call;
    const signal = call.interruptible();
    await using queue = await openQueue(call);
    const total = positionals.length > 0 ? positionals.length : (await queue.stats()).dead;
    let retried = 0;
    {
      using bar = new ProgressBar("retrying");
      for (let at = 0; at < total; at += RETRIED_AT_ONCE) {
        signal.throwIfAborted();
        const ids = positionals.length > 0
          ? positionals.slice(at, at + RETRIED_AT_ONCE)
          : (await queue.list("dead", { limit: RETRIED_AT_ONCE })).map(({ id }) => id);
        const count = await queue.retry(ids);
        retried += count;
        bar.update(Math.min(at + ids.length, total), total);
        if (positionals.length === 0 && count === 0) break;
      }
    }
    if (output.json) output.document({ retried });
    else output.line(`${retried} ${retried === 1 ? "job" : "jobs"} put back`);
    if (retried >= positionals.length) return 0;
    // Without ids all that are there are meant, however many.
    const missing = positionals.length - retried;
    output.note(
      `${missing} of ${positionals.length} are no dead jobs of this queue; "queue list" shows those that are`,
    );
    return 1;
  },
};

const purge: Command = {
  name: "queue purge",
  summary: "Removes jobs of a queue that have ended",
  usage: "--state STATE --file PATH | --redis URL",
  options: {
    ...QUEUE_OPTIONS,
    state: { value: "STATE", help: `Which: ${ENDED.join(", ")}` },
    "older-than": {
      value: "AGE",
      help: "Only those that ended so long ago, as in 90s, 30m, 12h, 7d",
    },
  },
  positionals: [0, 0],
  details: QUEUE_DETAILS,
  examples: [
    "scripts/agent queue purge --state dead --older-than 7d --file jobs.sqlite",
    "scripts/agent queue purge --state done --redis redis://127.0.0.1:6379",
  ],
  async run(call: Call): Promise<number> {
    const { options, output } = call;
    const given = options.required("state", `the state (${ENDED.join(", ")})`);
    const state = oneOf(given, ENDED, "Option --state", purge.name);
    const olderThanMs = age(options.text("older-than"), purge.name);
    const signal = call.interruptible();
    await using queue = await openQueue(call);
    const total = (await queue.stats())[state];
    using bar = new ProgressBar("purging");
    const timer = setInterval(async () => {
      try {
        bar.update(Math.max(total - (await queue.stats())[state], 0), total);
      } catch {
        // What is wrong, the purge itself says.
      }
    }, 250);
    let purged: number;
    try {
      purged = await queue.purge(state, { olderThanMs });
    } finally {
      clearInterval(timer);
    }
    signal.throwIfAborted();
    bar[Symbol.dispose]();
    if (output.json) output.document({ state, purged });
    else output.line(`${purged} ${state} ${purged === 1 ? "job" : "jobs"} removed`);
    return 0;
  },
};

/** How often to look, in milliseconds; undefined without `--watch`. */
function intervalOf({ options, output }: Call): number | undefined {
  const seconds = options.number("every", 0.1, 86_400, "any");
  if (!options.on("watch")) {
    if (seconds !== undefined) throw new UsageError("Option --every goes with --watch only");
    return undefined;
  }
  if (output.json) {
    throw new UsageError("Option --watch goes with no --json: one document has an end");
  }
  return (seconds ?? 1) * 1_000;
}

function titleOf(name: string | undefined): string {
  return name === undefined ? "queue" : `queue ${name}`;
}

/** The commands. */
export const queueCommands: readonly Command[] = [stats, list, retry, purge];
