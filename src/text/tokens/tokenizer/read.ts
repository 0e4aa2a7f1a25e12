/** Reads a file that the caller named, with errors that say what to do. Never prompts. @module */

import { isGranted } from "../../../native/permissions.ts";
import { wrongValue } from "../../../shared/arguments.ts";
import { AgentError } from "../../../shared/errors.ts";

/** Four times what the largest known tokenizer has. */
const MOST_BYTES = 128 * 1024 * 1024;

/** The path of a `file:` URL; another one is refused, because nothing is fetched unasked. */
export function fromFileUrl(url: URL): string {
  if (url.protocol !== "file:") {
    throw wrongValue("name", "a file: URL (fetch what is elsewhere first, and save it)", url.href);
  }
  return decodeURIComponent(url.pathname).replace(/^\/(?=[A-Za-z]:)/, "");
}

/** The bytes of a file. */
export async function readableFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!isGranted({ name: "read", path })) {
    throw new AgentError(
      "PERMISSION",
      `The tokenizer ${path} may not be read: run with --allow-read=${path}`,
      { permission: "read", target: path },
    );
  }
  try {
    const { size } = await Deno.stat(path);
    if (size > MOST_BYTES) {
      throw new AgentError(
        "TOO_LARGE",
        `The tokenizer ${path} has ${size} bytes, the limit is ${MOST_BYTES}`,
        { what: "tokenizer.json", size, limit: MOST_BYTES },
      );
    }
    return await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    if (cause instanceof Deno.errors.NotFound) {
      const message = `There is no tokenizer ${path}: give the path of a tokenizer.json`;
      throw new AgentError("NOT_FOUND", message, { what: path }, { cause });
    }
    throw new AgentError(
      "IO",
      `The tokenizer ${path} cannot be read: ${(cause as Error).message}`,
      { path, operation: "read" },
      { cause },
    );
  }
}
