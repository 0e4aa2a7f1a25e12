/**
 * The journal of sessions: one SQLite file, an entry before and after each turn and each call, each written before the next thing
 * is done, so that the death of the process loses none. What is paid for, decided or about to be done is also on the disk by
 * then, with all before it, so that neither does a machine that loses its power: it may lose that a call has ended, which then is
 * not known, and never that one began.
 *
 * A session belongs to one process at a time. It holds a lock on a file beside the journal, which the system takes away when
 * the process ends, however that happens.
 *
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { type Claim, claim, otherTwin } from "../../shared/database_claims.ts";
import { AgentError } from "../../shared/errors.ts";
import { guarded as within } from "../database_errors.ts";
import type { Entry } from "./state.ts";

/** "AGNS", so that a file of another program is never taken for ours. */
const APPLICATION_ID = 0x41474e53;
const SCHEMA_VERSION = 1;
const BUSY_MS = 5_000;
/** Entries that must be on the disk; waiting for it is most of what a journal costs. */
const ON_DISK: ReadonlySet<Entry["kind"]> = new Set(["turn", "decided", "call-begun"]);
const SCHEMA = `
  CREATE TABLE entries (
    session TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, entry TEXT NOT NULL,
    PRIMARY KEY (session, number)
  ) WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** A session that this process has. */
export interface Session {
  /** Its name. */
  readonly name: string;
  /** What is in its journal. */
  readonly entries: readonly Entry[];
  /** Writes what happened; the death of the process does not lose it, nor that of the machine where it must not. */
  write(...entries: readonly Entry[]): void;
  /** Lets others have it. */
  end(): void;
}

/** The journal of one file. */
export class Journal {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #claim: Claim;
  readonly #insert: StatementSync;
  /** What {@linkcode prepare} leaves. */
  #waits = true;

  private constructor(path: string, database: DatabaseSync, claim: Claim) {
    this.#path = path;
    this.#database = database;
    this.#claim = claim;
    this.#insert = database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?)");
  }

  /**
   * Opens a journal, or makes one.
   *
   * @param path The file; made with mode 0600.
   * @throws {AgentError} `PERMISSION`, `IO`, `CORRUPT` for a file that is none, `UNSUPPORTED` if native code has it open.
   */
  static open(path: string): Journal {
    return guarded(path, "open", () => {
      makePrivate(path);
      const held = claim(path);
      if (held === undefined) throw otherTwin(path, "native");
      try {
        const database = new DatabaseSync(path);
        try {
          prepare(database, path);
          return new Journal(path, database, held);
        } catch (error) {
          database.close();
          throw error;
        }
      } catch (error) {
        held.end();
        throw error;
      }
    });
  }

  /**
   * Takes a session, which may be new.
   *
   * @throws {AgentError} `UNAVAILABLE` while another run has it, here or in another process.
   */
  take(name: string): Session {
    const release = hold(this.#path, name);
    try {
      const rows = guarded(
        this.#path,
        "read",
        () =>
          this.#database.prepare("SELECT entry FROM entries WHERE session = ? ORDER BY number")
            .all(name),
      );
      const entries = rows.map(({ entry }) => this.#parsed(entry, name));
      let count = entries.length;
      return {
        name,
        entries,
        write: (...added) => {
          guarded(this.#path, "write", () => {
            this.#wait(added.some(({ kind }) => ON_DISK.has(kind)));
            if (added.length === 1) return this.#add(name, ++count, added[0]!);
            this.#database.exec("BEGIN IMMEDIATE");
            try {
              for (const entry of added) this.#add(name, ++count, entry);
              this.#database.exec("COMMIT");
            } catch (error) {
              this.#database.exec("ROLLBACK");
              throw error;
            }
          });
        },
        end: release,
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The names of the sessions, the last one used first. */
  names(): string[] {
    const sql = "SELECT session FROM entries GROUP BY session ORDER BY max(at) DESC";
    return guarded(
      this.#path,
      "read",
      () => this.#database.prepare(sql).all().map(({ session }) => String(session)),
    );
  }

  /** Closes the file. */
  close(): void {
    this.#database.close();
    this.#claim.end();
  }

  /** Whether the next commit waits for the disk, for itself and all before it. */
  #wait(waits: boolean): void {
    if (waits === this.#waits) return;
    this.#database.exec(`PRAGMA synchronous = ${waits ? "FULL" : "NORMAL"}`);
    this.#waits = waits;
  }

  #add(name: string, number: number, entry: Entry): void {
    this.#insert.run(name, number, Date.now(), JSON.stringify(entry));
  }

  #parsed(text: unknown, name: string): Entry {
    try {
      const entry = JSON.parse(String(text)) as Entry;
      if (typeof entry?.kind === "string") return entry;
    } catch {
      // Below.
    }
    throw new AgentError("CORRUPT", `The session "${name}" in "${this.#path}" cannot be read`, {
      path: this.#path,
    });
  }
}

/** What is told to a model belongs to its user: nobody else reads it, the files that SQLite puts beside it included. */
function makePrivate(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, read: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

function prepare(database: DatabaseSync, path: string): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  if (pragma("application_id") !== APPLICATION_ID) {
    const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_master").get()!;
    if (Number(tables) > 0) {
      throw new AgentError("CORRUPT", `"${path}" is a database of something else`, { path });
    }
    database.exec("PRAGMA journal_mode = WAL");
    database.exec("BEGIN IMMEDIATE");
    // Another process may have been first.
    if (pragma("application_id") !== APPLICATION_ID) database.exec(SCHEMA);
    database.exec("COMMIT");
  }
  const version = pragma("user_version");
  if (version !== SCHEMA_VERSION) {
    throw new AgentError(
      "UNSUPPORTED",
      `The journal "${path}" has version ${version}; this program knows ${SCHEMA_VERSION}`,
      { what: "journal version" },
    );
  }
  database.exec("PRAGMA synchronous = FULL");
}

/** Holds a session until the function that it gives is called, or the process ends. */
function hold(path: string, name: string): () => void {
  const folder = `${path}-sessions`;
  const word = Array.from(
    new TextEncoder().encode(name),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  return guarded(path, "lock", () => {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Long names share a file, which only makes one wait for the other.
    const file = Deno.openSync(`${folder}/${word.slice(0, 200)}`, {
      ...{ create: true, write: true, read: true, mode: 0o600 },
    });
    if (file.tryLockSync(true)) return () => file.close();
    file.close();
    throw new AgentError(
      "UNAVAILABLE",
      `The session "${name}" is in use by another run; it can be had when that one ends`,
      { server: path },
    );
  });
}

function guarded<T>(path: string, operation: string, work: () => T): T {
  return within({ path, name: "the journal", kept: "Sessions are kept" }, operation, work);
}
