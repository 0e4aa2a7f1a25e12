/**
 * Which queues a file has, for those who look at files that others made.
 *
 * @module
 */

import { nodeSqlite } from "../../shared/builtin.ts";
import { codeOf } from "./failures.ts";
import { locate } from "./location.ts";
import { APPLICATION_ID, QUEUE_NAMES, SQL } from "./sql.ts";

/**
 * The names of a file's queues, in the order in which they were made. To be asked before the file is opened in this
 * process: it must not have two copies of SQLite at work.
 *
 * @param named The path.
 * @returns The names; undefined of what is no queue file, or cannot be looked at: opening it says why.
 */
export function queueNames(named: string): string[] | undefined {
  const { path, exists } = locate(named);
  if (!exists) return undefined;
  try {
    const connection = new (nodeSqlite().DatabaseSync)(path, { readOnly: true, timeout: 10_000 });
    try {
      const { application_id } = connection.prepare(SQL.identity).get() as Record<string, unknown>;
      if (application_id !== APPLICATION_ID) return undefined;
      return connection.prepare(QUEUE_NAMES).all().map((row) => String(row["name"]));
    } finally {
      connection.close();
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
