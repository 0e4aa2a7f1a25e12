/**
 * The `agent containers` commands: what can be deployed, deploying, sandboxes, and what is there.
 *
 * @module
 */

import type { Call, Command } from "./command.ts";
import { deployCommands } from "./containers_deploy.ts";
import { endCommands } from "./containers_end.ts";
import { runCommands } from "./containers_run.ts";
import { asUsage, ENGINE_OPTIONS, openContainers } from "./containers_source.ts";
import {
  bytes,
  duration,
  listRow,
  plain,
  statsRow,
  tableLines,
  tableWidth,
  writeTable,
} from "./containers_text.ts";
import { spoken } from "./containers_words.ts";
import { UsageError } from "./options.ts";
import { ProgressBar } from "./progress.ts";
import { watch } from "./watch.ts";

const LIST_HEADING = ["NAME", "STATUS", "IMAGE", "KIND", "PORTS"];
const STATS_HEADING = ["NAME", "CPU", "MEMORY", "PROCESSES", "NETWORK IN / OUT"];

const list: Command = {
  name: "containers list",
  summary: "Lists containers",
  usage: "[OPTIONS]",
  options: {
    ...ENGINE_OPTIONS,
    ours: { help: "Only those that this program made" },
    running: { help: "Only those that run" },
  },
  positionals: [0, 0],
  examples: ["scripts/agent containers list --ours"],
  async run(call: Call): Promise<number> {
    const { options, output } = call;
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    const found = await containers.list({
      ours: options.on("ours"),
      all: !options.on("running"),
      signal,
    });
    if (output.json) output.document({ containers: found });
    else if (found.length === 0) output.note("no containers");
    else writeTable(output, LIST_HEADING, found.map(listRow));
    return 0;
  },
};

const pull: Command = {
  name: "containers pull",
  summary: "Gets an image from its registry",
  usage: "IMAGE [OPTIONS]",
  options: {
    ...ENGINE_OPTIONS,
    platform: { value: "OS/ARCH", help: "Of another machine, such as linux/arm64" },
  },
  positionals: [1, 1],
  expects: "The image",
  details: "What has come so far is shown on a terminal. The image's digest is told at the end.",
  examples: ["scripts/agent containers pull python:3"],
  async run(call: Call): Promise<number> {
    const { options, positionals, output } = call;
    const [image = ""] = positionals;
    const platform = options.text("platform");
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    return await asUsage(async () => {
      using bar = new ProgressBar("pulling");
      const layers = new Map<string, { current: number; total: number }>();
      const wanted = { ...(platform === undefined ? {} : { platform }), signal };
      for await (const event of containers.pull(image, wanted)) {
        if (event.type === "progress") {
          const { id, status, current, total } = event;
          if (id !== null && current !== null && total !== null) layers.set(id, { current, total });
          bar.say(progressWords(plain(status), layers));
          continue;
        }
        bar[Symbol.dispose]();
        if (output.json) output.document(event);
        else output.line(`${plain(event.image)} ${event.digest ?? event.imageId}`);
      }
      return 0;
    });
  },
};

/** What the engine says, and how much of the layers that it counts has come. */
function progressWords(
  status: string,
  layers: ReadonlyMap<string, { current: number; total: number }>,
): string {
  const sum = (of: "current" | "total"): number =>
    [...layers.values()].reduce((all, layer) => all + layer[of], 0);
  return layers.size === 0
    ? status
    : `${bytes(sum("current"))} of ${bytes(sum("total"))}: ${status}`;
}

const logs: Command = {
  name: "containers logs",
  summary: "Shows what a container wrote",
  usage: "CONTAINER [OPTIONS]",
  options: {
    ...ENGINE_OPTIONS,
    follow: { help: "Go on until it ends, or Ctrl-C" },
    tail: { value: "N", help: "Only the last lines (all)" },
    since: { value: "TIME", help: "Only those of the last time, as in 10m" },
    timestamps: { help: "Show when each was written" },
  },
  positionals: [1, 1],
  expects: "The container",
  examples: ["scripts/agent containers logs my-lab --follow --tail 20"],
  async run(call: Call): Promise<number> {
    const { options, positionals, output } = call;
    const [id = ""] = positionals;
    const tail = options.number("tail", 0, 1_000_000_000, "whole");
    const since = duration(options.text("since"), "--since");
    const follow = options.on("follow");
    if (follow && output.json) {
      throw new UsageError("Option --follow goes with no --json: one document has an end");
    }
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    const lines = containers.get(id).logs({
      follow,
      timestamps: options.on("timestamps"),
      ...(tail === undefined ? {} : { tail }),
      ...(since === undefined ? {} : { since: new Date(Date.now() - since) }),
      signal,
    });
    const all = [];
    for await (const line of lines) {
      if (output.json) all.push(line);
      else output.line(`${line.time === null ? "" : `${line.time}  `}${shown(line.text)}`);
    }
    if (output.json) output.document({ container: id, lines: all });
    return 0;
  },
};

/** A line as it is; on a terminal without what that would act on. */
function shown(text: string): string {
  return Deno.stdout.isTerminal() ? text.replace(/[^\P{Cc}\t]/gu, "?") : text;
}

const stats: Command = {
  name: "containers stats",
  summary: "Shows what containers use",
  usage: "[CONTAINER...] [OPTIONS]",
  options: {
    ...ENGINE_OPTIONS,
    watch: {
      help: "Go on showing it until Ctrl-C; on a terminal in place, else a table each time",
    },
    every: { value: "SECONDS", help: "How often it is looked at with --watch (2)" },
  },
  positionals: [0, Infinity],
  details:
    "Without names, those that run. CPU is 100% for one processor in full. What the engine does not\n" +
    "count is a dash, and never a zero. It is counted over a second or two.",
  examples: ["scripts/agent containers stats --watch"],
  async run(call: Call): Promise<number> {
    const { options, positionals, output } = call;
    const seconds = options.number("every", 0.2, 86_400, "any");
    if (seconds !== undefined && !options.on("watch")) {
      throw new UsageError("Option --every goes with --watch only");
    }
    if (options.on("watch") && output.json) {
      throw new UsageError("Option --watch goes with no --json: one document has an end");
    }
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    const known = new Map<string, ReturnType<typeof containers.get>>();
    const look = async () => {
      const names = positionals.length > 0
        ? positionals
        : (await containers.list({ all: false, signal })).map(({ id, name }) => name ?? id);
      return await Promise.all(names.map(async (name) => {
        const container = known.get(name) ?? containers.get(name);
        known.set(name, container);
        return { name, stats: await container.stats({ signal }) };
      }));
    };
    if (options.on("watch")) {
      const everyMs = (seconds ?? 2) * 1_000;
      return await watch({ output, signal, everyMs, title: "containers" }, async () => {
        const rows = (await look()).map(({ name, stats }) => statsRow(name, stats));
        const lines = tableLines(STATS_HEADING, rows, tableWidth());
        return { lines, plain: lines };
      });
    }
    const found = await look();
    if (output.json) output.document({ containers: found });
    else if (found.length === 0) output.note("no container runs");
    else writeTable(output, STATS_HEADING, found.map(({ name, stats }) => statsRow(name, stats)));
    return 0;
  },
};

/** The commands. */
export const containerCommands: readonly Command[] = [
  ...deployCommands,
  ...runCommands,
  pull,
  list,
  logs,
  stats,
  ...endCommands,
].map(spoken);
