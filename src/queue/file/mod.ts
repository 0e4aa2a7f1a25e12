/**
 * A queue's jobs in one SQLite file.
 *
 * @module
 */

export { type FileStoreOptions, openFileStore } from "./open.ts";
