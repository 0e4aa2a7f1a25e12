/**
 * Which permissions each command gets: the one table, read by the launcher before Deno starts
 * (`scripts/lib/permissions.sh`) and by the commands for `--print-permissions`.
 *
 * `*` is every command. `takes` lists the options that are followed by a value. A value in braces
 * stands for what the arguments or the environment say: `{--docs}` the value of an option, `{1}` the
 * first argument after the command's name, `{2+}` the second and all later ones, `{native}` the
 * folders of native libraries, `{vocabularies}` the folder of the checkout that has the tokens of
 * language models, `{pages}` the same if there are addresses among the arguments, `{data}` the data folder,
 * `{urls}` the hosts of the addresses among the arguments, `{hosts}` those of `--allow-host`, `{targets}` the arguments
 * themselves as hosts and networks, `{scan-audit}` the file of `AGENT_SCAN_AUDIT`, `{programs}` the programs of the commands that `bench` measures, `{docker}`, `{docker-socket}`, `{redis}` where those services are (an engine also by
 * `--host`), `{queue-file}` the file of `--file` with those that SQLite and
 * the queue keep beside it, `{queue-server}` and `{queue-socket}` where the Redis server of `--redis` or
 * `AGENT_REDIS_URL` is; `{all}` is every one of the kind. Nothing else is granted; paths in arguments are granted one by one, and what holds `://` is none.
 */

import { fileURLToPath } from "node:url";

/** One row a permission; the launcher reads the lines that begin with a bar. */
const TABLE = `
| command         | permission | value                                                |
| *               | takes      | --implementation                                     |
| *               | read       | {native}                                             |
| *               | ffi        | {native}                                             |
| *               | env        | AGENT_IMPLEMENTATION                                 |
| *               | env        | AGENT_NATIVE_DIR                                     |
| *               | env        | HOME                                                 |
| *               | env        | XDG_CACHE_HOME                                       |
| *               | env        | TERM                                                 |
| ask             | takes      | --docs --data --domain --exclude                     |
| ask             | read       | {--docs}                                             |
| ask             | read       | {data}                                               |
| ask             | write      | {data}                                               |
| ask             | env        | XDG_DATA_HOME                                        |
| index           | takes      | --data --allow-host --exclude                        |
| index           | read       | {1+}                                                 |
| index           | read       | {pages}                                              |
| index           | net        | {urls}                                               |
| index           | net        | {hosts}                                              |
| index           | read       | {data}                                               |
| index           | write      | {data}                                               |
| index           | env        | XDG_DATA_HOME                                        |
| fetch           | takes      | --content --max-tokens --encoding --allow-host       |
| fetch           | read       | {vocabularies}                                       |
| fetch           | net        | {urls}                                               |
| fetch           | net        | {hosts}                                              |
| doctor          | takes      | --data                                               |
| doctor          | read       | {data}                                               |
| doctor          | read       | {docker-socket}                                      |
| doctor          | write      | {docker-socket}                                      |
| doctor          | net        | {docker}                                             |
| doctor          | net        | {redis}                                              |
| doctor          | env        | DOCKER_HOST                                          |
| doctor          | env        | XDG_RUNTIME_DIR                                      |
| doctor          | env        | AGENT_REDIS_URL                                      |
| doctor          | env        | XDG_DATA_HOME                                        |
| containers.templates | takes      | --templates                                          |
| containers.templates | read       | {--templates}                                        |
| containers.deploy   | takes      | --host --templates --option --env --port --name --ttl --capability --runtime --accept-weaker --memory --cpus --pids |
| containers.deploy   | read       | {--templates}                                        |
| containers.deploy   | read       | {docker-socket}                                      |
| containers.deploy   | write      | {docker-socket}                                      |
| containers.deploy   | net        | {docker}                                             |
| containers.deploy   | net        | 127.0.0.1                                            |
| containers.deploy   | env        | DOCKER_HOST                                          |
| containers.deploy   | env        | XDG_RUNTIME_DIR                                      |
| containers.deploy   | read       | /tmp/agent-runtime-owners                            |
| containers.deploy   | write      | /tmp/agent-runtime-owners                            |
| containers.deploy   | read       | {data}                                               |
| containers.deploy   | write      | {data}                                               |
| containers.deploy   | env        | XDG_DATA_HOME                                        |
| containers.run      | takes      | --image --host --env --timeout --max-output --files --take --to --allow --isolation --accept-weaker --memory --cpus --pids |
| containers.run      | read       | {--files}                                            |
| containers.run      | write      | {--to}                                               |
| containers.run      | read       | {docker-socket}                                      |
| containers.run      | write      | {docker-socket}                                      |
| containers.run      | net        | {docker}                                             |
| containers.run      | env        | DOCKER_HOST                                          |
| containers.run      | env        | XDG_RUNTIME_DIR                                      |
| containers.run      | read       | /tmp/agent-runtime-owners                            |
| containers.run      | write      | /tmp/agent-runtime-owners                            |
| containers.run      | read       | {data}                                               |
| containers.run      | write      | {data}                                               |
| containers.run      | env        | XDG_DATA_HOME                                        |
| containers.exec     | takes      | --host --env --timeout --max-output --user --folder  |
| containers.exec     | read       | {docker-socket}                                      |
| containers.exec     | write      | {docker-socket}                                      |
| containers.exec     | net        | {docker}                                             |
| containers.exec     | env        | DOCKER_HOST                                          |
| containers.exec     | env        | XDG_RUNTIME_DIR                                      |
| containers.list     | takes      | --host                                               |
| containers.list     | read       | {docker-socket}                                      |
| containers.list     | write      | {docker-socket}                                      |
| containers.list     | net        | {docker}                                             |
| containers.list     | env        | DOCKER_HOST                                          |
| containers.list     | env        | XDG_RUNTIME_DIR                                      |
| containers.pull     | takes      | --host --platform                                    |
| containers.pull     | read       | {docker-socket}                                      |
| containers.pull     | write      | {docker-socket}                                      |
| containers.pull     | net        | {docker}                                             |
| containers.pull     | env        | DOCKER_HOST                                          |
| containers.pull     | env        | XDG_RUNTIME_DIR                                      |
| containers.logs     | takes      | --host --tail --since                                |
| containers.logs     | read       | {docker-socket}                                      |
| containers.logs     | write      | {docker-socket}                                      |
| containers.logs     | net        | {docker}                                             |
| containers.logs     | env        | DOCKER_HOST                                          |
| containers.logs     | env        | XDG_RUNTIME_DIR                                      |
| containers.stats    | takes      | --host --every                                       |
| containers.stats    | read       | {docker-socket}                                      |
| containers.stats    | write      | {docker-socket}                                      |
| containers.stats    | net        | {docker}                                             |
| containers.stats    | env        | DOCKER_HOST                                          |
| containers.stats    | env        | XDG_RUNTIME_DIR                                      |
| containers.stop     | takes      | --host --grace                                       |
| containers.stop     | read       | {docker-socket}                                      |
| containers.stop     | write      | {docker-socket}                                      |
| containers.stop     | net        | {docker}                                             |
| containers.stop     | env        | DOCKER_HOST                                          |
| containers.stop     | env        | XDG_RUNTIME_DIR                                      |
| containers.remove   | takes      | --host                                               |
| containers.remove   | read       | {docker-socket}                                      |
| containers.remove   | write      | {docker-socket}                                      |
| containers.remove   | net        | {docker}                                             |
| containers.remove   | env        | DOCKER_HOST                                          |
| containers.remove   | env        | XDG_RUNTIME_DIR                                      |
| containers.remove   | read       | /tmp/agent-runtime-owners                            |
| containers.remove   | write      | /tmp/agent-runtime-owners                            |
| scan            | takes      | --ports --udp --timeout --format --audit             |
| scan            | net        | {targets}                                            |
| scan            | net        | 127.0.0.1                                            |
| scan            | net        | [::1]                                                |
| scan            | net        | 0.0.0.0:0                                            |
| scan            | net        | [::]:0                                               |
| scan            | sys        | networkInterfaces                                    |
| scan            | env        | AGENT_SCAN_AUTHORIZATION                             |
| scan            | env        | AGENT_SCAN_AUDIT                                     |
| scan            | write      | {--audit}                                            |
| scan            | write      | {scan-audit}                                         |
| load            | takes      | --rate --connections --duration --requests --warm-up --streams --method --header --body --timeout --threshold --max-errors --ca --svg |
| load            | read       | {--ca}                                               |
| load            | write      | {--svg}                                              |
| load            | net        | {urls}                                               |
| load            | sys        | networkInterfaces                                    |
| load            | env        | AGENT_LOAD_AUTHORIZATION                             |
| queue.stats     | takes      | --file --redis --name --every                        |
| queue.stats     | read       | {queue-file}                                         |
| queue.stats     | write      | {queue-file}                                         |
| queue.stats     | read       | {queue-socket}                                       |
| queue.stats     | write      | {queue-socket}                                       |
| queue.stats     | net        | {queue-server}                                       |
| queue.stats     | env        | AGENT_REDIS_URL                                      |
| queue.list      | takes      | --file --redis --name --state --limit --offset --every |
| queue.list      | read       | {queue-file}                                         |
| queue.list      | write      | {queue-file}                                         |
| queue.list      | read       | {queue-socket}                                       |
| queue.list      | write      | {queue-socket}                                       |
| queue.list      | net        | {queue-server}                                       |
| queue.list      | env        | AGENT_REDIS_URL                                      |
| queue.retry     | takes      | --file --redis --name                                |
| queue.retry     | read       | {queue-file}                                         |
| queue.retry     | write      | {queue-file}                                         |
| queue.retry     | read       | {queue-socket}                                       |
| queue.retry     | write      | {queue-socket}                                       |
| queue.retry     | net        | {queue-server}                                       |
| queue.retry     | env        | AGENT_REDIS_URL                                      |
| queue.purge     | takes      | --file --redis --name --state --older-than           |
| queue.purge     | read       | {queue-file}                                         |
| queue.purge     | write      | {queue-file}                                         |
| queue.purge     | read       | {queue-socket}                                       |
| queue.purge     | write      | {queue-socket}                                       |
| queue.purge     | net        | {queue-server}                                       |
| queue.purge     | env        | AGENT_REDIS_URL                                      |
| connections     | takes      | --every --state                                      |
| connections     | read       | /                                                    |
| connections     | sys        | {all}                                                |
| picture         | takes      | --format                                             |
| picture         | read       | /                                                    |
| picture         | sys        | {all}                                                |
| picture         | net        | 127.0.0.1                                            |
| picture         | net        | [::1]                                                |
| threats         | takes      | --rule --exclude                                     |
| threats         | read       | /                                                    |
| threats         | sys        | {all}                                                |
| top             | takes      | --interval --sort --filter --alert --size --samples --svg |
| top             | read       | /                                                    |
| top             | sys        | {all}                                                |
| top             | write      | {--svg}                                              |
| top             | env        | TERM                                                 |
| top             | env        | COLORTERM                                            |
| top             | env        | LC_ALL                                               |
| top             | env        | LC_CTYPE                                             |
| top             | env        | LANG                                                 |
| bench           | takes      | --rounds --difference --warmup --timeout --exit-code --seed --require --separator |
| bench           | run        | {programs}                                           |
| text.hash       | read       | {1+}                                                 |
| text.similarity | takes      | --metric                                             |
| text.rank       | takes      | --metric --limit --cutoff                            |
| text.rank       | read       | {2}                                                  |
| text.keywords   | takes      | --limit --min-length                                 |
| text.keywords   | read       | {1+}                                                 |
| text.transform  | read       | {2}                                                  |
| text.count      | takes      | --encoding                                           |
| text.count      | read       | {1+}                                                 |
| text.count      | read       | {vocabularies}                                       |
| text.split      | takes      | --max-tokens --overlap --encoding                    |
| text.split      | read       | {1}                                                  |
| text.split      | read       | {vocabularies}                                       |
| text.redact     | takes      | --rule --literals --pattern --placeholder            |
| text.redact     | read       | {1}                                                  |
| text.redact     | read       | {--literals}                                         |
| text.markdown   | takes      | --base-url                                           |
| text.markdown   | read       | {1+}                                                 |
`;

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
  return lines.map((line) => {
    const [, command = "", permission = "", value = ""] = line.split("|").map((cell) =>
      cell.trim()
    );
    return { command, permission, values: value.split(/ +/) };
  });
}

/** What the placeholders of a command stand for. */
export interface Grants {
  /** Values of options, by their name without dashes. */
  options: Readonly<Record<string, unknown>>;
  /** The arguments after the command's name. */
  positionals: readonly string[];
  /** Reads an environment variable; `undefined` or empty if it is not set. */
  env: (name: string) => string | undefined;
}

/**
 * The Deno flags of a command: what the launcher gives, in the order of the table.
 *
 * Paths in the arguments must be absolute and resolved, as the launcher passes them.
 */
export function permissionFlags(command: string, grants: Grants): string[] {
  const flags: string[] = [];
  for (const row of permissionRows()) {
    if (row.permission === "takes" || (row.command !== "*" && row.command !== command)) continue;
    for (const item of expand(row.values[0] ?? "", grants)) {
      flags.push(`--allow-${row.permission}${item === ALL ? "" : `=${item}`}`);
    }
  }
  return flags;
}

function expand(value: string, grants: Grants): string[] {
  const inner = /^\{(.*)\}$/.exec(value)?.[1];
  if (inner === undefined || value === ALL) return [value];
  if (inner === "native") return nativeFolders(grants.env);
  if (inner === "vocabularies") return [checkoutPath("data")];
  if (inner === "data") return present(dataFolder(grants.options["data"], grants.env));
  if (inner === "docker") {
    const { host, sockets } = dockerAddress(grants.env, grants.options["host"]);
    return host === undefined ? sockets.map((socket) => `unix:${socket}`) : [host];
  }
  if (inner === "docker-socket") {
    return dockerAddress(grants.env, grants.options["host"]).sockets;
  }
  if (inner === "redis") return [redisHost(grants.env)];
  if (inner === "pages") return grants.positionals.some(isAddress) ? [checkoutPath("data")] : [];
  if (inner === "urls") return each(grants.positionals.map(hostOfUrl));
  if (inner === "hosts") {
    const hosts: unknown = grants.options["allow-host"];
    return each(Array.isArray(hosts) ? hosts.map((host) => grantedHost(String(host), "")) : []);
  }
  if (inner === "programs") return programs(grants);
  if (inner === "scan-audit") return present(grants.env("AGENT_SCAN_AUDIT"));
  if (inner === "targets") return each(grants.positionals.map(grantedTarget));
  if (inner === "queue-file") return queueFiles(grants.options["file"]);
  if (inner === "queue-server") return present(queueServer(grants)?.net);
  if (inner === "queue-socket") return present(queueServer(grants)?.socket);
  if (inner.startsWith("--")) {
    const option = grants.options[inner.slice(2)];
    return present(typeof option === "string" && !isAddress(option) ? option : undefined);
  }
  const first = Number.parseInt(inner) - 1;
  const given = inner.endsWith("+")
    ? grants.positionals.slice(first)
    : grants.positionals.slice(first, first + 1);
  return given.filter((path) => path !== "" && path !== "-" && !isAddress(path));
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

/** What there is, each once. */
function each(values: readonly string[]): string[] {
  return [...new Set(values.filter((value) => value !== ""))];
}

/** The host that is granted for an address of the web; "" for none. */
function hostOfUrl(url: string): string {
  const [, scheme, authority] = /^(https?):\/\/([^/?#\\]*)/is.exec(url) ?? [];
  if (scheme === undefined) return "";
  return grantedHost(authority!.replace(/^.*@/s, ""), scheme.length === 4 ? "80" : "443");
}

/**
 * What is granted for `host[:port]`: of a literal address its port alone, of a name all of them, since Deno resolves a
 * name only if it is granted without a port. "" for what Deno would refuse to be given.
 */
function grantedHost(authority: string, usualPort: string): string {
  const parts = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?)(?::([0-9]{1,5}))?$/
    .exec(authority);
  if (parts === null) return "";
  const [, host = "", port = usualPort] = parts;
  const isName = !host.startsWith("[") && /[^0-9.]/.test(host);
  return isName || port === "" ? host : `${host}:${port}`;
}

/**
 * What is granted for a target of a scan: the host with all of its ports, or the network. "" for what Deno would refuse
 * to be given.
 */
function grantedTarget(target: string): string {
  const address = /^\[?([0-9A-Fa-f:.]+)\]?$/.exec(target)?.[1];
  if (address?.includes(":")) return isSix(address) ? `[${address}]` : "";
  const isNetwork = NETWORK.test(target);
  const isName = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(target) && !target.includes("..");
  return isNetwork || isName ? target : "";
}

const PART = "(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
const FOUR = `${PART}(?:\\.${PART}){3}`;
const NETWORK = new RegExp(`^${FOUR}/(?:[0-9]|[12][0-9]|3[0-2])$`);
const FOUR_AT_END = new RegExp(`:${FOUR}$`);

/** Whether it is an IPv6 address in a spelling that Deno takes; `host:port` is none. */
function isSix(address: string): boolean {
  const parts = address.replace(FOUR_AT_END, ":0:0").split("::");
  const groups = parts.flatMap((part) => part === "" ? [] : part.split(":"));
  const isWhole = parts.length === 2 ? groups.length <= 7 : groups.length === 8;
  return parts.length <= 2 && isWhole && groups.every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group));
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
    checkoutPath("target/release"),
    ...(cache ? [`${cache}/agent/native`] : []),
  ];
}

/** A path inside the checkout. */
export function checkoutPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
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

/** What is granted for the container engine: a host, or else the sockets where it may listen. */
export interface DockerAddress {
  /** `host:port` or a name; undefined where it is a socket. */
  host: string | undefined;
  /** Paths of sockets. */
  sockets: string[];
}

/** The option `--host`, `DOCKER_HOST`, or the sockets that are looked at where neither is given. */
export function dockerAddress(env: Grants["env"], option?: unknown): DockerAddress {
  const host = (typeof option === "string" ? option : env("DOCKER_HOST")) ?? "";
  const tcp = /^(?:tcp|http):\/\/([^/?#]*)/.exec(host)?.[1];
  if (tcp !== undefined) {
    // Deno resolves a name only if it is granted without a port.
    const isName = !tcp.startsWith("[") && /[a-z]/i.test(tcp);
    return { host: isName ? tcp.replace(/:[^:]*$/, "") : hostOf(tcp, 2375), sockets: [] };
  }
  const socket = host.slice("unix://".length);
  // What is no host the command says itself.
  const named = host.startsWith("unix:///") ? [socket] : [];
  return { host: undefined, sockets: host === "" ? usualSockets(env) : named };
}

/** Where engines listen, in the order in which `connectContainers` looks for them. */
function usualSockets(env: Grants["env"]): string[] {
  const runtime = env("XDG_RUNTIME_DIR");
  const home = env("HOME");
  return each([
    "/var/run/docker.sock",
    ...(runtime?.startsWith("/")
      ? [`${runtime}/podman/podman.sock`, `${runtime}/docker.sock`]
      : []),
    "/run/podman/podman.sock",
    ...(home?.startsWith("/") ? [`${home}/.docker/run/docker.sock`] : []),
  ]);
}

/** Host and port of `AGENT_REDIS_URL`, or the usual ones. */
export function redisHost(env: Grants["env"]): string {
  return hostOf((env("AGENT_REDIS_URL") || "127.0.0.1:6379").replace(/^[^:/]*:\/\//, ""), 6379);
}

/** A queue's file, and what is kept beside it while it is open. */
function queueFiles(file: unknown): string[] {
  if (typeof file !== "string" || file === "" || file === "-") return [];
  return ["", "-wal", "-shm", "-held"].map((end) => file + end);
}

/** What is granted for the Redis server of a queue; undefined where there is none. */
function queueServer({ options, env }: Grants): { net: string; socket?: string } | undefined {
  const { file, redis } = options;
  if (typeof file === "string") return undefined;
  const url = typeof redis === "string" ? redis : env("AGENT_REDIS_URL") ?? "";
  const [, scheme, rest = ""] = /^([^:/?#]*):\/\/(?:.*@)?(.*)$/s.exec(url) ?? [];
  if (scheme === "unix") {
    const socket = rest.replace(/[?#].*$/s, "");
    return { net: `unix:${socket}`, socket };
  }
  const host = /^[^/?#]*/.exec(rest)?.[0] ?? "";
  if ((scheme !== "redis" && scheme !== "rediss") || host === "") return undefined;
  // Deno resolves a name only if it is granted without a port.
  const isName = !host.startsWith("[") && /[a-z]/i.test(host);
  return { net: isName ? host.replace(/:[^:]*$/, "") : hostOf(host, 6379) };
}

/** `host:port` of `[user@]host[:port][/path]`. */
function hostOf(authority: string, port: number): string {
  const host = (/^[^/?#]*/.exec(authority)?.[0] ?? "").replace(/^.*@/, "");
  return host.endsWith("]") || !host.includes(":") ? `${host}:${port}` : host;
}
