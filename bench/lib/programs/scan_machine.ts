/**
 * Scans for the bench, in a network namespace of its own where one can be had: without arguments it makes the namespace
 * and runs itself inside. There it holds twenty listeners, reads lines of a way and a last port from standard input and
 * answers with milliseconds and the number of open ports. The ways: `native`, `pure`, `auto`, `nmap`, `bare` (the connect
 * loop of `rust/areas/security/examples/bare.rs`, always over all ports). With `missing` it says which programs are not there.
 */

import { fileURLToPath } from "node:url";
import { scanPorts } from "@agent/runtime/security";
import type { Implementation } from "@agent/runtime";

const SELF = fileURLToPath(import.meta.url);
const BARE = fileURLToPath(
  new URL("../../../target/release/examples/bare", import.meta.url),
);
const LISTENERS = 20;

async function text(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(program, { args: [...args] }).output();
  if (!success) throw new Error(`${program} failed`);
  return new TextDecoder().decode(stdout);
}

async function isMissing(look: () => unknown): Promise<boolean> {
  try {
    await look();
    return false;
  } catch {
    return true;
  }
}

/** Milliseconds of the scan itself, and how many ports it calls open. */
async function measured(how: string, last: string): Promise<[ms: number, open: number]> {
  if (how === "bare") {
    const [ms, open] = (await text(BARE, ["1"])).trim().split(" ").map(Number);
    return [ms!, open!];
  }
  const start = performance.now();
  const ports = `1-${last}`;
  if (how === "nmap") {
    const found = await text("nmap", ["-sT", "-n", "-Pn", "-p", ports, "-oG", "-", "127.0.0.1"]);
    return [performance.now() - start, found.match(/\/open\/tcp/g)?.length ?? 0];
  }
  const implementation = how as Implementation;
  const { counts } = await scanPorts("127.0.0.1", { ports, implementation });
  return [performance.now() - start, counts.open];
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

async function inside(): Promise<void> {
  for (let at = 0; at < LISTENERS; at++) {
    try {
      Deno.listen({ hostname: "127.0.0.1", port: 1 + at * 3_276 });
    } catch {
      // Without a namespace somebody else may have it; then it is found all the same.
    }
  }
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of Deno.stdin.readable) {
    rest += decoder.decode(chunk, { stream: true });
    const words = rest.split("\n");
    rest = words.pop()!;
    for (const word of words) {
      const [how = "", last = ""] = word.split(" ");
      print((await measured(how, last)).join(" "));
    }
  }
  Deno.exit(0);
}

if (Deno.args[0] === "inside") await inside();
else if (Deno.args[0] === "missing") {
  const nmap = await isMissing(() => text("nmap", ["--version"]));
  print(JSON.stringify({ nmap, bare: await isMissing(() => Deno.statSync(BARE)) }));
} else {
  const program = [Deno.execPath(), "run", "--no-prompt", "--allow-all", SELF, "inside"];
  const unshare = ["--net", "--map-root-user", "sh", "-c", 'ip link set lo up; exec "$@"', "sh"];
  let args = [...unshare, ...program];
  let command = "unshare";
  try {
    await text("unshare", ["--net", "--map-root-user", "true"]);
  } catch {
    [command, ...args] = program as [string, ...string[]];
  }
  const { code } = await new Deno.Command(command, {
    args,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  Deno.exit(code);
}
