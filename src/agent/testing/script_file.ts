/**
 * Scripts in JSON files, for programs that are given a model by name.
 *
 * @module
 */

import { checkString } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { knownFields } from "../../shared/known_fields.ts";
import { scriptedProvider } from "./scripted.ts";
import type { ScriptedOptions, ScriptedProvider, ScriptedTurn } from "./types.ts";

const FILE = ["name", "model", "tools", "contextTokens", "price", "turns"];

/**
 * Makes a scripted model of a JSON file: a list of turns, or an object with `turns` beside `name`, `model`, `tools`,
 * `contextTokens` and `price`. Needs `--allow-read` for the file.
 *
 * @param path The file.
 * @returns The model.
 * @throws {AgentError} `NOT_FOUND`, `PERMISSION` and `IO` of the file; `CORRUPT` if it is no script, with what is wrong.
 *
 * @example
 * ```ts
 * import { loadScript } from "@agent/runtime/testing";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".json" });
 * await Deno.writeTextFile(path, '{ "name": "demo", "turns": ["Good morning."] }');
 * const model = await loadScript(path);
 * const { text } = await model.chat([{ role: "user", content: "Hello" }], {});
 * assert.equal(text, "Good morning.");
 * await Deno.remove(path);
 * ```
 */
export async function loadScript(path: string): Promise<ScriptedProvider> {
  checkString(path, "path");
  const text = await readScript(path);
  try {
    const given: unknown = JSON.parse(text);
    const { turns, ...options } = Array.isArray(given)
      ? { turns: given }
      : knownFields(given, "script", FILE) as { turns?: readonly ScriptedTurn[] } & ScriptedOptions;
    return scriptedProvider(turns as readonly ScriptedTurn[], options);
  } catch (error) {
    const { message } = error as Error;
    throw new AgentError("CORRUPT", `${path} is no script: ${message}`, { path }, { cause: error });
  }
}

async function readScript(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const cause = { cause: error };
    if (error instanceof Deno.errors.NotFound) {
      throw new AgentError("NOT_FOUND", `There is no script ${path}`, { what: path }, cause);
    }
    if (error instanceof Deno.errors.NotCapable) {
      const needed = { permission: "read", target: path };
      throw new AgentError("PERMISSION", `Run with --allow-read=${path}`, needed, cause);
    }
    const message = `Cannot read the script ${path}: ${(error as Error).message}`;
    throw new AgentError("IO", message, { path, operation: "read" }, cause);
  }
}
