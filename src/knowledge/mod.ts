/**
 * A searchable store of documents in one SQLite file: Markdown, text and HTML, with chunks whose
 * offsets are true.
 *
 * It needs no native library and no network. `:memory:` needs no permission; a data file needs read
 * and write of its folder; indexing a folder needs read of that folder.
 *
 * ```ts
 * import { openKnowledge } from "@agent/runtime/knowledge";
 * import assert from "node:assert/strict";
 *
 * using knowledge = openKnowledge();
 * await knowledge.add([
 *   { document: "lamp.md", text: "# The lamp\n\nIt burns for nine hours on one charge." },
 *   { document: "kettle.md", text: "# The kettle\n\nIt boils a litre in three minutes." },
 * ]);
 * const [best] = await knowledge.search("how long does the lamp burn?");
 * assert.equal(best?.document, "lamp.md");
 * assert.equal(knowledge.text("lamp.md")?.slice(best.start, best.end), best.chunk);
 * ```
 *
 * @module
 */
import { wrongType } from "../shared/arguments.ts";
import { Database } from "./database.ts";
import { SqliteKnowledge } from "./knowledge.ts";
import type { Knowledge, KnowledgeOptions } from "./types.ts";

export * from "../shared/errors.ts";
export * from "./embedding/default_embedder.ts";
export * from "./embedding/openai.ts";
export type { Embedder } from "./embedding/types.ts";
export * from "./reranking/endpoint.ts";
export type * from "./reranking/types.ts";
export type { Language } from "./languages.ts";
export type * from "./types.ts";

/**
 * Opens a knowledge store, and creates its file if there is none.
 *
 * Any number of processes can have the same file open: one writes at a time, the others wait up to
 * ten seconds. Beside the file SQLite keeps `-wal` and `-shm` files while it is open.
 *
 * @param options The data file.
 * @returns The store; dispose it with `using`, or close it.
 * @throws {TypeError} If the path is not a string or empty.
 * @throws {AgentError} `IO` (a folder, no such folder, a full disk), `CORRUPT` (no knowledge file,
 * or a damaged one), `PERMISSION`, `UNSUPPORTED` (written by a newer version).
 *
 * @example
 * ```ts
 * import { openKnowledge } from "@agent/runtime/knowledge";
 * import assert from "node:assert/strict";
 *
 * using knowledge = openKnowledge({ path: ":memory:" });
 * const report = await knowledge.add([{ document: "a", text: "Water boils at 100 degrees." }]);
 * assert.equal(report.added, 1);
 * assert.equal((await knowledge.search("boiling water"))[0]?.document, "a");
 * ```
 */
export function openKnowledge(options?: KnowledgeOptions): Knowledge;
export function openKnowledge(options: KnowledgeOptions = {}): Knowledge {
  const { path = ":memory:" } = options;
  if (typeof path !== "string" || path === "" || path.includes("\0")) {
    throw wrongType("options.path", 'a file name or ":memory:"', path);
  }
  const database = Database.open(path);
  try {
    return new SqliteKnowledge(database, options);
  } catch (error) {
    database.close();
    throw error;
  }
}
