/**
 * One open queue file of the TypeScript twin: the connection, its prepared statements, its transactions.
 *
 * @module
 */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { nodeSqlite } from "../../../shared/builtin.ts";
import { foreign, lacksRoom, newer, translate } from "../failures.ts";
import type { Location } from "../location.ts";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION, SQL, type StatementName } from "../sql.ts";

/** How long one statement waits for another process, without the event loop; the rest of the time waits with it. */
const SHORT_MS = 20;

/** A row, by the names of its columns. */
export type Row = Record<string, unknown>;

/** A connection. */
export class Connection {
  readonly #file: Location;
  readonly #connection: DatabaseSync;
  #log: Deno.FsFile | undefined;
  readonly #statements: Partial<Record<StatementName, StatementSync>> = {};

  /**
   * Opens or creates a file.
   *
   * @throws {AgentError} If it is none of ours, is damaged, or cannot be opened; then it was not touched.
   */
  constructor(file: Location) {
    this.#file = file;
    try {
      if (file.exists) check(file);
      this.#connection = new (nodeSqlite().DatabaseSync)(file.path, { timeout: 10_000 });
    } catch (error) {
      throw translate(error, file.named);
    }
    try {
      this.#prepare();
    } catch (error) {
      this.#connection.close();
      throw translate(error, file.named);
    }
  }

  #prepare(): void {
    const connection = this.#connection;
    connection.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON");
    // Readers and one writer at once; it stands in the file, and changing it needs the file alone.
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec(
      "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; " +
        "PRAGMA cache_size = -32000; PRAGMA temp_store = MEMORY; PRAGMA synchronous = NORMAL",
    );
    if (isNew(connection, this.#file)) {
      connection.exec(SQL.begin);
      // Another process may have made it between the look and the lock.
      if (isNew(connection, this.#file)) {
        for (const statement of Object.values(SCHEMA)) connection.exec(statement);
        connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
        connection.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
      }
      connection.exec(SQL.commit);
    }
    // All at once: a file whose tables are not as they should be is refused now.
    for (const name of Object.keys(SQL) as StatementName[]) this.#statement(name);
    connection.exec(`PRAGMA busy_timeout = ${SHORT_MS}`);
  }

  #statement(name: StatementName): StatementSync {
    return this.#statements[name] ??= this.#connection.prepare(SQL[name]);
  }

  /** Runs a statement; how many rows it changed. */
  run(name: StatementName, ...values: SQLInputValue[]): number {
    return Number(this.#statement(name).run(...values).changes);
  }

  /** Runs an insertion; the number of its row. */
  insert(name: StatementName, ...values: SQLInputValue[]): number {
    return Number(this.#statement(name).run(...values).lastInsertRowid);
  }

  /** The first row. */
  get(name: StatementName, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(name).get(...values) as Row | undefined;
  }

  /** All rows. */
  all(name: StatementName, ...values: SQLInputValue[]): Row[] {
    return this.#statement(name).all(...values) as Row[];
  }

  /** The first column of the first row as a number. */
  number(name: StatementName, ...values: SQLInputValue[]): number {
    const row = this.get(name, ...values);
    return row === undefined ? 0 : Number(Object.values(row)[0] ?? 0);
  }

  /**
   * Runs work in one transaction: all of it is kept, or nothing.
   *
   * @throws What SQLite throws; busy if another process has the file now.
   */
  transaction<T>(work: () => T): T {
    try {
      return this.#once(work);
    } catch (error) {
      // The log may hold many states of a page, of which the file needs the last.
      if (!lacksRoom(error) || !this.#makeRoom()) throw error;
      return this.#once(work);
    }
  }

  #makeRoom(): boolean {
    try {
      return this.number("make_room") === 0;
    } catch {
      return false;
    }
  }

  #once<T>(work: () => T): T {
    this.run("begin");
    try {
      const result = work();
      this.run("commit");
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /** Looks at the file as it stands at one moment. */
  look<T>(work: () => T): T {
    this.run("begin_look");
    try {
      return work();
    } finally {
      this.run("commit");
    }
  }

  /** Runs SQL text without results. */
  exec(sql: string): void {
    this.#connection.exec(sql);
  }

  #rollback(): void {
    // A full disk may have rolled back already.
    if (!this.#connection.isTransaction) return;
    try {
      this.run("rollback");
    } catch {
      // The first failure is the one to tell; the next transaction fails too, or all is well.
    }
  }

  /**
   * Makes what was committed before survive a loss of power. SQLite's NORMAL leaves that to the next checkpoint; FULL
   * would do it within each transaction, on the event loop, one after the other. Here one call is for all that were
   * committed before it. It touches the log, on which SQLite has no locks.
   */
  async sync(): Promise<void> {
    try {
      this.#log ??= Deno.openSync(`${this.#file.path}-wal`, { read: true, write: true });
      await this.#log.syncData();
    } catch (error) {
      throw translate(error, this.#file.named);
    }
  }

  /** A number that changes when another connection changes the file. */
  version(): number {
    return this.number("data_version");
  }

  /** Closes it. */
  close(): void {
    this.#log?.close();
    this.#connection.close();
  }
}

/** Looks at a file without changing it. */
function check(file: Location): void {
  const connection = new (nodeSqlite().DatabaseSync)(file.path, {
    readOnly: true,
    timeout: 10_000,
  });
  try {
    isNew(connection, file);
  } finally {
    connection.close();
  }
}

/** True for an empty database, false for one of ours; anything else is refused. */
function isNew(connection: DatabaseSync, file: Location): boolean {
  const { application_id, user_version, tables } = connection.prepare(SQL.identity).get() as Row;
  if (application_id === 0 && user_version === 0 && tables === 0) return true;
  if (application_id !== APPLICATION_ID) throw foreign(file.named, "a database of another program");
  if (Number(user_version) > SCHEMA_VERSION) {
    throw newer(file.named, Number(user_version), SCHEMA_VERSION);
  }
  return false;
}
