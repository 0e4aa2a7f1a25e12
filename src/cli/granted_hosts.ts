/**
 * Which hosts and sockets are granted for what the arguments and the environment name, in the words that Deno takes.
 *
 * @module
 */

/** What the placeholders of a command stand for. */
export interface Grants {
  /** Values of options, by their name without dashes. */
  options: Readonly<Record<string, unknown>>;
  /** The arguments after the command's name. */
  positionals: readonly string[];
  /** Reads an environment variable; `undefined` or empty if it is not set. */
  env: (name: string) => string | undefined;
}

/** What there is, each once. */
export function each(values: readonly string[]): string[] {
  return [...new Set(values.filter((value) => value !== ""))];
}

/** The host that is granted for an address of the web; "" for none. */
export function hostOfUrl(url: string): string {
  const [, scheme, authority] = /^(https?):\/\/([^/?#\\]*)/is.exec(url) ?? [];
  if (scheme === undefined) return "";
  return grantedHost(authority!.replace(/^.*@/s, ""), scheme.length === 4 ? "80" : "443");
}

/**
 * What is granted for `host[:port]`: of a literal address its port alone, of a name all of them, since Deno resolves a
 * name only if it is granted without a port. "" for what Deno would refuse to be given.
 */
export function grantedHost(authority: string, usualPort: string): string {
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
export function grantedTarget(target: string): string {
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

/** What is granted for the Redis server of a queue; undefined where there is none. */
export function queueServer(
  { options, env }: Grants,
): { net: string; socket?: string } | undefined {
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
