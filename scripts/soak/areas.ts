/** The areas of the soak: what each does, what of a processor it may take, and what its process is allowed. */

/** An area, as the supervisor knows it. */
export interface AreaEntry {
  /** Its name, as `--only` has it. */
  readonly name: string;
  /** What it does, for the report. */
  readonly about: string;
  /** The module in which it is. */
  readonly module: string;
  /** The part of one processor that its process may take. */
  readonly share: number;
  /** The flags of Deno for its process. */
  readonly allow: readonly string[];
}

const USUAL = [
  ...["--allow-read", "--allow-write", "--allow-env", "--allow-ffi", "--allow-net=127.0.0.1"],
  "--allow-sys",
];
const REDIS = "redis-server,valkey-server";
/** For those who start programs of this project, which may do what their area may. */
const PROGRAMS = `${Deno.execPath()},${REDIS}`;
/** Where Deno itself asks for everything: files of the kernel, sockets at any path, namespaces. */
const ALL = ["--allow-all"];

/** All of them. */
export const AREAS: readonly AreaEntry[] = [
  area("cache", "private, named and on Redis: bounds, ends, tags, loads, snapshots", [
    ...USUAL,
    `--allow-run=${REDIS}`,
  ]),
  area("queue", "a file whose workers are killed; in memory, named, on Redis", [
    ...USUAL,
    `--allow-run=${PROGRAMS}`,
  ]),
  area("http", "good and harmful servers, pages, caches, redirects, aborts, events", USUAL),
  area("containers", "runs, sessions and a warm pool on an engine of its own", ALL),
  area("monitor", "snapshots, thresholds, Prometheus, load tests", ALL),
  area("security", "scans of loopback, services, connections, processes", ALL),
  area("knowledge", "documents come, change and go; searches and answers", USUAL),
  area("text", "tokens, redaction, Markdown, matching, hashes, streams", USUAL),
  area("serve", "questions, pages, streams that are left, MCP", USUAL),
  area("runs", "runs that crash and processes that are killed, and resumed", [
    ...USUAL,
    `--allow-run=${Deno.execPath()}`,
  ]),
];

function area(name: string, about: string, allow: readonly string[]): AreaEntry {
  const module = new URL(`areas/${name}.ts`, import.meta.url).href;
  return { name, about, module, share: 0.08, allow };
}
