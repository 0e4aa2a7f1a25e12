/**
 * What an agent keeps over processes in a SQLite file: its counts, and the domains that were changed.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { nodeSqlite } from "../shared/builtin.ts";
import { AgentError } from "../shared/errors.ts";
import { guarded as within } from "./database_errors.ts";
import { KEPT_TIMES, metricsOf, type MetricsStore, wordOf } from "./metrics.ts";
import type { AgentMetrics, Answer, DomainProfile } from "./types.ts";

/** "AGST", so that a file of another program is never taken for ours. */
const APPLICATION_ID = 0x41475354;
const DOMAIN = "domain:";
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS times (number INTEGER PRIMARY KEY AUTOINCREMENT, ms REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS domains (name TEXT PRIMARY KEY, profile TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
`;

/** The file. Counts of several processes add up. */
export class StateFile implements MetricsStore {
  readonly #path: string;
  readonly #database: DatabaseSync;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  /**
   * Opens it, or makes it with mode 0600.
   *
   * @throws {AgentError} `PERMISSION`, `IO`, `CORRUPT` for a file of something else.
   */
  static open(path: string): StateFile {
    return guarded(path, "open", () => {
      try {
        Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
      const database = new (nodeSqlite().DatabaseSync)(path);
      try {
        database.exec("PRAGMA busy_timeout = 5000");
        const { id, tables } = database.prepare(
          "SELECT (SELECT application_id FROM pragma_application_id) AS id, " +
            "(SELECT count(*) FROM sqlite_master) AS tables",
        ).get()!;
        if (Number(id) !== APPLICATION_ID) {
          if (Number(tables) > 0) {
            throw new AgentError("CORRUPT", `"${path}" is a database of something else`, { path });
          }
          database.exec("PRAGMA journal_mode = WAL");
          database.exec(SCHEMA);
        }
        // Counts that a power cut takes with it are no loss; the file stays whole.
        database.exec("PRAGMA synchronous = NORMAL");
        return new StateFile(path, database);
      } catch (error) {
        database.close();
        throw error;
      }
    });
  }

  count(answer: Answer, durationMs: number): void {
    const add =
      "INSERT INTO counts VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1";
    this.#together(() => {
      const statement = this.#database.prepare(add);
      for (const name of ["questions", wordOf(answer), DOMAIN + answer.domain]) statement.run(name);
      const { lastInsertRowid } = this.#database.prepare("INSERT INTO times (ms) VALUES (?)")
        .run(durationMs);
      this.#database.prepare("DELETE FROM times WHERE number <= ?")
        .run(Number(lastInsertRowid) - KEPT_TIMES);
    });
  }

  reset(): void {
    this.#together(() => this.#database.exec("DELETE FROM counts; DELETE FROM times"));
  }

  read(): AgentMetrics {
    return guarded(this.#path, "read", () => {
      const counts = new Map<string, number>();
      const byDomain: Record<string, number> = {};
      for (const { name, count } of this.#database.prepare("SELECT * FROM counts").all()) {
        const word = String(name);
        if (word.startsWith(DOMAIN)) byDomain[word.slice(DOMAIN.length)] = Number(count);
        else counts.set(word, Number(count));
      }
      const times = this.#database.prepare("SELECT ms FROM times").all().map(({ ms }) =>
        Number(ms)
      );
      return metricsOf((name) => counts.get(name) ?? 0, byDomain, times);
    });
  }

  /** The domains that were changed. */
  domains(): Record<string, DomainProfile> {
    return guarded(this.#path, "read", () => {
      const rows = this.#database.prepare("SELECT name, profile FROM domains").all();
      return Object.fromEntries(
        rows.map(({ name, profile }) => [String(name), JSON.parse(String(profile))]),
      );
    });
  }

  /** Keeps a domain. */
  setDomain(name: string, profile: DomainProfile): void {
    this.#together(() =>
      this.#database.prepare("INSERT OR REPLACE INTO domains VALUES (?, ?)")
        .run(name, JSON.stringify(profile))
    );
  }

  close(): void {
    this.#database.close();
  }

  #together(work: () => void): void {
    guarded(this.#path, "write", () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        work();
        this.#database.exec("COMMIT");
      } catch (error) {
        this.#database.exec("ROLLBACK");
        throw error;
      }
    });
  }
}

function guarded<T>(path: string, operation: string, work: () => T): T {
  return within({ path, name: "the state", kept: "The agent's state is kept" }, operation, work);
}
