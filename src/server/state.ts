/**
 * The server's folder: a lock that the system takes away when the process ends, and the token that was made.
 *
 * @module
 */

import { join } from "node:path";
import { AgentError } from "../shared/errors.ts";
import { checkToken, folderInUse, newSecret } from "./tokens.ts";

const LOCK = "server.lock";
/** The file with the token. */
export const TOKEN_FILE = "server-token";

/** The folder while a server has it. */
export interface HeldFolder extends Disposable {
  /** The token that is kept there; made and kept if there was none. */
  token(): string;
}

/**
 * Takes the folder for one server.
 *
 * @param folder Its path; made if need be.
 * @returns The folder; disposing gives it back.
 * @throws {AgentError} `UNAVAILABLE` if another server has it; `IO` or `PERMISSION` if it cannot be used.
 */
export function holdFolder(folder: string): HeldFolder {
  const lock = at(folder, "lock", () => {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    return Deno.openSync(join(folder, LOCK), { create: true, write: true, mode: 0o600 });
  });
  let held = false;
  try {
    held = at(folder, "lock", () => lock.tryLockSync(true));
  } finally {
    if (!held) lock.close();
  }
  if (!held) throw folderInUse(folder);
  return {
    token: () => at(folder, "keep the token in", () => keptToken(join(folder, TOKEN_FILE))),
    [Symbol.dispose]: () => lock.close(),
  };
}

function keptToken(path: string): string {
  let kept: string | undefined;
  try {
    kept = Deno.readTextFileSync(path).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (kept !== undefined) {
    try {
      checkToken(kept);
    } catch {
      throw new AgentError(
        "CORRUPT",
        `"${path}" holds no token: remove the file, and a new one is made`,
        { path },
      );
    }
    // Whoever could read it before may have it; from now on nobody else can.
    if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
    return kept;
  }
  const token = newSecret();
  const temporary = `${path}.new`;
  Deno.writeTextFileSync(temporary, `${token}\n`, { mode: 0o600 });
  Deno.renameSync(temporary, path);
  return token;
}

function at<T>(folder: string, what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (AgentError.is(cause)) throw cause;
    if (cause instanceof Deno.errors.NotCapable) {
      throw new AgentError(
        "PERMISSION",
        `Deno may not ${what} the folder "${folder}": allow it with --allow-read and --allow-write`,
        { permission: "write", target: folder },
        { cause },
      );
    }
    throw new AgentError(
      "IO",
      `Cannot ${what} the folder "${folder}" (${
        (cause as Error).message
      }): give the server another one`,
      { path: folder, operation: what },
      { cause },
    );
  }
}
