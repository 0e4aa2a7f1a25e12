/**
 * The data file: opening it safely, its schema, its transactions, and SQLite's failures in the
 * words of {@linkcode AgentError}.
 *
 * Deno's `node:sqlite` gives no numeric code, so failures are told apart by SQLite's own fixed
 * messages (`sqlite3_errstr`).
 *
 * @module
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { AgentError } from "../errors.ts";
import { INDEXING } from "./words.ts";

/** "AGNT", so that a file of another program is never taken for ours. */
const APPLICATION_ID = 0x41474e54;
const SCHEMA_VERSION = 1;
const BUSY_TIMEOUT_MS = 10_000;

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
  CREATE VIRTUAL TABLE chunk_index USING fts5(
    heading, body, content='',
    tokenize='porter unicode61 remove_diacritics 2'
  );
  INSERT INTO chunk_index (chunk_index, rank) VALUES ('rank', 'bm25(2.0, 1.0)');
  CREATE TABLE derived (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value TEXT NOT NULL);
`;

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
      connection = new DatabaseSync(plain);
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

  /** Closes the connection; harmless when closed. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    this.#connection.close();
  }

  #prepareFile(): void {
    this.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`, "open");
    this.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", "open");
    if (this.#isNew()) {
      this.transaction("create", () => {
        // Another process may have created it between the look and the lock.
        if (!this.#isNew()) return;
        this.#connection.exec(SCHEMA);
        this.#connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
        this.#connection.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
      });
    }
    if (this.path !== ":memory:") {
      this.#useWriteAheadLog();
      // In WAL mode NORMAL cannot corrupt; a power cut may only undo the last transactions.
      this.exec("PRAGMA synchronous = NORMAL", "open");
    }
    this.exec("PRAGMA cache_size = -16000", "open");
  }

  #pragma(name: string): unknown {
    const row = this.#connection.prepare(`PRAGMA ${name}`).get();
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /** True for an empty database, false for one of ours; anything else is refused. */
  #isNew(): boolean {
    const [application, version, tables] = this.guard("open", () => [
      this.#pragma("application_id"),
      this.#pragma("user_version"),
      Number(this.#connection.prepare("SELECT count(*) AS n FROM sqlite_master").get()?.n),
    ]);
    if (application === 0 && version === 0 && tables === 0) return true;
    if (application !== APPLICATION_ID) {
      throw new AgentError(
        "CORRUPT",
        `"${this.path}" is an SQLite database of another program, not a knowledge file; ` +
          `name another file, it has not been touched.`,
        { path: this.path },
      );
    }
    if (Number(version) > SCHEMA_VERSION) {
      throw new AgentError(
        "UNSUPPORTED",
        `"${this.path}" was written by a newer version (schema ${version}, this one knows ` +
          `${SCHEMA_VERSION}); update @agent/runtime, or name another file and index again.`,
        { what: `schema ${version}` },
      );
    }
    return false;
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function folderOf(path: string): string {
  return path.replace(/[^\\/]*$/, "") || ".";
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
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
}

/** Says in our words, with the remedy, what the system, Deno or SQLite refused. */
export function translate(error: unknown, path: string, operation: string): unknown {
  if (error instanceof AgentError || error instanceof TypeError || error instanceof RangeError) {
    return error;
  }
  const message = messageOf(error);
  const cause = { cause: error };
  const io = (text: string) => new AgentError("IO", text, { path, operation }, cause);
  if (error instanceof Error && error.name === "NotCapable") {
    const permission = /\b(read|write) access/.exec(message)?.[1] ?? "read";
    return new AgentError(
      "PERMISSION",
      `Deno's permissions do not allow ${permission} of "${path}"; ` +
        `run with --allow-read and --allow-write for the folder of the file.`,
      { permission, target: path },
      cause,
    );
  }
  const refused = (text: string) =>
    new AgentError(
      "PERMISSION",
      `${text}; make the file and its folder writable for this user, or name another file.`,
      { permission: "write", target: path },
      cause,
    );
  if (error instanceof Deno.errors.PermissionDenied || /readonly database/i.test(message)) {
    return refused(`The system does not allow this user to ${operation} "${path}"`);
  }
  if (/disk is full/i.test(message)) {
    return io(
      `The disk under "${path}" is full; make room and call again. What was stored before is kept.`,
    );
  }
  if (/unable to open database file/i.test(message)) {
    const folder = folderOf(path);
    if (!isFolder(folder)) {
      return io(
        `"${path}" cannot be opened, since there is no folder "${folder}"; create it first.`,
      );
    }
    return refused(`The system does not allow this user to open "${path}" or to write beside it`);
  }
  if (/disk I\/O error/i.test(message)) {
    return io(`Reading or writing "${path}" failed; check the disk, then call again.`);
  }
  if (/locked|busy/i.test(message)) {
    return new AgentError(
      "TIMEOUT",
      `Another process kept "${path}" locked for ${BUSY_TIMEOUT_MS} ms; call again when it is done.`,
      { operation, timeoutMs: BUSY_TIMEOUT_MS },
      cause,
    );
  }
  if (/out of memory/i.test(message)) {
    return new AgentError("OUT_OF_MEMORY", `No memory left to ${operation} "${path}".`, {
      operation,
    }, cause);
  }
  if (!(error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR")) {
    return error;
  }
  // Our statements are fixed, so whatever else SQLite says means that the file is not as we left it.
  return new AgentError(
    "CORRUPT",
    `"${path}" is no knowledge file or is damaged (${message}); ` +
      `restore a copy, or delete it and index the documents again.`,
    { path },
    cause,
  );
}
