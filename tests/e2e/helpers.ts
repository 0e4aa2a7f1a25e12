/**
 * What the end-to-end tests share: the launcher and the program, a folder of documents, a copy of the checkout, and
 * folders that vanish after the test.
 */

import {
  BUILT,
  DENO,
  denoDirectory,
  type Finished,
  ROOT,
  start,
  type StartOptions,
} from "../support/programs.ts";

/** A folder that is removed at the end of the test, with a home and a cache that nobody else uses. */
export class Scratch implements Disposable {
  /** Its resolved path. */
  readonly path: string = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "agent e2e " }));

  /** A path inside, whose folders are made. */
  file(name: string, content?: string): string {
    const path = `${this.path}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (content !== undefined) Deno.writeTextFileSync(path, content);
    return path;
  }

  /** A folder inside, made. */
  folder(name: string): string {
    Deno.mkdirSync(`${this.path}/${name}`, { recursive: true });
    return `${this.path}/${name}`;
  }

  /** A small environment: this folder is the home, and no build is started. */
  env(more: Record<string, string> = {}): Record<string, string> {
    return {
      PATH: `${DENO.slice(0, DENO.lastIndexOf("/"))}:/usr/local/bin:/usr/bin:/bin`,
      HOME: this.folder("home"),
      DENO_DIR: denoDirectory(),
      AGENT_BUILD: "0",
      ...more,
    };
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Starts `scripts/agent` of a checkout. */
export function agent(
  scratch: Scratch,
  args: readonly string[],
  options: StartOptions & { root?: string } = {},
): Promise<Finished> {
  return start(`${options.root ?? ROOT.slice(0, -1)}/scripts/agent`, args, {
    ...options,
    env: options.env ?? scratch.env(),
  });
}

/** The permissions that the launcher would give. */
export async function permissions(
  scratch: Scratch,
  args: readonly string[],
  options: StartOptions = {},
): Promise<string[]> {
  const asked = [...args, "--print-permissions", "--json"];
  const { code, stdout, stderr } = await agent(scratch, asked, options);
  if (code !== 0) throw new Error(`--print-permissions failed (${code}): ${stderr}`);
  return JSON.parse(stdout).permissions;
}

/** Starts the program with exactly these permissions, without the launcher. */
export function direct(
  scratch: Scratch,
  flags: readonly string[],
  args: readonly string[],
  options: StartOptions = {},
): Promise<Finished> {
  const run = ["run", "--no-prompt", "--config", `${ROOT}deno.json`, ...flags];
  return start(DENO, [...run, `${ROOT}src/cli/main.ts`, ...args], {
    ...options,
    env: options.env ?? scratch.env(),
  });
}

/** A folder with a Markdown, a text and an HTML document. */
export function documents(scratch: Scratch): string {
  scratch.file(
    "docs/ports.md",
    "# Ports\n\nThis page is about ports.\n\nThe orchestrator listens on port 7341 by default. " +
      "Set `LISTEN_PORT` to change it.\n\n## Timeouts\n\nA request that takes longer than 30 seconds is cancelled.\n",
  );
  scratch.file(
    "docs/backup.txt",
    "Backups are written every night at two o'clock.\nThey are kept for ninety days and then deleted.\n",
  );
  scratch.file(
    "docs/colours.html",
    "<html><title>Colours</title><body><h1>Colours</h1><p>The status lamp turns violet while the firmware is updated.</p></body></html>",
  );
  return `${scratch.path}/docs`;
}

/** The parts of a checkout that the command line needs; no libraries unless they are asked for. */
export function copyCheckout(scratch: Scratch, name: string, libraries = false): string {
  const root = scratch.folder(name);
  const entries = [
    "mod.ts",
    "deno.json",
    "deno.lock",
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "scripts",
  ];
  for (const entry of [...entries, "rust", ".cargo", "rust-toolchain.toml", "docs", "data"]) {
    copy(`${ROOT}${entry}`, `${root}/${entry}`);
  }
  if (libraries) {
    Deno.mkdirSync(`${root}/target/release`, { recursive: true });
    for (const { name: file } of Deno.readDirSync(BUILT)) {
      if (/^libagent_.*\.(so|dylib)$/.test(file)) {
        Deno.copyFileSync(`${BUILT}${file}`, `${root}/target/release/${file}`);
      }
    }
  }
  return root;
}

function copy(from: string, to: string): void {
  let isDirectory: boolean;
  try {
    ({ isDirectory } = Deno.statSync(from));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (!isDirectory) {
    Deno.copyFileSync(from, to);
    return;
  }
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of Deno.readDirSync(from)) {
    if (name !== "target") copy(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Puts an executable script into a folder. */
export function script(path: string, content: string): void {
  Deno.writeTextFileSync(path, `#!/bin/sh\n${content}`);
  Deno.chmodSync(path, 0o755);
}
