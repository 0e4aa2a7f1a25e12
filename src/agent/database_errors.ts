/**
 * What failures of the SQLite files of an agent become: its journal, and what it keeps over processes.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";

/** What a file is, for whoever reads that it cannot be used. */
export interface FileOf {
  /** Its path. */
  readonly path: string;
  /** The words before its path: "the journal". */
  readonly name: string;
  /** What is kept in it, as the beginning of a sentence: "Sessions are kept". */
  readonly kept: string;
}

/**
 * Works with a file.
 *
 * @throws {AgentError} `PERMISSION`, `CORRUPT`, `IO`.
 */
export function guarded<T>({ path, name, kept }: FileOf, operation: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AgentError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const cause = { cause: error };
    if (error instanceof Deno.errors.NotCapable) {
      throw new AgentError(
        "PERMISSION",
        `${kept} in "${path}"; run with --allow-read and --allow-write for its folder`,
        { permission: "write", target: path },
        cause,
      );
    }
    if (/not a database|malformed|corrupt/i.test(message)) {
      const words = `${name[0]!.toUpperCase()}${
        name.slice(1)
      } "${path}" cannot be read: ${message}`;
      throw new AgentError("CORRUPT", words, { path }, cause);
    }
    const words = `Cannot ${operation} ${name} "${path}": ${message}`;
    throw new AgentError("IO", words, { path, operation }, cause);
  }
}
