/**
 * A tool that runs code in a sandbox: no network, no files of this machine, bounds on everything.
 *
 * @module
 */

import type { Tool } from "../loop/types.ts";
import { inputOf, words } from "./input.ts";
import { COUNT, FLAG, orNull, READS, resultOf, TEXT } from "./output.ts";
import type { ToolRuntime } from "./types.ts";

const TIMEOUT_MS = 60_000;
const MOST_OUTPUT = 100_000;

/** How a language is run. */
interface Language {
  readonly file: string;
  readonly command: readonly string[];
  readonly image: string | undefined;
}

const LANGUAGES: Readonly<Record<string, Language>> = {
  python: { file: "main.py", command: ["python3", "main.py"], image: "python:3.12-slim" },
  sh: { file: "main.sh", command: ["sh", "main.sh"], image: "busybox" },
  javascript: { file: "main.mjs", command: ["node", "main.mjs"], image: undefined },
  typescript: { file: "main.ts", command: ["deno", "run", "main.ts"], image: undefined },
};

/** Runs code. */
export function runCode(
  runtime: ToolRuntime,
  images: Readonly<Record<string, string>> | undefined,
): Tool {
  const known = Object.entries(LANGUAGES).flatMap(([name, language]) => {
    const image = images === undefined ? language.image : images[name];
    return image === undefined ? [] : [[name, { ...language, image }] as const];
  });
  const languages = new Map(known);
  return {
    name: "run_code",
    output: resultOf({
      exitCode: orNull(COUNT),
      stdout: TEXT,
      stderr: TEXT,
      truncated: FLAG,
      timedOut: FLAG,
      oomKilled: FLAG,
    }),
    effects: READS,
    description:
      "Runs a program in a sandbox without network, and gives what it printed. Nothing is kept.",
    input: inputOf({
      language: words("The language.", { enum: [...languages.keys()] }),
      code: words("The whole program."),
      "stdin?": words("What it reads from its standard input."),
    }),
    approval: "always",
    async run(input, { signal }) {
      const { language, code, stdin } = input as { language: string; code: string; stdin?: string };
      const { image, file, command } = languages.get(language)!;
      await using containers = await runtime.containers.connectContainers();
      const ended = await containers.run({
        ...{ image, command, signal },
        files: { [file]: code },
        timeoutMs: TIMEOUT_MS,
        maxOutputBytes: MOST_OUTPUT,
        ...(stdin !== undefined && { stdin }),
      });
      const { exitCode, stdout, stderr, truncated, timedOut, oomKilled } = ended;
      return { exitCode, stdout, stderr, truncated, timedOut, oomKilled };
    },
  };
}
