/**
 * The file of a model's cassette: JSON, mode 0600, written beside and renamed, so that there is always a whole one.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { ChatEvent, ChatProvider, ChatReply } from "../../llm/types.ts";

const FORMAT = "agent-model-cassette";
const VERSION = 1;

/** What a model said. */
export interface Spoken {
  readonly reply: ChatReply;
  /** As it was streamed, if it was. */
  readonly pieces?: readonly Exclude<ChatEvent, { type: "done" }>[];
}

/** What it was asked, and what it said. */
export interface Recording extends Spoken {
  readonly request: JsonValue;
}

/** What stands in a file. */
export interface Kept {
  readonly model: Pick<ChatProvider, "name" | "model" | "tools" | "contextTokens" | "price">;
  readonly recordings: readonly Recording[];
}

/** Reads a file; undefined if there is none, or nothing in it. */
export function readCassette(path: string): Kept | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(error, path, "read");
  }
  if (text === "") return undefined;
  const corrupt = (what: string): AgentError =>
    new AgentError("CORRUPT", `The cassette ${path} ${what}; record it anew`, { path });
  let file: Partial<Kept> & { format?: unknown; version?: unknown };
  try {
    file = JSON.parse(text);
  } catch {
    throw corrupt("is not JSON");
  }
  if (file?.format !== FORMAT) throw corrupt("is no cassette of a model");
  if (file.version !== VERSION) throw corrupt(`is not of version ${VERSION}`);
  const { model, recordings } = file;
  if (typeof model?.name !== "string") throw corrupt("does not name its model");
  if (!Array.isArray(recordings)) throw corrupt("has no recordings");
  for (const [at, { request, reply, pieces = [] }] of recordings.map(object).entries()) {
    if (!isObject(request) || typeof object(reply)["text"] !== "string" || !Array.isArray(pieces)) {
      throw corrupt(`has something else than a recording at ${at}`);
    }
  }
  return { model, recordings };
}

/** Writes a file in the place of what was there. */
export async function writeCassette(path: string, { model, recordings }: Kept): Promise<void> {
  const file = { format: FORMAT, version: VERSION, model, recordings };
  const partial = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    try {
      await Deno.writeTextFile(partial, `${JSON.stringify(file, null, 2)}\n`, {
        createNew: true,
        mode: 0o600,
      });
      await Deno.rename(partial, path);
    } catch (error) {
      await Deno.remove(partial).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw fileError(error, path, "write");
  }
}

function fileError(error: unknown, path: string, operation: "read" | "write"): AgentError {
  const message = error instanceof Error ? error.message : String(error);
  const cause = { cause: error };
  if (error instanceof Deno.errors.NotCapable) {
    const needed = { permission: operation, target: path };
    return new AgentError("PERMISSION", `The cassette ${path}: ${message}`, needed, cause);
  }
  const words = `Cannot ${operation} the cassette ${path}: ${message}`;
  return new AgentError("IO", words, { path, operation }, cause);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
