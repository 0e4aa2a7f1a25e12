/**
 * The model that a command line names: an address, or a script. Keys come from the environment or from a file; an option's value
 * would stand in the list of processes and in the shell's history.
 *
 * @module
 */

import { shown } from "../shared/arguments.ts";
import { AgentError } from "../shared/errors.ts";
import type { ChatProvider, ModelOptions } from "../llm/types.ts";
import type { Call, OptionSpec } from "./command.ts";
import { UsageError } from "./options.ts";
import { environment, readFailure } from "./paths.ts";
import { scriptOf } from "./permissions.ts";

/** The options that say which. */
export const MODEL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  model: {
    value: "URL",
    help: "The model's address, as in http://127.0.0.1:11434/v1, or script:FILE.json",
  },
  "model-name": { value: "NAME", help: "Which model of that server, as in llama3.2" },
  protocol: { value: "WHICH", help: "openai-chat (default), openai-responses or anthropic" },
  "key-env": { value: "NAME", help: "The variable with the key (AGENT_API_KEY)" },
  "key-file": { value: "FILE", help: "A file with the key, and nothing else" },
};

const PROTOCOLS = ["openai-chat", "openai-responses", "anthropic"] as const;
/** Makers whose keys have a variable that everybody uses; it is sent to no other host. */
const MAKERS: readonly (readonly [host: RegExp, variable: string])[] = [
  [/(^|\.)openai\.com$/, "OPENAI_API_KEY"],
  [/(^|\.)anthropic\.com$/, "ANTHROPIC_API_KEY"],
];

/**
 * Reads the options.
 *
 * @throws {UsageError} If no model is named, or one that is none.
 * @throws {AgentError} Of the script, or where the key is not to be had.
 */
export async function modelOf({ options }: Call): Promise<ModelOptions | ChatProvider> {
  const model = options.required(
    "model",
    "the model's address (http://127.0.0.1:11434/v1) or a script (script:FILE.json)",
  );
  const script = scriptOf(model);
  if (script !== undefined) {
    const { loadScript } = await import("../agent/testing/script_file.ts");
    return await loadScript(script);
  }
  const url = URL.parse(model);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UsageError(
      `--model is an address that begins with http:// or https://, or script:FILE.json, not ${
        shown(url === null || url.password === "" ? model : url.protocol)
      }`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "--model must not hold a user or a password; give the key with --key-file",
    );
  }
  const protocol = options.choice("protocol", PROTOCOLS);
  const apiKey = keyOf(options, url);
  return {
    url,
    model: options.required("model-name", "the model's name at that server"),
    ...(protocol !== undefined && { protocol }),
    ...(apiKey !== undefined && { apiKey }),
  };
}

/** The key; undefined where none is needed, as of a server on this machine. */
function keyOf(options: Call["options"], { hostname }: URL): string | undefined {
  const file = options.text("key-file");
  const named = options.text("key-env");
  if (file !== undefined && named !== undefined) {
    throw new UsageError("Give the key with --key-file or with --key-env, not with both");
  }
  if (file !== undefined) return checked(readKey(file), `The file ${file}`);
  const maker = MAKERS.find(([host]) => host.test(hostname))?.[1];
  const variables = named === undefined ? [maker, "AGENT_API_KEY"] : [named];
  for (const variable of variables) {
    const key = variable && environment(variable);
    if (key) return checked(key, `The variable ${variable}`);
  }
  if (named === undefined && maker === undefined) return undefined;
  throw new AgentError(
    "NOT_FOUND",
    `There is no key: ${named ?? maker} is not set. Set it, or name a file with --key-file`,
    { what: named ?? maker! },
  );
}

function readKey(file: string): string {
  try {
    return Deno.readTextFileSync(file).trim();
  } catch (error) {
    throw readFailure(file, error);
  }
}

/** What a key cannot be is said without saying what it is. */
function checked(key: string, place: string): string {
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new AgentError("CORRUPT", `${place} holds no key: it is empty, or more than one word`, {
    path: place,
  });
}
