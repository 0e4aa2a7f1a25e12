/**
 * The commands about this host: `agent connections`, `agent picture` and `agent threats`.
 *
 * @module
 */

import type { Connection, HostPicture, Threat } from "../security/mod.ts";
import type { Call, Command } from "./command.ts";
import { cell, columnsOf, table, wrapped } from "./host_text.ts";
import { UsageError } from "./options.ts";
import { ProgressBar } from "./progress.ts";
import { watch } from "./watch.ts";

const WHICH = ["listen", "established", "all"] as const;

/** How many findings of one rule are written out. */
const SHOWN = 5;
const FORMATS = ["text", "svg"] as const;

const NEEDS =
  "Reads the tables of Linux, in which other users' processes stand as far as the system shows them.";

const connections: Command = {
  name: "connections",
  summary: "Lists the sockets of this machine with the processes that hold them",
  usage: "",
  options: {
    state: {
      value: "STATE",
      help: `Which: ${WHICH.join(", ")} (all but Unix sockets and old ones)`,
    },
    unix: { help: "Unix sockets too" },
    watch: { help: "Go on showing it until Ctrl-C; on a terminal in place, else a line each time" },
    every: { value: "SECONDS", help: "How often it is looked at with --watch (1)" },
  },
  positionals: [0, 0],
  details:
    `${NEEDS}\nContainers with a network of their own have sockets that are not in the list.`,
  examples: [
    "scripts/agent connections",
    "scripts/agent connections --state listen --json",
    "scripts/agent connections --watch",
  ],
  async run({ options, output, interruptible }: Call): Promise<number> {
    const state = options.choice("state", WHICH);
    const seconds = options.number("every", 0.1, 86_400, "any");
    const isWatched = options.on("watch");
    if (!isWatched && seconds !== undefined) {
      throw new UsageError("Option --every goes with --watch only", "connections");
    }
    if (isWatched && output.json) {
      const why = "Option --watch goes with no --json: one document has an end";
      throw new UsageError(why, "connections");
    }
    const signal = interruptible();
    const security = await import("../security/mod.ts");
    const look = async (): Promise<Connection[]> => {
      const all = await security.connections({ ...options.implementation(), signal });
      return all.filter((one) => isWanted(one, state, options.on("unix")));
    };
    if (!isWatched) {
      const found = await look();
      if (output.json) output.document({ connections: found });
      else for (const line of connectionLines(found, columnsOf())) output.line(line);
      return 0;
    }
    const everyMs = (seconds ?? 1) * 1_000;
    return await watch({ output, signal, everyMs, title: "connections" }, async () => {
      const found = await look();
      const count = (word: string): number => found.filter(({ state }) => state === word).length;
      const sums = `${found.length} ${found.length === 1 ? "socket" : "sockets"}  ${
        count("listen")
      } listen  ${count("established")} established`;
      return {
        lines: connectionLines(found, columnsOf() - 1),
        plain: [`${new Date().toISOString()}  ${sums}`],
      };
    });
  },
};

const threats: Command = {
  name: "threats",
  summary: "Looks for signs of trouble on this machine, by explained rules",
  usage: "",
  options: {
    rule: { value: "ID", many: true, help: "Only this rule; may be given several times" },
    exclude: { value: "ID", many: true, help: "All rules but this; may be given several times" },
    list: { help: "List the rules and look at nothing" },
  },
  positionals: [0, 0],
  details:
    `${NEEDS}\nHeuristics at one point in time: a finding may be harmless, and none proves nothing.`,
  examples: [
    "scripts/agent threats",
    "scripts/agent threats --exclude ip-forwarding --json",
    "scripts/agent threats --list",
  ],
  async run({ options, output, interruptible }: Call): Promise<number> {
    const security = await import("../security/mod.ts");
    const rules = await security.threatRules();
    const [only, exclude] = [options.list("rule"), options.list("exclude")];
    for (const id of [...only, ...exclude]) {
      if (rules.some((rule) => rule.id === id)) continue;
      throw new UsageError(`There is no rule "${cell(id)}": --list names them`, "threats");
    }
    if (options.on("list")) {
      if (output.json) output.document({ rules });
      else {
        const rows = rules.map(({ id, severity, attack, title }) => [id, severity, attack, title]);
        const heading = ["RULE", "SEVERITY", "ATT&CK", "TITLE"];
        for (const line of table(heading, rows, columnsOf(), { whole: [0] })) output.line(line);
      }
      return 0;
    }
    const signal = interruptible();
    const skipped: Record<string, string> = {};
    let found: Threat[];
    {
      using bar = new ProgressBar("looking");
      bar.say("at processes, sockets, files and settings");
      found = await security.detectThreats({
        ...options.implementation(),
        ...(only.length > 0 ? { rules: only } : {}),
        exclude,
        onSkipped: (rule, reason) => void (skipped[rule] = reason),
        signal,
      });
    }
    if (output.json) {
      output.document({ threats: found, skipped });
      return 0;
    }
    for (const [, threats] of Map.groupBy(found, ({ rule }) => rule)) {
      const grave = threats[0]!.severity === "critical" || threats[0]!.severity === "high";
      const [first = "", ...rest] = threatLines(threats, columnsOf());
      output.line(grave ? output.mark(first, false) : output.bold(first));
      for (const line of rest) output.line(line);
    }
    for (const [reason, rules] of Map.groupBy(Object.keys(skipped), (rule) => skipped[rule]!)) {
      output.note(`not looked at whole, ${rules.join(", ")}: ${cell(reason)}`);
    }
    output.note(found.length === 0 ? "nothing was found" : `${found.length} found`);
    return 0;
  },
};

const picture: Command = {
  name: "picture",
  summary:
    "Shows what is open on this machine: port, process, executable, container, certificate, findings",
  usage: "",
  options: {
    format: { value: "WHICH", help: `${FORMATS.join(", ")} (text)` },
    "no-certificates": { help: "Ask no listener for its certificate: nothing is sent anywhere" },
  },
  positionals: [0, 0],
  details:
    `${NEEDS}\nContainers with a network of their own have sockets that are not in it. Certificates are asked for over\n` +
    "connections of this machine to itself, by 127.0.0.1 and ::1.",
  examples: [
    "scripts/agent picture",
    "scripts/agent picture --format svg > picture.svg",
    "scripts/agent picture --no-certificates --json",
  ],
  async run({ options, output, interruptible }: Call): Promise<number> {
    const format = options.choice("format", FORMATS) ?? "text";
    if (format !== "text" && output.json) {
      throw new UsageError("Options --format and --json are two forms: give one", "picture");
    }
    const signal = interruptible();
    const security = await import("../security/mod.ts");
    let found: HostPicture;
    {
      using bar = new ProgressBar("looking");
      bar.say("at sockets, processes and certificates");
      const certificates = !options.on("no-certificates");
      found = await security.picture({ ...options.implementation(), certificates, signal });
    }
    if (output.json) output.document(found);
    else {
      const text = await security.renderPicture(found, { format, width: columnsOf() });
      if (format === "text") output.line(text);
      else output.write(text);
    }
    return 0;
  },
};

function isWanted(
  { protocol, state }: Connection,
  wanted: (typeof WHICH)[number] | undefined,
  unix: boolean,
): boolean {
  if (protocol === "unix" && !unix && wanted !== "all") return false;
  if (wanted === undefined) return state !== "time-wait";
  return wanted === "all" || state === wanted || (wanted === "listen" && state === "unconnected");
}

/** A table that fits so many columns. */
function connectionLines(found: readonly Connection[], columns: number): string[] {
  const end = (one: Connection["local"]): string =>
    one === null
      ? "*"
      : `${one.address.includes(":") ? `[${one.address}]` : one.address}:${one.port}`;
  const rows = found.map((one) => {
    const { protocol, version, local, remote, state, path, owners, reason, user, uid } = one;
    const others = owners.length > 1 ? ` +${owners.length - 1}` : "";
    const owner = owners[0] === undefined
      ? `(${reason})`
      : `${owners[0].process} (${owners[0].pid})${others}`;
    return [
      version === 6 ? `${protocol}6` : protocol,
      path ?? end(local),
      path === undefined ? end(remote) : "",
      state,
      owner,
      user ?? String(uid ?? ""),
    ];
  });
  return table(["PROTO", "LOCAL", "REMOTE", "STATE", "PROCESS", "USER"], rows, columns, {
    ends: [1, 2],
    spare: [5, 0],
  });
}

/** The findings of one rule. */
function threatLines(threats: readonly Threat[], columns: number): string[] {
  const { severity, title, rule, attack, falseAlarms, advice } = threats[0]!;
  const seen = threats.slice(0, SHOWN).map(({ pid, evidence }) =>
    Object.entries({ ...(pid !== null && { pid }), ...evidence })
      .filter(([, value]) => value !== null).map(([name, value]) => `${name} ${value}`).join(", ")
  );
  if (threats.length > SHOWN) seen.push(`and ${threats.length - SHOWN} more (--json has all)`);
  return [
    `${severity}: ${title} [${rule}, ${attack}]`,
    ...seen.flatMap((line) => wrapped(cell(line), columns, "  ")),
    ...wrapped(`Harmless: ${falseAlarms}`, columns, "  "),
    ...wrapped(`Do: ${advice}`, columns, "  "),
    "",
  ];
}

/** The commands. */
export const hostCommands: readonly Command[] = [connections, picture, threats];
