/**
 * `agent containers run` and `exec`: a command in a sandbox of its own, and one in a container that is there.
 *
 * @module
 */

import type { BoxFile, Isolation, RunResult } from "../containers/mod.ts";
import type { Call, Command } from "./command.ts";
import {
  asUsage,
  ENGINE_OPTIONS,
  LIMIT_OPTIONS,
  limitsOf,
  openContainers,
  sweepBeside,
} from "./containers_source.ts";
import { bytes, duration, pairs, Passed, plain } from "./containers_text.ts";
import { UsageError } from "./options.ts";

const DEFAULT_TIMEOUT = "60s";
const MIB = 1024 * 1024;
/** What passes through is not collected as well, beyond what a result may hold. */
const MOST_OUTPUT_MIB = 256;
const ISOLATIONS: readonly Isolation[] = [
  "auto",
  "runc",
  "runsc",
  "required:runc",
  "required:runsc",
];

const STREAM_OPTIONS = {
  env: { value: "NAME=VALUE", many: true, help: "A variable of its environment" },
  stdin: { help: "Give it standard input, read to its end first" },
  timeout: { value: "TIME", help: `Until it is killed, as in 500ms, 30s, 5m (${DEFAULT_TIMEOUT})` },
  "max-output": { value: "MIB", help: "What is kept of each of its streams (16)" },
} as const;

const run: Command = {
  name: "containers run",
  summary: "Runs a command in a sandbox that is removed afterwards",
  usage: "--image IMAGE [OPTIONS] -- COMMAND...",
  options: {
    image: { value: "IMAGE", help: "The image, which must be there" },
    ...ENGINE_OPTIONS,
    ...STREAM_OPTIONS,
    files: { value: "DIR", help: "Put what is in this folder into /workspace, where it starts" },
    take: {
      value: "PATH",
      many: true,
      help: "Take this path out afterwards, into the folder --to",
    },
    to: { value: "DIR", help: "The folder for what is taken out" },
    allow: { value: "HOST:PORT", many: true, help: "Let it reach this host (none)" },
    "allow-private": { help: "What --allow names may be in a private network" },
    isolation: { value: "WHICH", help: `${ISOLATIONS.join(", ")} (auto)` },
    "accept-weaker": {
      value: "CONTROL",
      many: true,
      help: "Go on though the engine cannot give this",
    },
    verify: { help: "Read from inside too what holds it" },
    ...LIMIT_OPTIONS,
    report: { help: "Show what holds it" },
  },
  positionals: [1, Infinity],
  expects: "The command",
  details:
    "It has no network, no capabilities, no root and a read-only file system but for /tmp and\n" +
    "/workspace, which are in memory. It shares the machine's kernel unless the engine has gVisor\n" +
    "(--isolation required:runsc makes sure). The exit code is 0 if the command's is, else 1.",
  examples: [
    "scripts/agent containers run --image busybox -- sh -c 'echo hello'",
    "scripts/agent containers run --image python:3 --files . --timeout 30s -- python3 main.py",
  ],
  async run(call: Call): Promise<number> {
    const { options, positionals, output } = call;
    const image = options.required("image", "the image");
    const to = options.text("to");
    const outputs = options.list("take");
    if ((to === undefined) !== (outputs.length === 0)) {
      throw new UsageError("Options --take and --to go together");
    }
    const isolation = options.choice("isolation", ISOLATIONS);
    const allow = options.list("allow");
    const allowPrivate = options.on("allow-private");
    if (allowPrivate && allow.length === 0) {
      throw new UsageError("Option --allow-private needs --allow");
    }
    const common = streamOptions(call);
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal, { making: true });
    const swept = sweepBeside(containers, signal);
    const passed = new Passed(output);
    const files = options.text("files");
    const result = await asUsage(async () =>
      await containers.run({
        image,
        command: positionals,
        ...common,
        ...(await stdinOf(call)),
        ...(files === undefined ? {} : { files }),
        outputs,
        network: { allow, allowPrivate },
        ...(isolation === undefined ? {} : { isolation }),
        acceptWeaker: options.list("accept-weaker"),
        verify: options.on("verify"),
        limits: limitsOf(call),
        ...(output.json ? {} : { onOutput: (piece) => passed.add(piece) }),
        signal,
      })
    );
    passed.end();
    await swept;
    if (to !== undefined) await writeFiles(to, result.files);
    if (output.json) output.document(documentOf(result));
    else noteEnd(call, result);
    return result.exitCode === 0 ? 0 : 1;
  },
};

const exec: Command = {
  name: "containers exec",
  summary: "Runs a command in a container that runs",
  usage: "CONTAINER [OPTIONS] -- COMMAND...",
  options: {
    ...ENGINE_OPTIONS,
    ...STREAM_OPTIONS,
    user: { value: "USER", help: "Who runs it (the container's own user)" },
    folder: { value: "PATH", help: "Where it starts (the container's own folder)" },
  },
  positionals: [2, Infinity],
  expects: "The container or the command",
  details: "The exit code is 0 if the command's is, else 1. There is no terminal for it.",
  examples: ["scripts/agent containers exec my-lab -- sh -c 'ls -la'"],
  async run(call: Call): Promise<number> {
    const { options, positionals, output } = call;
    const [id = "", ...command] = positionals;
    const user = options.text("user");
    const workdir = options.text("folder");
    const common = streamOptions(call);
    const signal = call.interruptible();
    await using containers = await openContainers(call, signal);
    const passed = new Passed(output);
    const result = await asUsage(
      async () =>
        await containers.get(id).exec(command, {
          ...common,
          ...(await stdinOf(call)),
          ...(user === undefined ? {} : { user }),
          ...(workdir === undefined ? {} : { workdir }),
          ...(output.json ? {} : { onOutput: (piece) => passed.add(piece) }),
          signal,
        }),
    );
    passed.end();
    if (output.json) output.document(result);
    else noteEnd(call, result);
    return result.exitCode === 0 ? 0 : 1;
  },
};

function streamOptions({ options }: Call) {
  const mib = options.number("max-output", 1, MOST_OUTPUT_MIB, "whole") ?? 16;
  return {
    env: pairs(options.list("env"), "--env"),
    timeoutMs: duration(options.text("timeout") ?? DEFAULT_TIMEOUT, "--timeout")!,
    maxOutputBytes: mib * MIB,
  };
}

async function stdinOf({ options }: Call): Promise<{ stdin?: Uint8Array }> {
  if (!options.on("stdin")) return {};
  return { stdin: new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer()) };
}

/** The result without the bytes of files, which are in their folder. */
function documentOf({ files, ...result }: RunResult): Record<string, unknown> {
  return {
    ...result,
    files: files.map(({ bytes, ...file }) => ({ ...file, size: bytes.length })),
  };
}

/** How it ended, where that is not plain. */
function noteEnd({ options, output }: Call, result: Partial<RunResult>): void {
  const { timedOut, oomKilled, oom, truncated, dropped, exitCode, files = [], security } = result;
  if (options.on("report") && security !== undefined) {
    for (const { control, requested, effective, ok, how, note } of security.controls) {
      const mark = ok === true ? "ok" : ok === false ? "NOT HELD" : "unknown";
      const why = note === null ? "" : ` (${note})`;
      output.note(
        `${mark}: ${control} by ${how}: ${plain(effective ?? "-")}, asked for ${requested}${why}`,
      );
    }
    for (const warning of security.warnings) output.note(warning);
  }
  for (const { path, kind, bytes: content } of files) {
    if (kind === "file") output.note(`took ${plain(path)} (${bytes(content.length)})`);
  }
  if (truncated && dropped !== undefined) {
    output.note(`${bytes(dropped.stdout + dropped.stderr)} of output were dropped (--max-output)`);
  }
  if (timedOut) output.note("killed: its time was over (--timeout)");
  else if (oomKilled) output.note("killed: its memory was used up (--memory)");
  else if (oom === "unknown") output.note("killed; the engine does not say why: maybe its memory");
  else if (exitCode !== 0) output.note(`exit code ${exitCode}`);
}

/** Writes what was taken out. Links are not made: what they lead to comes under its own name. */
async function writeFiles(folder: string, files: readonly BoxFile[]): Promise<void> {
  for (const { name, kind, bytes } of files) {
    const path = `${folder}/${name}`;
    if (kind === "directory") await Deno.mkdir(path, { recursive: true });
    if (kind !== "file") continue;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(path, bytes);
  }
}

/** The commands. */
export const runCommands: readonly Command[] = [run, exec];
