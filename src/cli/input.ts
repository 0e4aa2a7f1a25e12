/**
 * What the `text` commands read: standard input or files, as bytes, text or lines, whole or part by part.
 *
 * @module
 */

import { unlessAborted } from "../shared/abort.ts";
import { AgentError } from "../shared/errors.ts";
import type { Output } from "./output.ts";
import { readFailure, STDIN } from "./paths.ts";

/** A part has at most so many bytes; a pipe gives less. */
const PART = 1 << 18;

/** How to read part by part. */
export interface PartsOptions {
  /** Ends the reading, also while it waits for more. */
  signal?: AbortSignal | undefined;
  /** Is told how many bytes each part had. */
  onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * The bytes of a file, or of standard input if the path is `-`, part by part. A part is valid until the next one is asked
 * for.
 */
export async function* byteParts(
  path: string,
  output: Output,
  { signal, onBytes }: PartsOptions = {},
): AsyncGenerator<Uint8Array> {
  noteTerminal(path, output);
  try {
    const file = path === STDIN ? Deno.stdin : await Deno.open(path);
    using _closing = path === STDIN ? undefined : file as Deno.FsFile;
    const buffer = new Uint8Array(PART);
    for (;;) {
      const count = await unlessAborted(file.read(buffer), signal);
      if (count === null) return;
      onBytes?.(count);
      yield buffer.subarray(0, count);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw readFailure(path === STDIN ? "standard input" : path, error);
  }
}

/**
 * The text of a file or of standard input part by part, in bounded memory.
 *
 * @throws {AgentError} `CORRUPT` where it is not UTF-8.
 */
export async function* textParts(
  path: string,
  output: Output,
  options: PartsOptions = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      throw notText(path, cause);
    }
  };
  for await (const bytes of byteParts(path, output, options)) {
    const part = decode(bytes);
    if (part !== "") yield part;
  }
  decode();
}

/** The lines of a file or of standard input, some hundred or thousand at a time; memory holds no more than the longest. */
export async function* lineBatches(
  path: string,
  output: Output,
  options: PartsOptions = {},
): AsyncGenerator<string[]> {
  let open: string[] = [];
  for await (const part of textParts(path, output, options)) {
    const end = part.lastIndexOf("\n") + 1;
    open.push(part.slice(0, end || undefined));
    if (end === 0) continue;
    yield lines(open.join(""));
    open = [part.slice(end)];
  }
  const rest = lines(open.join(""));
  if (rest.length > 0) yield rest;
}

/** The bytes of a file. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw readFailure(path, error);
  }
}

/**
 * The text of a file or of standard input.
 *
 * @throws {AgentError} `CORRUPT` if it is not UTF-8: replacing bytes unasked would lose some.
 */
export async function readText(path: string, output: Output): Promise<string> {
  return (await Array.fromAsync(textParts(path, output))).join("");
}

function notText(path: string, cause: unknown): AgentError {
  const name = path === STDIN ? "Standard input" : `"${path}"`;
  return new AgentError("CORRUPT", `${name} is not UTF-8 text: convert it first`, { path }, {
    cause,
  });
}

function noteTerminal(path: string, output: Output): void {
  if (path === STDIN && Deno.stdin.isTerminal()) {
    output.note("reading from the terminal; Ctrl-D ends the input");
  }
}

/** The lines of a text without their ends; a line break at the very end makes no further line. */
export function lines(text: string): string[] {
  const parts = text.split("\n");
  if (parts.at(-1) === "") parts.pop();
  return parts.map((part) => part.endsWith("\r") ? part.slice(0, -1) : part);
}
