/**
 * Every statement of the queue file, once for both twins: the Rust side includes this very file and reads the two
 * tables below out of it. So they hold nothing but names and plain template strings without `${}` and backslashes.
 *
 * States are numbers, in the order of {@linkcode STATES}. `ended` counts the jobs of a queue that ended, one by one:
 * 0 for those that have not. `rank` is the negated priority.
 *
 * @module
 */

import type { JobState } from "../types.ts";

/** "AGNQ", so that a file of another program is never taken for ours. */
export const APPLICATION_ID = 0x41474e51;
/** The version of the schema. A newer one is refused. */
export const SCHEMA_VERSION = 1;

/** The states by their numbers. From {@linkcode ENDED} on they are final. */
export const STATES: readonly JobState[] = [
  "waiting",
  "delayed",
  "blocked",
  "running",
  "done",
  "dead",
  "cancelled",
];
/** The first number of a final state. */
export const ENDED = 4;

/** What makes a new file. */
export const SCHEMA = {
  queues: `CREATE TABLE queues (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, paused INTEGER NOT NULL DEFAULT 0,
    turn INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0) STRICT`,
  groups: `CREATE TABLE groups (
    queue INTEGER NOT NULL, grp TEXT NOT NULL, turn INTEGER NOT NULL,
    PRIMARY KEY (queue, grp)) STRICT, WITHOUT ROWID`,
  groups_turn: `CREATE UNIQUE INDEX groups_turn ON groups (queue, turn)`,
  holders: `CREATE TABLE holders (
    id INTEGER PRIMARY KEY AUTOINCREMENT, beat INTEGER NOT NULL, beat_at INTEGER NOT NULL,
    lease INTEGER NOT NULL, waits INTEGER NOT NULL DEFAULT 0) STRICT`,
  jobs: `CREATE TABLE jobs (
    seq INTEGER PRIMARY KEY, queue INTEGER NOT NULL, id TEXT NOT NULL, state INTEGER NOT NULL,
    rank INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    token INTEGER NOT NULL DEFAULT 0, holder INTEGER NOT NULL DEFAULT 0,
    lost INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0, ended_at INTEGER,
    retries INTEGER NOT NULL, backoff INTEGER NOT NULL, timeout INTEGER NOT NULL,
    grp TEXT NOT NULL, key TEXT NOT NULL, held_key TEXT, parent TEXT NOT NULL,
    children INTEGER NOT NULL, tolerant INTEGER NOT NULL, repeat TEXT NOT NULL,
    added_at INTEGER NOT NULL, data TEXT NOT NULL, result TEXT, error TEXT, progress TEXT) STRICT`,
  jobs_id: `CREATE UNIQUE INDEX jobs_id ON jobs (queue, id)`,
  jobs_waiting: `CREATE INDEX jobs_waiting ON jobs (queue, grp, rank, due) WHERE state = 0`,
  jobs_delayed: `CREATE INDEX jobs_delayed ON jobs (queue, due, attempts) WHERE state = 1`,
  jobs_blocked: `CREATE INDEX jobs_blocked ON jobs (queue) WHERE state = 2`,
  jobs_running: `CREATE INDEX jobs_running ON jobs (holder, queue) WHERE state = 3`,
  jobs_ended: `CREATE INDEX jobs_ended ON jobs (queue, state, ended) WHERE ended > 0`,
  jobs_key: `CREATE UNIQUE INDEX jobs_key ON jobs (queue, held_key) WHERE held_key IS NOT NULL`,
  jobs_parent: `CREATE INDEX jobs_parent ON jobs (queue, parent, state) WHERE parent <> ''`,
  results: `CREATE TABLE results (
    parent INTEGER NOT NULL, child INTEGER NOT NULL, id TEXT NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (parent, child)) STRICT, WITHOUT ROWID`,
  results_end: `CREATE TRIGGER results_end AFTER DELETE ON jobs WHEN old.children > 0 BEGIN
    DELETE FROM results WHERE parent = old.seq; END`,
} as const;

/** The statements. */
export const SQL = {
  // The file.
  begin: `BEGIN IMMEDIATE`,
  begin_look: `BEGIN`,
  commit: `COMMIT`,
  rollback: `ROLLBACK`,
  identity: `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_master) AS tables
    FROM pragma_application_id, pragma_user_version`,
  data_version: `PRAGMA data_version`,
  make_room: `PRAGMA wal_checkpoint(TRUNCATE)`,
  // Queues.
  queue_make: `INSERT INTO queues (name) VALUES (?1) ON CONFLICT DO NOTHING`,
  queue_find: `SELECT id FROM queues WHERE name = ?1`,
  queue_read: `SELECT paused, turn, ended FROM queues WHERE id = ?1`,
  queue_write: `UPDATE queues SET turn = ?2, ended = ?3 WHERE id = ?1`,
  queue_pause: `UPDATE queues SET paused = ?2 WHERE id = ?1`,
  // Adding.
  key_holder: `SELECT id FROM jobs WHERE queue = ?1 AND held_key = ?2 AND held_key IS NOT NULL`,
  insert: `INSERT INTO jobs (queue, id, state, rank, due, retries, backoff, timeout, grp, key,
    held_key, parent, children, tolerant, repeat, added_at, data)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)`,
  group_enter: `INSERT INTO groups (queue, grp, turn) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING`,
  // Taking.
  due: `SELECT seq, grp FROM jobs WHERE queue = ?1 AND state = 1 AND due <= ?2 ORDER BY due, seq
    LIMIT 1000`,
  next_due: `SELECT min(due) AS due FROM jobs WHERE queue = ?1 AND state = 1`,
  wait: `UPDATE jobs SET state = 0 WHERE seq = ?1`,
  group_first: `SELECT grp FROM groups WHERE queue = ?1 ORDER BY turn LIMIT 2`,
  group_turn: `UPDATE groups SET turn = ?3 WHERE queue = ?1 AND grp = ?2`,
  group_leave: `DELETE FROM groups WHERE queue = ?1 AND grp = ?2`,
  group_any: `SELECT 1 FROM jobs WHERE queue = ?1 AND grp = ?2 AND state = 0 LIMIT 1`,
  best:
    `SELECT seq, id, data, attempts, error IS NOT NULL AS failed, retries, backoff, timeout, rank,
    key, grp, repeat, children FROM jobs WHERE queue = ?1 AND grp = ?2 AND state = 0 ORDER BY rank, due, seq LIMIT ?3`,
  take: `UPDATE jobs SET state = 3, holder = ?2, token = ?3, attempts = attempts + 1
    WHERE seq = ?1`,
  drop_key: `UPDATE jobs SET held_key = NULL WHERE seq = ?1`,
  child_results: `SELECT id, result FROM results WHERE parent = ?1 ORDER BY child`,
  // What a holder does.
  complete: `UPDATE jobs SET state = 4, holder = 0, held_key = NULL, result = ?4, ended = ?5,
    ended_at = ?6 WHERE queue = ?1 AND id = ?2 AND token = ?3 AND state = 3 RETURNING seq, parent`,
  keep_result: `INSERT OR REPLACE INTO results (parent, child, id, result)
    SELECT seq, ?3, ?4, ?5 FROM jobs WHERE queue = ?1 AND id = ?2`,
  fail_again: `UPDATE jobs SET state = ?4, holder = 0, error = ?5, due = ?6
    WHERE queue = ?1 AND id = ?2 AND token = ?3 AND state = 3 RETURNING grp`,
  fail_dead: `UPDATE jobs SET state = 5, holder = 0, held_key = NULL, error = ?4, ended = ?5,
    ended_at = ?6 WHERE queue = ?1 AND id = ?2 AND token = ?3 AND state = 3 RETURNING parent`,
  release: `UPDATE jobs SET state = 0, holder = 0, attempts = attempts - 1
    WHERE queue = ?1 AND id = ?2 AND token = ?3 AND state = 3 RETURNING grp`,
  report: `UPDATE jobs SET progress = ?4
    WHERE queue = ?1 AND id = ?2 AND token = ?3 AND state = 3 RETURNING seq`,
  // Ends and flows.
  standing: `SELECT seq, state, grp, key, repeat, parent, children, tolerant, due FROM jobs
    WHERE queue = ?1 AND id = ?2`,
  cancel: `UPDATE jobs SET state = 6, holder = 0, held_key = NULL, ended = ?2, ended_at = ?3
    WHERE seq = ?1`,
  kill: `UPDATE jobs SET state = 5, holder = 0, held_key = NULL, error = ?2, ended = ?3,
    ended_at = ?4 WHERE seq = ?1`,
  open_child: `SELECT 1 FROM jobs WHERE queue = ?1 AND parent = ?2 AND parent <> '' AND state < 4
    LIMIT 1`,
  open_children: `SELECT id FROM jobs WHERE queue = ?1 AND parent = ?2 AND parent <> ''
    AND state < 4 ORDER BY seq`,
  failed_children: `SELECT id FROM jobs WHERE queue = ?1 AND parent = ?2 AND parent <> ''
    AND state > 4 ORDER BY seq`,
  known_children: `SELECT (SELECT count(*) FROM results WHERE parent = ?3) + (SELECT count(*)
    FROM jobs WHERE queue = ?1 AND parent = ?2 AND parent <> '' AND state <> 4) AS known`,
  unblock: `UPDATE jobs SET state = ?2, due = max(due, ?3) WHERE seq = ?1`,
  revive: `UPDATE jobs SET state = ?2, attempts = 0, lost = 0, due = ?3, held_key = ?4, ended = 0,
    ended_at = NULL, error = NULL WHERE seq = ?1`,
  dead_ids: `SELECT id FROM jobs WHERE queue = ?1 AND state = 5 AND ended > 0 ORDER BY seq`,
  // Looking.
  get: `SELECT id, state, data, result, error, progress, attempts, added_at, ended_at, rank, key,
    grp, repeat, due FROM jobs WHERE queue = ?1 AND id = ?2`,
  list_ended: `SELECT id, state, data, result, error, progress, attempts, added_at, ended_at, rank,
    key, grp, repeat, due FROM jobs WHERE queue = ?1 AND state = ?2 AND ended > 0
    ORDER BY seq LIMIT ?4 OFFSET ?3`,
  list_open: `SELECT id, state, data, result, error, progress, attempts, added_at, ended_at, rank,
    key, grp, repeat, due FROM jobs NOT INDEXED WHERE queue = ?1 AND state = ?2
    ORDER BY seq LIMIT ?4 OFFSET ?3`,
  ended_since: `SELECT id, state, data, result, error, progress, attempts, added_at, ended_at, rank,
    key, grp, repeat, due FROM jobs WHERE queue = ?1 AND state IN (4, 5, 6) AND ended > 0
    AND ended > ?2`,
  progress: `SELECT progress FROM jobs WHERE queue = ?1 AND id = ?2`,
  count_waiting: `SELECT count(*) FROM jobs WHERE queue = ?1 AND state = 0`,
  count_delayed: `SELECT count(*), sum(attempts > 0) FROM jobs WHERE queue = ?1 AND state = 1`,
  count_blocked: `SELECT count(*) FROM jobs WHERE queue = ?1 AND state = 2`,
  count_running: `SELECT count(*) FROM jobs INDEXED BY jobs_running WHERE queue = ?1 AND state = 3`,
  count_ended: `SELECT count(*) FROM jobs WHERE queue = ?1 AND state = ?2 AND ended > 0`,
  any_waiting: `SELECT 1 FROM groups WHERE queue = ?1 LIMIT 1`,
  // Retention.
  trim_line: `SELECT ended FROM jobs WHERE queue = ?1 AND state = ?2 AND ended > 0
    ORDER BY ended DESC LIMIT 1 OFFSET ?3`,
  trim: `DELETE FROM jobs WHERE queue = ?1 AND state = ?2 AND ended > 0 AND ended <= ?3
    AND (ended_at <= ?4 OR ended_at > ?5)`,
  trim_old: `DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE queue = ?1 AND state = ?2
    AND ended > 0 ORDER BY ended LIMIT 500) AND ended_at <= ?3`,
  oldest: `SELECT ended_at FROM jobs WHERE queue = ?1 AND state = ?2 AND ended > 0 ORDER BY ended
    LIMIT 1`,
  purge: `DELETE FROM jobs WHERE queue = ?1 AND state = ?2 AND ended > 0 AND ended_at <= ?3`,
  // Leases.
  holder_make: `INSERT INTO holders (beat, beat_at, lease) VALUES (1, ?1, ?2)`,
  holder_there: `SELECT 1 FROM holders WHERE id = ?1`,
  holder_beat: `UPDATE holders SET beat = beat + 1, beat_at = ?2 WHERE id = ?1`,
  holder_waits: `UPDATE holders SET waits = ?2 WHERE id = ?1`,
  any_waits: `SELECT 1 FROM holders WHERE waits > 0 AND id <> ?1 LIMIT 1`,
  holder_end: `DELETE FROM holders WHERE id = ?1`,
  holders: `SELECT id, beat, beat_at, lease FROM holders`,
  held: `SELECT count(*) FROM jobs WHERE holder = ?1 AND state = 3`,
  held_ids: `SELECT id, token FROM jobs WHERE holder = ?1 AND state = 3`,
  lost: `SELECT seq, queue, id, grp, parent, lost FROM jobs WHERE holder = ?1 AND state = 3
    ORDER BY seq`,
  give_back: `UPDATE jobs SET state = 0, holder = 0, attempts = attempts - 1, lost = lost + ?2
    WHERE seq = ?1`,
} as const;

/** What the command line alone asks, with TypeScript's copy of SQLite. */
export const QUEUE_NAMES = `SELECT name FROM queues ORDER BY id`;

/** The name of a statement. */
export type StatementName = keyof typeof SQL;
