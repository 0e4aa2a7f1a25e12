/**
 * What the library says, as the command line says it: a program is told of options of calls, a person of those that are
 * typed.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import type { Command } from "./command.ts";
import { UsageError } from "./options.ts";
import { PROGRAM } from "./program.ts";

/** The options for fields of specs and options; what is not here has its own name. */
const OPTIONS: Readonly<Record<string, string>> = {
  "acceptWeaker": "--accept-weaker",
  "capabilities": "--capability",
  "command": "The command",
  "env": "--env",
  "files": "--files",
  "gpu": "--gpu",
  "host": "--host",
  "image": "--image",
  "isolation": "--isolation",
  "limits.cpus": "--cpus",
  "limits.memoryBytes": "--memory",
  "limits.pids": "--pids",
  "maxOutputBytes": "--max-output",
  "name": "--name",
  "network.allow": "--allow",
  "network.allowPrivate": "--allow-private",
  "options": "--option",
  "outputs": "--take",
  "platform": "--platform",
  "ports": "--port",
  "runtime": "--runtime",
  "timeoutMs": "--timeout",
  "ttlMs": "--ttl",
  "user": "--user",
  "workdir": "--folder",
};

/** Field names as the library writes them, the longest first. */
const FIELD = new RegExp(
  `\\b(?:spec|options)\\.(${
    Object.keys(OPTIONS).sort((a, b) => b.length - a.length).join("|").replaceAll(".", "\\.")
  })(?![a-zA-Z])(?:\\[\\d+\\])?(?:\\.([\\w-]+))?`,
  "g",
);

/** Phrases of what to do, by how the library has them. */
const PHRASES: readonly (readonly [RegExp, (...found: string[]) => string])[] = [
  [
    /acceptWeaker: (\["[^\]]*"\]) goes on without/g,
    (_, names) =>
      `${(JSON.parse(names!) as string[]).map((name) => `--accept-weaker ${name}`).join(" ")} ` +
      "goes on without",
  ],
  [/by DOCKER_HOST or the option host\b/g, () => "by --host or DOCKER_HOST"],
  [/the option host\b/g, () => "--host"],
  [/\bremove it with force: true/g, () => "remove it with --force"],
  [/\bverify: false does without/g, () => "without --verify it is not needed"],
  [/\bwhich allowPrivate opens\b/g, () => "which --allow-private opens"],
  [/\bsweep\(\) removes it\b/g, () => `${PROGRAM} containers sweep removes it`],
  [
    /pull\(("[^"]*")\) gets it/g,
    (_, image) => `${PROGRAM} containers pull ${JSON.parse(image!)} gets it`,
  ],
  [
    /remove\(("[^"]*")\) makes the name free/g,
    (_, name) => `${PROGRAM} containers remove ${JSON.parse(name!)} --force makes the name free`,
  ],
];

/** A message of the library in the words of the command line. */
export function inWords(message: string): string {
  const phrased = PHRASES.reduce((text, [from, to]) => text.replace(from, to), message);
  return phrased.replace(FIELD, (_, field: string, part?: string) => {
    const option = OPTIONS[field]!;
    return part === undefined ? option : `${option} ${part}`;
  });
}

/** An error with its message in the words of the command line. */
export function inOptions(error: unknown): unknown {
  if (error instanceof UsageError) return new UsageError(inWords(error.message), error.command);
  if (!AgentError.is(error)) return error;
  const message = inWords(error.message);
  if (message === error.message) return error;
  return new AgentError(error.code, message, error.details as never, { cause: error });
}

/** The same command, whose errors speak of what is typed. */
export function spoken(command: Command): Command {
  return {
    ...command,
    run: async (call) => {
      try {
        return await command.run(call);
      } catch (error) {
        throw inOptions(error);
      }
    },
  };
}
