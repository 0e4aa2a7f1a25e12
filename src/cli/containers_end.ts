/**
 * `agent containers start`, `stop`, `remove` and `sweep`: the life and end of what is there.
 *
 * @module
 */

import type { KeptThing, RemoveReport, SweepReport } from "../containers/mod.ts";
import { AgentError } from "../shared/errors.ts";
import type { Call, Command } from "./command.ts";
import { addressesOf } from "./containers_addresses.ts";
import { asUsage, ENGINE_OPTIONS, openContainers } from "./containers_source.ts";
import { duration, plain, writeTable } from "./containers_text.ts";
import { inOptions } from "./containers_words.ts";
import { UsageError } from "./options.ts";
import type { Output } from "./output.ts";

const start: Command = {
  name: "containers start",
  summary: "Starts containers that were stopped",
  usage: "CONTAINER...",
  options: ENGINE_OPTIONS,
  positionals: [1, Infinity],
  expects: "The container",
  details:
    "One that runs already stays as it is. Where its ports are now is shown: the engine chooses those\n" +
    "of this machine anew with each start, but for those that deploy --port named. A token stays.",
  examples: ["scripts/agent containers start my-lab"],
  async run(call: Call): Promise<number> {
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    return await forEach(call, "started", async (id) => {
      const container = containers.get(id);
      await container.start({ signal });
      const addresses = await addressesOf(await container.inspect({ signal }));
      return [{ addresses }, addresses.map(({ port, address }) => `  ${port}: ${address}`)];
    });
  },
};

const stop: Command = {
  name: "containers stop",
  summary: "Asks containers to end, and kills them if they do not",
  usage: "CONTAINER... [--grace TIME]",
  options: {
    ...ENGINE_OPTIONS,
    grace: { value: "TIME", help: "How long each has to end, as in 30s (10s)" },
  },
  positionals: [1, Infinity],
  expects: "The container",
  examples: ["scripts/agent containers stop my-lab --grace 30s"],
  async run(call: Call): Promise<number> {
    const graceMs = duration(call.options.text("grace"), "--grace");
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    return await forEach(call, "stopped", async (id) => {
      await containers.get(id).stop({ ...(graceMs === undefined ? {} : { graceMs }), signal });
    });
  },
};

const remove: Command = {
  name: "containers remove",
  summary: "Removes containers; of a deployment its network too, and its data if asked",
  usage: "CONTAINER... [--force] [--volumes]",
  options: {
    ...ENGINE_OPTIONS,
    force: { help: "Also those that run" },
    volumes: { help: "Also the volumes of deployments, with the data in them" },
  },
  positionals: [1, Infinity],
  expects: "The container",
  details:
    "The volumes of a deployment hold what was made in it, and stay until its time is over\n" +
    "unless --volumes says otherwise. Volumes without a name go with their container.",
  examples: [
    "scripts/agent containers remove my-lab --force",
    "scripts/agent containers remove my-lab --force --volumes",
  ],
  async run(call: Call): Promise<number> {
    const { options, output } = call;
    const asked = { force: options.on("force"), volumes: options.on("volumes") };
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    return await forEach(call, "removed", async (id) => {
      const report = await containers.remove(id, { ...asked, signal });
      if (!output.json) tellRemoved(report, output);
      return [{ also: report.removed, kept: report.kept }];
    });
  },
};

/** What went with a container, and what did not. */
function tellRemoved({ removed, kept }: RemoveReport, output: Output): void {
  for (const { kind, name } of removed) output.line(`  ${kind} ${plain(name)} removed`);
  for (const { kind, name, reason, until, error } of kept) {
    output.note(
      reason === "failed"
        ? `${kind} ${plain(name)} is left: ${plain(error ?? "")}`
        : `${kind} ${plain(name)} is left with its data ${untilWhen(until)}; --volumes removes ` +
          `it with its container, containers sweep --volumes later`,
    );
  }
}

function untilWhen(until: KeptThing["until"]): string {
  return until === null ? "for good" : `until ${until.slice(0, 16).replace("T", " ")} UTC`;
}

const sweep: Command = {
  name: "containers sweep",
  summary: "Removes what is over its time, or was left by a program that is gone",
  usage: "[OPTIONS]",
  options: {
    ...ENGINE_OPTIONS,
    "dry-run": { help: "Only show what would be removed" },
    volumes: { help: "Also the data of deployments that were removed before their time" },
  },
  positionals: [0, 0],
  details:
    "Containers, networks and volumes that this program made, and no others. What belongs to a\n" +
    "program that may be alive stays, and deployments stay until their time is over.",
  examples: [
    "scripts/agent containers sweep --dry-run",
    "scripts/agent containers sweep",
  ],
  async run(call: Call): Promise<number> {
    const { options, output } = call;
    const dryRun = options.on("dry-run");
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    const report = await containers.sweep({ dryRun, volumes: options.on("volumes"), signal });
    if (output.json) output.document({ dryRun, ...report });
    else tellSwept(report, dryRun, output);
    return report.failed.length === 0 ? 0 : 1;
  },
};

const WHY = {
  expired: "its time is over",
  orphaned: "the program that made it is gone",
  unused: "what it belonged to is gone",
} as const;

function tellSwept({ removed, failed, kept, unknown }: SweepReport, dry: boolean, output: Output) {
  if (removed.length > 0) {
    const rows = removed.map(({ kind, name, reason }) => [kind, name, WHY[reason]]);
    writeTable(output, [dry ? "WOULD GO" : "REMOVED", "NAME", "WHY"], rows);
  }
  for (const { kind, name, error } of failed) {
    output.note(`${kind} ${plain(name)} is left: ${plain(error)}`);
  }
  const count = removed.length === 0 ? "nothing to remove" : `${removed.length} in all`;
  const left = `${kept} of ours ${dry ? "would be left" : "left"}`;
  const rest = unknown === 0 ? left : `${left}, ${unknown} of them of programs that may be alive`;
  output.note(`${count}; ${rest}`);
}

/** Does something to each container; one that fails does not keep the others from it. */
async function forEach(
  { positionals, output }: Call,
  done: string,
  work: (id: string) => Promise<readonly [more: object, lines?: readonly string[]] | void>,
): Promise<number> {
  const results = [];
  for (const id of positionals) {
    try {
      const [more, lines = []] = await asUsage(() => work(id)) ?? [];
      results.push({ container: id, [done]: true, ...more });
      if (output.json) continue;
      for (const line of [`${plain(id)} ${done}`, ...lines]) output.line(line);
    } catch (thrown) {
      const error = inOptions(thrown);
      if (error instanceof UsageError || positionals.length === 1) throw error;
      if (!AgentError.is(error)) throw error;
      const { code, message } = error;
      results.push({ container: id, [done]: false, error: { code, message } });
      output.note(message);
    }
  }
  if (output.json) output.document({ containers: results });
  return results.every((result) => !("error" in result)) ? 0 : 1;
}

/** The commands. */
export const endCommands: readonly Command[] = [start, stop, remove, sweep];
