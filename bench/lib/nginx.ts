/**
 * A web server of our own for files that do not change: nginx with one worker on loopback. It starts with the first
 * group that needs it and ends with the process.
 */

import type { Context } from "./area.ts";
import { ROOT } from "./programs.ts";

/** The files that it serves, by their size in bytes. */
export const FILE_SIZES = [1_024, 102_400] as const;

const PORT = 26_381;
const PROGRAM = "nginx";
const FOLDER = `${ROOT}target/bench/nginx`;

let started: Promise<void> | undefined;

/** The address of the file of a size. */
export function fileUrl(size: number): string {
  return `http://127.0.0.1:${PORT}/${size}`;
}

/** Whether there is a server that we may start; says so if not. */
export function mayServe(context: Context): boolean {
  const reason = `nginx (needs it, --allow-run=${PROGRAM} and --allow-net=127.0.0.1:${PORT})`;
  const may = context.may({ name: "run", command: PROGRAM }) &&
    context.may({ name: "net", host: `127.0.0.1:${PORT}` });
  if (may && isInstalled()) return true;
  context.leaveOut(reason);
  return false;
}

function isInstalled(): boolean {
  try {
    return new Deno.Command(PROGRAM, { args: ["-v"], stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Starts the server, once, and waits until it answers. */
export function serveFiles(): Promise<void> {
  return started ??= start();
}

async function start(): Promise<void> {
  await Deno.mkdir(`${FOLDER}/files`, { recursive: true });
  for (const size of FILE_SIZES) {
    await Deno.writeFile(`${FOLDER}/files/${size}`, new Uint8Array(size).fill(120));
  }
  await Deno.writeTextFile(`${FOLDER}/nginx.conf`, configuration());
  const server = new Deno.Command(PROGRAM, {
    args: ["-p", FOLDER, "-c", `${FOLDER}/nginx.conf`, "-e", `${FOLDER}/error.log`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  server.unref();
  // Its worker goes with it at this signal, not at a harder one.
  globalThis.addEventListener("unload", () => {
    try {
      server.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
  });
  for (let tries = 0;; tries++) {
    try {
      await (await fetch(fileUrl(FILE_SIZES[0]))).body?.cancel();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function configuration(): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${FOLDER}/${name};`).join("\n");
  return `daemon off;
worker_processes 1;
pid ${FOLDER}/nginx.pid;
events { worker_connections 1024; }
http {
${folders}
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  open_file_cache max=100;
  server { listen 127.0.0.1:${PORT}; root ${FOLDER}/files; }
}
`;
}
