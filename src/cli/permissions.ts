/**
 * Which permissions each command gets: the one table, read by the launcher before Deno starts
 * (`scripts/lib/permissions.sh`) and by the commands for `--print-permissions`.
 *
 * `*` is every command, and several are named with commas between. `takes` lists the options that are followed by a value,
 * `alias` other spellings of the command. A value `WORD?VALUE` holds where WORD is named by `--tools` or `--domain`,
 * or is an option that was given. A value in braces
 * stands for what the arguments or the environment say: `{--docs}` the value of an option, `{1}` the
 * first argument after the command's name, `{2+}` the second and all later ones, `{native}` the
 * folders of native libraries, `{vocabularies}` the folder of the checkout that has the tokens of
 * language models, `{data}` the data folder,
 * `{urls}` the hosts of the addresses among the arguments, `{hosts}` those of `--allow-host`, `{targets}` the arguments
 * themselves as hosts and networks, `{docs}` the folder of `--docs` or else the documents of the checkout, `{listen}` where `serve` listens, `{scope}` what its callers may scan, `{scan-audit}` the file of `AGENT_SCAN_AUDIT`, `{programs}` the programs of the commands that `bench` measures, `{docker}`, `{docker-socket}`, `{redis}` where those services are (an engine also by
 * `--host`), `{queue-file}` the file of `--file` with those that SQLite and
 * the queue keep beside it, `{session}` the same of `--session` and
 * `{resumed}` of the first argument, `{model-script}` and `{model-host}` what `--model` names, `{queue-server}` and `{queue-socket}` where the Redis server of `--redis` or
 * `AGENT_REDIS_URL` is, `{http}` the port of `--http` on this machine; `{all}` is every one of the kind. Nothing else is granted; paths in arguments are granted one by one, and what holds `://` is none.
 */

import { fileURLToPath } from "node:url";
import { packageFolderUrl } from "../shared/place.ts";
import { IS_CHECKOUT } from "./program.ts";
import {
  dockerAddress,
  each,
  grantedHost,
  grantedTarget,
  type Grants,
  hostOfUrl,
  queueServer,
  redisHost,
} from "./granted_hosts.ts";
import { TABLE } from "./permission_table.ts";

/** What stands between the two commands of `bench` unless it says otherwise. */
export const COMMAND_SEPARATOR = "--vs--";

/** Stands for every one of a kind. */
const ALL = "{all}";

/** A row of the table, without its bars. */
export interface PermissionRow {
  /** `*`, a command, or the two words of one with a dot between them. */
  command: string;
  /** A kind of Deno permission, or `takes`. */
  permission: string;
  /** What is granted, or the options that take a value. */
  values: string[];
}

/** The table, row by row, without its heading. */
export function permissionRows(): PermissionRow[] {
  const lines = TABLE.split("\n").filter((line) => line.startsWith("|")).slice(1);
  return lines.flatMap((line) => {
    const [, commands = "", permission = "", value = ""] = line.split("|").map((cell) =>
      cell.trim()
    );
    const values = value.split(/ +/);
    return commands.split(",").map((command) => ({ command, permission, values }));
  });
}

/** The words of a command, where the first argument is another spelling of them; else undefined. */
export function aliasOf(word: string): string[] | undefined {
  const row = permissionRows().find(({ permission, values }) =>
    permission === "alias" && values.includes(word)
  );
  return row?.command.split(".");
}

/**
 * The Deno flags of a command: what the launcher gives, in the order of the table.
 *
 * Paths in the arguments must be absolute and resolved, as the launcher passes them.
 */
export function permissionFlags(command: string, grants: Grants): string[] {
  const flags: string[] = [];
  for (const row of permissionRows()) {
    if (
      /^(takes|alias)$/.test(row.permission) || (row.command !== "*" && row.command !== command)
    ) continue;
    for (const item of grantedOf(row, grants)) {
      flags.push(`--allow-${row.permission}${item === ALL ? "" : `=${item}`}`);
    }
  }
  return flags;
}

function grantedOf({ permission, values: [value = ""] }: PermissionRow, grants: Grants): string[] {
  // Packages of libraries lie where only Deno knows, and are opened with the permission for all of them.
  if (permission === "ffi" && value === "{native}" && !IS_CHECKOUT) return [ALL];
  return expand(value, grants);
}

function expand(value: string, grants: Grants): string[] {
  const [, word, granted] = /^(\w+)\?(.*)$/.exec(value) ?? [];
  if (word !== undefined) return wantedWords(grants).includes(word) ? expand(granted!, grants) : [];
  const inner = /^\{(.*)\}$/.exec(value)?.[1];
  if (inner === undefined || value === ALL) return [value];
  if (inner === "native") return nativeFolders(grants.env);
  if (inner === "vocabularies") return present(checkoutPath("data"));
  if (inner === "docs") return present(textOf(grants.options["docs"]) ?? checkoutPath("docs"));
  if (inner === "listen") return [grantedAddress(textOf(grants.options["listen"]) ?? "127.0.0.1")];
  if (inner === "data") return present(dataFolder(grants.options["data"], grants.env));
  if (inner === "docker") {
    const { host, sockets } = dockerAddress(grants.env, grants.options["host"]);
    return host === undefined ? sockets.map((socket) => `unix:${socket}`) : [host];
  }
  if (inner === "docker-socket") {
    return dockerAddress(grants.env, grants.options["host"]).sockets;
  }
  if (inner === "redis") return [redisHost(grants.env)];
  if (inner === "urls") return each(grants.positionals.map(hostOfUrl));
  if (inner === "hosts") {
    const hosts: unknown = grants.options["allow-host"];
    return each(Array.isArray(hosts) ? hosts.map((host) => grantedHost(String(host), "")) : []);
  }
  if (inner === "scope") {
    const targets: unknown = grants.options["scope"];
    return each(Array.isArray(targets) ? targets.map((target) => grantedTarget(`${target}`)) : []);
  }
  if (inner === "http") return httpPort(grants.options["http"]);
  if (inner === "programs") return programs(grants);
  if (inner === "scan-audit") return present(grants.env("AGENT_SCAN_AUDIT"));
  if (inner === "targets") return each(grants.positionals.map(grantedTarget));
  if (inner === "queue-file") return filesBeside(grants.options["file"], QUEUE_ENDS);
  if (inner === "session") return filesBeside(grants.options["session"], SESSION_ENDS);
  if (inner === "resumed") return filesBeside(grants.positionals[0], SESSION_ENDS);
  if (inner === "model-script") return present(scriptOf(grants.options["model"]));
  if (inner === "model-host") return present(hostOfUrl(String(grants.options["model"] ?? "")));
  if (inner === "--key-env") {
    const name = grants.options["key-env"];
    return typeof name === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? [name] : [];
  }
  if (inner === "queue-server") return present(queueServer(grants)?.net);
  if (inner === "queue-socket") return present(queueServer(grants)?.socket);
  if (inner.startsWith("--")) {
    const option: unknown = grants.options[inner.slice(2)];
    return (Array.isArray(option) ? option : [option]).filter((path) =>
      typeof path === "string" && path !== "" && !isAddress(path)
    );
  }
  const first = Number.parseInt(inner) - 1;
  const given = inner.endsWith("+")
    ? grants.positionals.slice(first)
    : grants.positionals.slice(first, first + 1);
  return given.filter((path) => path !== "" && path !== "-" && !isAddress(path));
}

function textOf(option: unknown): string | undefined {
  return typeof option === "string" && option !== "" ? option : undefined;
}

/** An address to listen on, as it is granted. */
function grantedAddress(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** The port of `--http`, on this machine alone. */
function httpPort(port: unknown): string[] {
  if (typeof port !== "string" || !/^(0|[1-9][0-9]{0,4})$/.test(port)) return [];
  return Number(port) <= 65_535 ? [`127.0.0.1:${port}`] : [];
}

/** Whether an argument is an address of the web and no path. */
export function isAddress(argument: string): boolean {
  return argument.includes("://");
}

/** The first word, and that after what stands between two commands. */
function programs({ positionals, options }: Grants): string[] {
  const separator = options["separator"] ?? COMMAND_SEPARATOR;
  const isProgram = (at: number): boolean => at === 0 || positionals[at - 1] === separator;
  return each(positionals.filter((word, at) => isProgram(at) && word !== separator));
}

function present(value: string | undefined): string[] {
  return value === undefined || value === "" ? [] : [value];
}

function nativeFolders(env: Grants["env"]): string[] {
  const home = env("HOME");
  const cache = Deno.build.os === "darwin"
    ? home && `${home}/Library/Caches`
    : env("XDG_CACHE_HOME") || (home && `${home}/.cache`);
  return [
    ...present(env("AGENT_NATIVE_DIR")),
    ...present(checkoutPath("target/release")),
    ...(cache ? [`${cache}/agent/native`] : []),
  ];
}

/** A path inside the checkout; undefined where the program is a package that Deno fetched. */
export function checkoutPath(path: string): string | undefined {
  return IS_CHECKOUT ? fileURLToPath(new URL(path, packageFolderUrl())) : undefined;
}

/** The folder with the knowledge files: `--data`, or where the desktop standard puts such data. */
export function dataFolder(option: unknown, env: Grants["env"]): string | undefined {
  if (typeof option === "string") return option;
  const shared = env("XDG_DATA_HOME");
  // The standard says that a relative path there is to be ignored.
  if (shared?.startsWith("/")) return `${shared}/agent`;
  const home = env("HOME");
  return home ? `${home}/.local/share/agent` : undefined;
}

const QUEUE_ENDS = ["", "-wal", "-shm", "-held"];
const SESSION_ENDS = [...QUEUE_ENDS, "-sessions"];

/** A file of SQLite, and what is kept beside it while it is open. */
function filesBeside(file: unknown, ends: readonly string[]): string[] {
  if (typeof file !== "string" || file === "" || file === "-" || isAddress(file)) return [];
  return ends.map((end) => file + end);
}

/** The file of a scripted model. */
export function scriptOf(model: unknown): string | undefined {
  return typeof model === "string" && model.startsWith("script:") ? model.slice(7) : undefined;
}

/** What rows may ask for: the tools and the domain that are named, and the options that were given. */
function wantedWords({ options }: Grants): string[] {
  const named = [options["tools"], options["domain"]].flatMap((word) =>
    typeof word === "string" ? word.split(",") : []
  );
  const given = Object.entries(options).filter(([, value]) =>
    value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)
  );
  return [...named, ...given.map(([name]) => name)];
}
