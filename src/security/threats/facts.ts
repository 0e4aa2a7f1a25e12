/**
 * What the rules look at, read once for all of them: processes, sockets, settings of the kernel, interfaces, and files through a
 * small set of questions.
 *
 * @module
 */

import { bootTime } from "../host/time.ts";
import { connectionsOf, hidesProcesses } from "../host/connections.ts";
import { fileOf, processOf } from "../host/processes.ts";
import { hostReader, type HostRoots } from "../host/reader.ts";
import { INODE, type RawProcess, ROW } from "../host/raw.ts";
import type { Connection, ProcessInfo } from "../host/types.ts";
import { readUsers } from "../host/users.ts";
import { FileQuestions } from "./files.ts";
import { type Logins, readLogins } from "./logins.ts";
import type { SeenTls } from "./tls.ts";
import type { ThreatOptions } from "./types.ts";

/** A process as rules see it: what is shown of it, and what is only looked at. */
export interface Process extends ProcessInfo {
  /** Path of its executable as the kernel writes it, which for one in memory begins with `/memfd:`. */
  readonly link: string | null;
  /** Type and permissions of its executable's file, its owner. */
  readonly mode: number | null;
  readonly owner: number | null;
  readonly effectiveUid: number | null;
  /** Pid of who traces it; 0 for nobody. */
  readonly tracer: number;
  /** Whether LD_PRELOAD is set; null where that cannot be read. */
  readonly preload: boolean | null;
  /** Inodes of sockets at standard input, output and error. */
  readonly standard: readonly (number | null)[];
  readonly sockets: readonly number[];
}

/** Everything. */
export interface Facts {
  readonly processes: readonly Process[];
  readonly byPid: ReadonlyMap<number, Process>;
  readonly connections: readonly Connection[];
  /** Sockets that see whole packets: inode, user, number of the interface (0 for all). */
  readonly packet: readonly (readonly [inode: number, uid: number, index: number])[];
  /** Inodes of sockets with an internet address. */
  readonly internet: ReadonlySet<number>;
  /** Pids that no listing shows. */
  readonly hidden: readonly number[];
  /** Settings of the kernel below `/proc/sys`, without the line's end; undefined where one cannot be read. */
  readonly settings: Readonly<Record<string, string | undefined>>;
  /** Flags of the network interfaces. */
  readonly interfaces: readonly { name: string; flags: number }[];
  readonly files: FileQuestions;
  readonly users: ReadonlyMap<number, string>;
  /** TLS of listeners, by port; undefined where nobody asked for it. */
  readonly tls: SeenTls | undefined;
  readonly logins: Logins;
  /** Processes that may not be looked into. */
  readonly denied: number;
  /** Whether `/proc` is mounted so that it does not show all processes. */
  readonly isHiding: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** The settings that rules ask for. */
const SETTINGS = [
  "kernel/core_pattern",
  "kernel/randomize_va_space",
  "kernel/yama/ptrace_scope",
  "kernel/modprobe",
  "fs/suid_dumpable",
  "fs/protected_symlinks",
  "net/ipv4/ip_forward",
  "net/ipv6/conf/all/forwarding",
];
/** Trying more numbers than that takes too long on the pure twin. */
const HIDDEN_MOST = 65_536;
const TEXT_MOST = 65_536;

/**
 * Reads what the rules look at.
 *
 * @param options Which twin, and the signal.
 * @param roots Where the tables are.
 * @param which `all`: the whole machine. `owners`: processes that hold a socket, and no settings, interfaces or hidden processes,
 * which takes a part of the time.
 */
export async function readFacts(
  options: ThreatOptions,
  roots: HostRoots,
  which: "all" | "owners" = "all",
): Promise<Facts> {
  const reader = hostReader(options, roots);
  const signal = options.signal ?? new AbortController().signal;
  const all = which === "all";
  const hiddenMost = all ? HIDDEN_MOST : 0;
  const wanted = { sockets: true, processes: all, details: true, hiddenMost };
  const [scan, booted, isHiding, texts] = await Promise.all([
    reader.scan(roots.proc, wanted, options.signal),
    bootTime(reader, roots, options.signal),
    hidesProcesses(reader, roots, options.signal),
    reader.files(
      roots.proc,
      all ? [...SETTINGS.map((name) => `sys/${name}`), "self/net/dev"] : [],
      TEXT_MOST,
      options.signal,
    ),
  ]);
  const text = (index: number): string | undefined => {
    const found = texts[index];
    return typeof found === "string" ? found : undefined;
  };
  const users = readUsers(`${roots.files}/etc/passwd`);
  const files = new FileQuestions(roots.files);
  const now = Date.now();
  const processes = scan.processes.map((raw) => ({
    ...processOf(raw, users, booted),
    ...hiddenFactsOf(raw),
  }));
  const names = [...(text(SETTINGS.length) ?? "").matchAll(/^ *([^\s:]{1,15}):/gm)]
    .map(([, name]) => name!);
  return {
    processes,
    byPid: new Map(processes.map((process) => [process.pid, process])),
    connections: connectionsOf(scan, users, booted, isHiding),
    packet: scan.packet ?? [],
    internet: new Set(scan.sockets?.rows.filter((_, at) => at % ROW === INODE)),
    hidden: isHiding ? [] : scan.hidden ?? [],
    settings: Object.fromEntries(
      SETTINGS.map((name, index) => [name, text(index)?.replace(/\n$/, "")]),
    ),
    interfaces: await interfaceFlags(reader, roots, names, options.signal),
    files,
    users,
    tls: undefined,
    logins: all ? readLogins(files, now) : { reason: "not asked for" },
    denied: scan.denied,
    isHiding,
    now,
    signal,
  };
}

type HiddenFacts = Omit<Process, keyof ProcessInfo>;

function hiddenFactsOf(raw: RawProcess): HiddenFacts {
  const link = typeof raw.executable === "string" ? raw.executable : null;
  return {
    link: fileOf(link, raw.links ?? null).executable,
    mode: raw.mode ?? null,
    owner: raw.owner ?? null,
    effectiveUid: raw.effectiveUid ?? null,
    tracer: raw.tracer ?? 0,
    preload: raw.preload ?? null,
    standard: raw.standard ?? [],
    sockets: typeof raw.sockets === "string" ? [] : raw.sockets,
  };
}

async function interfaceFlags(
  reader: ReturnType<typeof hostReader>,
  roots: HostRoots,
  names: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ name: string; flags: number }[]> {
  if (names.length === 0) return [];
  let texts: Awaited<ReturnType<typeof reader.files>>;
  try {
    texts = await reader.files(
      roots.sys,
      names.map((name) => `class/net/${name}/flags`),
      64,
      signal,
    );
  } catch {
    // Without /sys there are no flags to be seen, and nothing to be said of them.
    signal?.throwIfAborted();
    return [];
  }
  return names.flatMap((name, index) => {
    const flags = texts[index];
    const number = typeof flags === "string" ? Number.parseInt(flags, 16) : NaN;
    return Number.isNaN(number) ? [] : [{ name, flags: number }];
  });
}
