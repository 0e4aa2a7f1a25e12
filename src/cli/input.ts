/**
 * What the `text` commands read: standard input or files, as bytes, text or lines.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import type { Output } from "./output.ts";
import { readFailure } from "./paths.ts";

/** The name under which standard input is given and reported. */
export const STDIN = "-";

/** The bytes of a file, or of standard input if the path is `-`. */
export async function readBytes(path: string, output: Output): Promise<Uint8Array<ArrayBuffer>> {
  if (path === STDIN && Deno.stdin.isTerminal()) {
    output.note("reading from the terminal; Ctrl-D ends the input");
  }
  try {
    if (path !== STDIN) return await Deno.readFile(path);
    return new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
  } catch (error) {
    throw readFailure(path === STDIN ? "standard input" : path, error);
  }
}

/**
 * The text of a file or of standard input.
 *
 * @throws {AgentError} `CORRUPT` if it is not UTF-8: replacing bytes unasked would lose some.
 */
export async function readText(path: string, output: Output): Promise<string> {
  const bytes = await readBytes(path, output);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const name = path === STDIN ? "Standard input" : `"${path}"`;
    throw new AgentError("CORRUPT", `${name} is not UTF-8 text: convert it first`, { path }, {
      cause,
    });
  }
}

/** The lines of a text without their ends; a line break at the very end makes no further line. */
export function lines(text: string): string[] {
  const parts = text.split("\n");
  if (parts.at(-1) === "") parts.pop();
  return parts.map((part) => part.endsWith("\r") ? part.slice(0, -1) : part);
}
