/**
 * The cassette as a layer: its options, and whether its file may be used. What it does is loaded with the first request:
 * redaction is much code, which clients without a cassette do not need.
 *
 * @module
 */

import {
  checkString,
  checkStrings,
  checkWord,
  fieldsOf,
  wrongValue,
} from "../../shared/arguments.ts";
import type { Send } from "../transport/types.ts";
import type { CassetteOptions } from "../types.ts";
import { allowFile, type ReadOptions } from "./access.ts";
import type { Cassette } from "./cassette.ts";
import { MATCHED_FIELDS, mayBeCredential } from "./names.ts";

/** The layer. */
export interface CassetteLayer {
  /** Puts the cassette before what sends requests. */
  (next: Send): Send;
  /** Waits for what is being written. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes the layer.
 *
 * @param options Where, and what to do.
 * @returns The layer. Its file is read with the first request.
 * @throws {TypeError | RangeError} If an option is wrong.
 * @throws {AgentError} `PERMISSION` if the file may not be used; nothing is asked.
 */
export function cassetteLayer(options: CassetteOptions): CassetteLayer {
  const read = readOptions(options);
  allowFile(read.path, read.mode !== "replay");
  let opened: Promise<Cassette> | undefined;
  const layer = (next: Send): Send => async (request) => {
    const { send } = await (opened ??= open(read));
    return await send(request, next);
  };
  return Object.assign(layer, {
    async close(): Promise<void> {
      await (await opened)?.close();
    },
  });
}

async function open(options: ReadOptions): Promise<Cassette> {
  const { openCassette } = await import("./cassette.ts");
  return openCassette(options);
}

function readOptions(options: unknown): ReadOptions {
  const { path, mode, matchHeaders = MATCHED_FIELDS } = fieldsOf(
    options ?? null,
    "options.cassette",
  );
  checkString(path, "options.cassette.path");
  if (path === "" || path.includes("\0")) {
    throw wrongValue("options.cassette.path", "the path of a file", path);
  }
  checkWord(mode, "options.cassette.mode", ["record", "replay", "auto"]);
  checkStrings(matchHeaders, "options.cassette.matchHeaders");
  const matched = [...new Set(matchHeaders.map((name) => name.toLowerCase()))];
  for (const name of matched) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || mayBeCredential(name)) {
      throw wrongValue(
        "options.cassette.matchHeaders",
        "names of fields without credentials",
        name,
      );
    }
  }
  return { path, mode, matched };
}
