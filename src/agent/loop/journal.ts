/**
 * The journal of sessions: one SQLite file, an entry before and after each turn and each call, each written before the next thing
 * is done, so that the death of the process loses none.
 *
 * A machine that loses its power loses what has not reached the disk, and to wait for the disk is nearly all that a journal
 * costs. So it is waited for where something would be done otherwise that cannot be taken back, and there once for all that
 * was written since the last time:
 *
 * - before a call begins, or somebody is asked for their word, or has given it. A turn that asks for calls waits together with
 *   the first of these: nothing happens between them but that the input of its calls is judged;
 * - before another turn begins or the run ends, if a turn that was paid for is not on the disk by then, as when all its calls
 *   were refused;
 * - after a turn that asks for nothing: its words are on their way to whoever wanted them.
 *
 * That is one wait for a step. What a power cut may lose is the end of a call, which then is not known and is not tried again
 * (unless it is `retry: "safe"`), that a turn began, and the end of a run, which is its last turn's. The write-ahead log keeps
 * the order, so that an entry is never there without those before it.
 *
 * A session belongs to one process at a time. It holds a lock on a file beside the journal, which the system takes away when
 * the process ends, however that happens.
 *
 * @module
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { nodeSqlite } from "../../shared/builtin.ts";
import { type Claim, claim, otherTwin } from "../../shared/database_claims.ts";
import { wrongValue } from "../../shared/arguments.ts";
import { nodeCrypto } from "../../shared/builtin.ts";
import { AgentError } from "../../shared/errors.ts";
import { guarded as within } from "../database_errors.ts";
import { isEntry } from "./entries.ts";
import type { Entry } from "./state.ts";

/** "AGNS", so that a file of another program is never taken for ours. */
const APPLICATION_ID = 0x41474e53;
const SCHEMA_VERSION = 1;
const BUSY_MS = 5_000;
/** Bytes of a name that its lock is called after. */
const MOST_LOCK = 100;
/** Entries that must be on the disk before what they tell of is done. */
const ON_DISK: ReadonlySet<Entry["kind"]> = new Set(["asked", "decided", "call-begun"]);
/** Those that must be if a turn that was paid for is not yet. */
const ENDS_TURN: ReadonlySet<Entry["kind"]> = new Set(["input", "turn-begun", "finish"]);
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
   * @throws {RangeError} For ":memory:".
   */
  static open(path: string): Journal {
    // SQLite would keep it in memory, beside an empty file and locks of that name.
    if (path === ":memory:") {
      throw wrongValue("sessions.path", "a file, since sessions outlive the program", path);
    }
    return guarded(path, "open", () => {
      makePrivate(path);
      const held = claim(path);
      if (held === undefined) throw otherTwin(path, "native");
      try {
        const database = new (nodeSqlite().DatabaseSync)(path);
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
      // Whether a turn that was paid for may not be on the disk: the process that wrote it may have died.
      let isOwed = entries.some(({ kind }) => kind === "turn") && entries.at(-1)!.kind !== "finish";
      return {
        name,
        entries,
        write: (...added) => {
          guarded(this.#path, "write", () => {
            const waits = added.some((entry) => mustReach(entry, isOwed));
            this.#wait(waits);
            this.#write(name, count, added);
            count += added.length;
            isOwed = !waits && (isOwed || added.some(({ kind }) => kind === "turn"));
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

  /** Writes entries behind the first ones of a session, all or none. */
  #write(name: string, count: number, added: readonly Entry[]): void {
    if (added.length > 1) this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const [at, entry] of added.entries()) {
        this.#insert.run(name, count + at + 1, Date.now(), JSON.stringify(entry));
      }
      if (added.length > 1) this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #parsed(text: unknown, name: string): Entry {
    try {
      const entry: unknown = JSON.parse(String(text));
      if (isEntry(entry)) return entry;
    } catch {
      // Below.
    }
    throw new AgentError("CORRUPT", `The session "${name}" in "${this.#path}" cannot be read`, {
      path: this.#path,
    });
  }
}

/** Whether the disk is waited for before anything else is done. */
function mustReach(entry: Entry, isOwed: boolean): boolean {
  if (entry.kind === "turn") return (entry.reply.toolCalls?.length ?? 0) === 0;
  return ON_DISK.has(entry.kind) || (isOwed && ENDS_TURN.has(entry.kind));
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
  const bytes = new TextEncoder().encode(name);
  // Names may be longer than those of files.
  const word = bytes.length > MOST_LOCK
    ? nodeCrypto().createHash("sha256").update(bytes).digest()
    : bytes;
  const lock = `${folder}/${
    Array.from(word, (byte) => byte.toString(16).padStart(2, "0")).join("")
  }`;
  return guarded(path, "lock", () => {
    for (;;) {
      const file = openLock(folder, lock);
      if (file === undefined) continue;
      if (!file.tryLockSync(true)) {
        file.close();
        throw new AgentError(
          "UNAVAILABLE",
          `The session "${name}" is in use by another run; it can be had when that one ends`,
          { server: path },
        );
      }
      if (isAt(file, lock)) return () => letGo(file, lock, folder);
      file.close(); // whoever had it before has removed it since it was opened
    }
  });
}

/** Opens a lock's file; undefined if its folder went meanwhile with somebody's last lock. */
function openLock(folder: string, lock: string): Deno.FsFile | undefined {
  Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    return Deno.openSync(lock, { create: true, write: true, read: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether an open file is what stands at a path. */
function isAt(file: Deno.FsFile, path: string): boolean {
  try {
    return file.statSync().ino === Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes a lock while it is still held, and its folder after the last one. */
function letGo(file: Deno.FsFile, lock: string, folder: string): void {
  try {
    Deno.removeSync(lock);
    Deno.removeSync(folder);
  } catch {
    // Another session's lock is in the folder, or the system removes nothing that is open; what stays does no harm.
  } finally {
    file.close();
  }
}

function guarded<T>(path: string, operation: string, work: () => T): T {
  return within({ path, name: "the journal", kept: "Sessions are kept" }, operation, work);
}
