/**
 * What was computed from the documents (the agent's answers), kept in the same file and dropped when a document changes.
 *
 * @module
 */
import type { Database } from "./database.ts";
import type { DerivedStore } from "./types.ts";

const MAX_DERIVED = 10_000;
const MAX_DERIVED_LENGTH = 1_000_000;

/** {@linkcode DerivedStore} on the store's own connection. */
export class SqliteDerivedStore implements DerivedStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get size(): number {
    return this.#database.guard(
      "read",
      () => Number(this.#database.statement("SELECT count(*) AS n FROM derived").get()?.["n"]),
    );
  }

  get(key: string): string | undefined {
    return this.#database.guard("read", () => {
      const row = this.#database.statement("SELECT value FROM derived WHERE key = ?").get(key);
      return row === undefined ? undefined : String(row["value"]);
    });
  }

  set(key: string, value: string, revision: number): boolean {
    if (value.length > MAX_DERIVED_LENGTH) return false;
    return this.#database.transaction("write", () => {
      const kept = this.#database.statement(`
        INSERT INTO derived (key, value) SELECT ?, ?
        WHERE (SELECT value FROM counters WHERE name = 'revision') = ?
        ON CONFLICT (key) DO UPDATE SET value = excluded.value`)
        .run(key, value, revision).changes;
      this.#database.statement(
        "DELETE FROM derived WHERE id <= (SELECT max(id) FROM derived) - ?",
      ).run(MAX_DERIVED);
      return Number(kept) > 0;
    });
  }

  clear(): number {
    return this.#database.transaction(
      "write",
      () => Number(this.#database.statement("DELETE FROM derived").run().changes),
    );
  }
}
