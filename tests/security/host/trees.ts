/** Folders of the form of `/proc`, made for tests: processes with open files, and tables of sockets. */

import type { HostRoots } from "../../../src/security/host/reader.ts";
import { temporary } from "../../support/programs.ts";

/** A process of a tree. What is left out is as of a harmless program. */
export interface FakeProcess {
  pid: number;
  name?: string;
  parent?: number;
  state?: string;
  flags?: number;
  start?: number;
  uid?: number;
  tracer?: number;
  /** Where the link leads; none for a thread of the kernel. */
  executable?: string | null;
  command?: string[];
  groups?: string;
  /** Open files: number to link. */
  files?: Record<number, string | undefined>;
  environment?: string[];
  network?: number;
}

/** A tree. */
export interface FakeHost {
  processes?: FakeProcess[];
  /** Lines of tables behind their heading, by the name of the table. */
  tables?: Record<string, string[]>;
  /** Files below the root of all files, and below `proc` and `sys`. */
  files?: Record<string, string>;
}

const TABLES = ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix", "packet"];

/** Writes a file and the folders above it. */
export function put(path: string, text: string | Uint8Array): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  if (typeof text === "string") Deno.writeTextFileSync(path, text);
  else Deno.writeFileSync(path, text);
}

/** Runs a body with a tree of its own. */
export function withHost<T>(
  host: FakeHost,
  body: (roots: HostRoots) => T | Promise<T>,
): Promise<T> {
  return temporary((folder) => {
    const proc = `${folder}/proc`;
    put(`${proc}/stat`, "cpu 1 2 3\nbtime 1700000000\nprocesses 9\n");
    put(`${proc}/self/mounts`, "/dev/sda1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n");
    for (const name of TABLES) {
      const lines = ["  heading", ...host.tables?.[name] ?? []];
      put(`${proc}/self/net/${name}`, lines.map((line) => `${line}\n`).join(""));
    }
    for (const process of host.processes ?? []) putProcess(`${proc}/${process.pid}`, process);
    for (const [path, text] of Object.entries(host.files ?? {})) put(`${folder}/${path}`, text);
    return body({ proc, files: folder, sys: `${folder}/sys` });
  });
}

/** A line of a table with addresses. */
export function socketLine(
  local: string,
  remote: string,
  state: string,
  inode: number,
  uid = 0,
): string {
  return `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${uid} 0 ${inode} 1 0 100 0`;
}

function putProcess(folder: string, process: FakeProcess): void {
  const { pid, name = "worker", parent = 1, state = "S", start = 100 * pid, uid = 0 } = process;
  const { flags = 4_194_304, tracer = 0, command = [name], network = 1 } = process;
  const { executable = `/usr/bin/${name}`, groups = "0::/\n", environment = ["A=1"] } = process;
  put(
    `${folder}/stat`,
    `${pid} (${name}) ${state} ${parent} 1 1 0 -1 ${flags} 0 0 0 0 0 0 0 0 20 0 1 0 ${start} 0 0\n`,
  );
  put(
    `${folder}/status`,
    `Name:\t${name}\nTgid:\t${pid}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nTracerPid:\t${tracer}\n`,
  );
  put(`${folder}/cmdline`, command.map((part) => `${part}\0`).join(""));
  put(`${folder}/cgroup`, groups);
  put(`${folder}/environ`, environment.map((entry) => `${entry}\0`).join(""));
  Deno.mkdirSync(`${folder}/fd`);
  Deno.mkdirSync(`${folder}/ns`);
  Deno.symlinkSync(`net:[${network}]`, `${folder}/ns/net`);
  if (executable !== null) Deno.symlinkSync(executable, `${folder}/exe`);
  for (const [number, link] of Object.entries(process.files ?? {})) {
    if (link !== undefined) Deno.symlinkSync(link, `${folder}/fd/${number}`);
  }
}
