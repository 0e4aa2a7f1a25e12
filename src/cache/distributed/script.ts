/**
 * A script of a Redis server, by its text and its digest.
 *
 * @module
 */

import { nodeCrypto } from "../../shared/builtin.ts";

/** A Lua script. */
export interface Script {
  readonly source: string;
  /** The SHA-1 by which the server knows it. */
  readonly sha: string;
}

/** Makes one; its digest is taken when it is first sent. */
export function scriptOf(source: string): Script {
  let sha: string | undefined;
  return {
    source,
    get sha() {
      return sha ??= nodeCrypto().createHash("sha1").update(source).digest("hex");
    },
  };
}
