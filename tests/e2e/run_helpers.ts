/** Scripts, folders and programs for the tests of `run`, `resume` and `chat`. */

import assert from "assertions";
import { DENO, ROOT } from "../support/programs.ts";
import { permissions, type Scratch } from "./helpers.ts";

/** A script of five steps over a folder `notes`, and a call of `run` that does it. */
export function fiveSteps(scratch: Scratch, slowAt?: number): { script: string; args: string[] } {
  scratch.file("notes/tea.md", "# Tea\n\nSteep tea three minutes.\n");
  const turns = [
    { text: "I look what there is.", toolCalls: [{ name: "list_files" }] },
    { toolCalls: [{ name: "read_file", input: { path: "tea.md" } }] },
    { toolCalls: [{ name: "extract_keywords", input: { text: "Steep tea three minutes." } }] },
    { toolCalls: [{ name: "write_file", input: { path: "sum.md", text: "Three minutes.\n" } }] },
    { text: "Steep it for three minutes.", usage: { inputTokens: 100, outputTokens: 10 } },
  ].map((turn, at) => at === slowAt ? { ...turn, delayMs: 60_000 } : turn);
  const script = scratch.file("five.json", JSON.stringify({ name: "demo", turns }));
  const args = ["--model", `script:${script}`, "--folder", scratch.folder("notes")];
  return { script, args };
}

/** The tools of that script that need somebody's word. */
export const YES = ["--yes", "list_files,read_file,write_file"];

/** The events that a run printed. */
export function eventsOf(stdout: string): Record<string, unknown>[] {
  return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** The program itself, started with the permissions that the launcher gives, so that a signal reaches it. */
export async function started(
  scratch: Scratch,
  args: readonly string[],
): Promise<Deno.ChildProcess> {
  const flags = await permissions(scratch, args);
  return new Deno.Command(DENO, {
    args: ["run", "--no-prompt", "--config", `${ROOT}deno.json`, ...flags, `${ROOT}src/cli/main.ts`]
      .concat(args),
    clearEnv: true,
    env: scratch.env(),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Reads lines until one fits, and gives all of them; the rest is for nobody. */
export async function until(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  fits: (line: string) => boolean,
): Promise<string[]> {
  const lines: string[] = [];
  let text = "";
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`it ended before the line came: ${lines.join("\n")}`);
      text += value;
      const parts = text.split("\n");
      text = parts.pop()!;
      for (const line of parts) {
        lines.push(line);
        if (fits(line)) return lines;
      }
    }
  } finally {
    await reader.cancel();
  }
}

/** Types on a pseudo-terminal, each text when what comes before it is on the screen. */
export async function typed(
  scratch: Scratch,
  args: readonly string[],
  script: readonly (readonly [after: RegExp, text: string])[],
): Promise<{ code: number; screen: string }> {
  const words = [`${ROOT}scripts/agent`, ...args].map((word) => `'${word}'`).join(" ");
  const child = new Deno.Command("script", {
    args: ["-qec", words, "/dev/null"],
    clearEnv: true,
    env: { ...scratch.env(), SHELL: "/bin/sh", TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let screen = "";
  let seen = 0;
  const left = [...script];
  // What waits for a line that never comes shows its screen, and does not hang.
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    screen += value;
    for (let next; (next = left[0]) !== undefined && next[0].test(screen.slice(seen));) {
      seen = screen.length;
      await writer.write(new TextEncoder().encode(next[1]));
      left.shift();
    }
  }
  clearTimeout(timer);
  await writer.close().catch(() => {});
  assert.deepEqual(left, [], screen);
  return { code: (await child.status).code, screen };
}
