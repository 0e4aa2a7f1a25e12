/**
 * The data file: opening it safely, its schema, its transactions.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { nodeSqlite } from "../shared/builtin.ts";
import { isHeldBy, otherTwin, severalNames } from "../shared/database_claims.ts";
import { AgentError } from "../shared/errors.ts";
import { BUSY_TIMEOUT_MS, messageOf, translate } from "./failures.ts";
import { INDEXING } from "./words.ts";

/** "AGNT", so that a file of another program is never taken for ours. */
const APPLICATION_ID = 0x41474e54;
const SCHEMA_VERSION = 3;

const SCHEMA = `
  CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT INTO counters VALUES ('revision', 0), ('indexing', ${INDEXING});
  CREATE TABLE documents (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, folder TEXT, title TEXT,
    format TEXT NOT NULL, length INTEGER NOT NULL, chunks INTEGER NOT NULL, hash TEXT NOT NULL,
    size INTEGER, modified INTEGER, checked INTEGER
  );
  CREATE INDEX documents_folder ON documents (folder);
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, start INTEGER NOT NULL,
    heading TEXT, text TEXT NOT NULL
  );
  CREATE INDEX chunks_document ON chunks (document, start);
  CREATE TABLE derived (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
`;
/** What each version added to the one before; a new file gets all of it, an older one what it lacks. */
const ADDED: readonly string[] = [
  `
  CREATE TABLE anchors (
    document INTEGER NOT NULL, start INTEGER NOT NULL, anchor TEXT NOT NULL,
    PRIMARY KEY (document, start)
  ) WITHOUT ROWID;
  CREATE TABLE unread (
    name TEXT PRIMARY KEY, hash TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL,
    checked INTEGER NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL
  ) WITHOUT ROWID;
`,
  // Terms are ready made (terms.ts), so the index only cuts them at spaces.
  `
  DROP TABLE IF EXISTS chunk_index;
  CREATE VIRTUAL TABLE chunk_index USING fts5(
    title, heading, body, tokenize="ascii tokenchars '._'"
  );
  INSERT INTO chunk_index (chunk_index, rank) VALUES ('rank', 'bm25(2.0, 2.0, 1.0)');
  ALTER TABLE documents ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
  CREATE TABLE embedder (id TEXT NOT NULL);
  CREATE TABLE vectors (document INTEGER PRIMARY KEY, chunk INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE TABLE vocabulary (term TEXT PRIMARY KEY) WITHOUT ROWID;
`,
];

const CAREFUL =
  `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON`;
/** In WAL mode NORMAL cannot corrupt; a power cut may only undo the last transactions. */
const FAST = "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000";

/** What another connection to the same file is opened with. */
export interface ForAnother {
  /** Where it is, whatever has become of the working directory. */
  readonly path: string;
  /** What each connection sets. */
  readonly pragmas: string;
  /** What tells that it is the same kind of file. */
  readonly applicationId: number;
  /** And of the same version. */
  readonly version: number;
}

/** One open data file. Owns the connection and its prepared statements. */
export class Database {
  /** The file as the caller named it, or ":memory:". */
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #open = true;

  private constructor(path: string, connection: DatabaseSync) {
    this.path = path;
    this.#connection = connection;
  }

  /** Opens or creates a data file; nothing is left open if that fails. */
  static open(path: string): Database {
    if (path !== ":memory:") checkFile(path);
    let connection: DatabaseSync;
    try {
      // A path that SQLite could take for a URI or an option is made one that it cannot.
      const plain = path === ":memory:" || /^([A-Za-z]:)?[\\/]/.test(path) ? path : `./${path}`;
      connection = new (nodeSqlite().DatabaseSync)(plain);
    } catch (error) {
      throw translate(error, path, "open");
    }
    const database = new Database(path, connection);
    try {
      database.#prepareFile();
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Runs SQL text without results. */
  exec(sql: string, operation = "write"): void {
    this.guard(operation, () => this.#connection.exec(sql));
  }

  /** A prepared statement, made once for each SQL text. Use it inside {@linkcode guard}. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** A number that the file keeps. */
  counter(name: "revision" | "indexing"): number {
    const sql = "SELECT value FROM counters WHERE name = ?";
    return this.guard("read", () => Number(this.statement(sql).get(name)?.["value"]));
  }

  /** Runs work on the connection and translates what SQLite throws. */
  guard<T>(operation: string, work: () => T): T {
    if (!this.#open) {
      throw new AgentError("CLOSED", "The knowledge store is closed; open it again to use it.", {
        object: "knowledge",
      });
    }
    try {
      return work();
    } catch (error) {
      throw translate(error, this.path, operation);
    }
  }

  /** Runs synchronous work in one write transaction: all of it is kept, or nothing. */
  transaction<T>(operation: string, work: () => T): T {
    return this.guard(operation, () => {
      this.#connection.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        this.#connection.exec("COMMIT");
        return result;
      } catch (error) {
        // A full disk may have rolled back already.
        if (this.#connection.isTransaction) {
          try {
            this.#connection.exec("ROLLBACK");
          } catch {
            // The first failure is the one to tell; closing rolls back as well.
          }
        }
        throw error;
      }
    });
  }

  /** What another thread needs to open the same file; undefined for a store in memory, and for a file that is gone. */
  forAnother(): ForAnother | undefined {
    if (this.path === ":memory:") return undefined;
    return this.guard("read", () => {
      const list = this.#connection.prepare("PRAGMA database_list").all();
      const path = String(list.find(({ name }) => name === "main")?.["file"] ?? "");
      try {
        if (!Deno.statSync(path).isFile) return undefined;
      } catch {
        return undefined;
      }
      return {
        path,
        // A bound on the size holds for each connection by itself.
        pragmas: `${CAREFUL}; ${FAST}; PRAGMA max_page_count = ${this.#pragma("max_page_count")}`,
        applicationId: APPLICATION_ID,
        version: SCHEMA_VERSION,
      };
    });
  }

  /** Closes the connection; harmless when closed. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    this.#connection.close();
  }

  #prepareFile(): void {
    this.exec(CAREFUL, "open");
    if (this.#version() < SCHEMA_VERSION) {
      this.transaction("create", () => {
        // Another process may have done it between the look and the lock.
        const version = this.#version();
        if (version === 0) {
          this.#connection.exec(SCHEMA);
          this.#connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
        }
        for (const added of ADDED.slice(Math.max(version - 1, 0))) this.#connection.exec(added);
        this.#connection.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
      });
    }
    if (this.path !== ":memory:") this.#useWriteAheadLog();
    this.exec(FAST, "open");
  }

  #pragma(name: string): unknown {
    const row = this.#connection.prepare(`PRAGMA ${name}`).get();
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /** The version of the schema, 0 of an empty database; what is none of ours or newer is refused. */
  #version(): number {
    // One statement, since another process may be creating the file between two.
    const { application_id, user_version, tables } = this.guard(
      "open",
      () =>
        this.#connection.prepare(`
        SELECT *, (SELECT count(*) FROM sqlite_master) AS tables
        FROM pragma_application_id, pragma_user_version`).get()!,
    );
    if (application_id === 0 && user_version === 0 && tables === 0) return 0;
    if (application_id !== APPLICATION_ID) {
      throw new AgentError(
        "CORRUPT",
        `"${this.path}" is an SQLite database of another program, not a knowledge file; ` +
          `name another file, it has not been touched.`,
        { path: this.path },
      );
    }
    if (Number(user_version) > SCHEMA_VERSION) {
      throw new AgentError(
        "UNSUPPORTED",
        `"${this.path}" was written by a newer version (schema ${user_version}, this one knows ` +
          `${SCHEMA_VERSION}); update @agent/runtime, or name another file and index again.`,
        { what: `schema ${user_version}` },
      );
    }
    return Number(user_version);
  }

  #useWriteAheadLog(): void {
    this.guard("open", () => {
      if (this.#pragma("journal_mode") === "wal") return;
      try {
        this.#pragma("journal_mode = WAL");
      } catch (error) {
        // Changing the mode needs the file alone. If another process holds it, that one changes
        // the mode or the next opening does; both modes are safe.
        if (!/locked|busy/i.test(messageOf(error))) throw error;
      }
    });
  }
}

function checkFile(path: string): void {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // SQLite creates it
    throw translate(error, path, "open");
  }
  if (info.isDirectory) {
    throw new AgentError(
      "IO",
      `"${path}" is a folder; name a file in it, for example "${path}/knowledge.db".`,
      { path, operation: "open" },
    );
  }
  if (!info.isFile) {
    throw new AgentError("IO", `"${path}" is no regular file; name another one.`, {
      path,
      operation: "open",
    });
  }
  // Before SQLite touches it: see shared/database_claims.ts.
  if (info.nlink !== null && info.nlink > 1) throw severalNames(path, info.nlink);
  if (isHeldBy(Deno.lstatSync(path).isSymlink ? Deno.realPathSync(path) : path, "native")) {
    throw otherTwin(path, "native");
  }
}
