/**
 * The statements by which documents are written. A Worker that owns the writing runs the text of these functions
 * (writer_thread.ts), since one from a file would need permission to read that file: each uses nothing but its arguments
 * and the other functions here.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AddReport, SkipReason } from "./types.ts";

/** What tells whether a file must be read again. Times in milliseconds since 1970. */
export interface FileStamp {
  /** Bytes. */
  size: number;
  /** Its time of change. */
  modified: number;
  /** When it was looked at. */
  checked: number;
}

/** A stored file. */
export interface StoredFile extends FileStamp {
  /** Its absolute path. */
  name: string;
  /** The digest of its bytes. */
  hash: string;
}

/** A file that was looked at and is no document. */
export interface UnreadFile extends StoredFile {
  /** The kind of reason. */
  reason: SkipReason;
  /** The reason in words. */
  message: string;
}

/** A chunk as it is written: where it starts, its headings, its text, and the terms of title, headings and text. */
export type ChunkEntry = readonly [
  start: number,
  heading: string | null,
  text: string,
  titleTerms: string,
  headingTerms: string,
  bodyTerms: string,
];

/** A document as it is written. */
export interface DocumentEntry {
  readonly name: string;
  readonly title: string | null;
  readonly format: string;
  readonly length: number;
  readonly language: string;
  readonly hash: string;
  readonly file: FileStamp | null;
  readonly chunks: readonly ChunkEntry[];
  readonly anchors: readonly { readonly start: number; readonly anchor: string }[];
  /** Terms that a misspelt word of a query may have meant, as far as they may be new. */
  readonly learnt: readonly string[];
}

/** The vectors of a document's chunks, and what made them. */
export interface DocumentVectors {
  readonly embedder: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A prepared statement for SQL text, made once. */
export type Prepare = (sql: string) => StatementSync;

/** What became of a document, and where it is if it was written. */
export type Stored =
  | { what: "unchanged" }
  | { what: "added" | "updated"; id: number | bigint; chunk: number | bigint };

/** Stores a document unless it is as it was. Its entry is made only then. Use it in a transaction. */
export function storeDocument(
  prepare: Prepare,
  name: string,
  hash: string,
  file: FileStamp | null,
  makeEntry: () => DocumentEntry,
): Stored {
  const old = prepare("SELECT id, hash FROM documents WHERE name = ?").get(name);
  if (old !== undefined && old["hash"] === hash) {
    if (file !== null) stampFile(prepare, name, file);
    return { what: "unchanged" };
  }
  if (old !== undefined) dropDocument(prepare, Number(old["id"]));
  const { title, format, length, language, chunks, anchors, learnt } = makeEntry();
  learnTerms(prepare, learnt);
  const id = prepare(`
    INSERT INTO documents (name, title, format, length, chunks, hash, size, modified, checked,
      language) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`).run(
    name,
    title,
    format,
    length,
    chunks.length,
    hash,
    file === null ? null : file.size,
    file === null ? null : file.modified,
    file === null ? null : file.checked,
    language,
  ).lastInsertRowid;
  const insertChunk = prepare(
    "INSERT INTO chunks (document, start, heading, text) VALUES (?, ?, ?, ?)",
  );
  let first: number | bigint | undefined;
  for (const [start, heading, text, titleTerms, headingTerms, bodyTerms] of chunks) {
    const row = insertChunk.run(id, start, heading, text).lastInsertRowid;
    if (first === undefined) first = row;
    indexChunk(prepare, row, titleTerms, headingTerms, bodyTerms);
  }
  for (const { start, anchor } of anchors) {
    prepare("INSERT OR IGNORE INTO anchors VALUES (?, ?, ?)").run(id, start, anchor);
  }
  const chunk = first === undefined ? 0 : first;
  return { what: old === undefined ? "added" : "updated", id, chunk };
}

/** Puts the terms of a chunk into the index, which keeps them: ranking reads them, and taking them out needs them. */
export function indexChunk(
  prepare: Prepare,
  row: number | bigint,
  titleTerms: string,
  headingTerms: string,
  bodyTerms: string,
): void {
  prepare("INSERT INTO chunk_index (rowid, title, heading, body) VALUES (?, ?, ?, ?)")
    .run(row, titleTerms, headingTerms, bodyTerms);
}

/** Notes terms that a misspelt word of a query may have meant. They stay when their last chunk goes. */
export function learnTerms(prepare: Prepare, terms: readonly string[]): void {
  const learn = prepare("INSERT OR IGNORE INTO vocabulary VALUES (?)");
  for (const term of terms) learn.run(term);
}

/** Keeps the vectors of a document that was just stored, unless another program came with another embedder. */
export function keepVectors(prepare: Prepare, stored: Stored, vectors: DocumentVectors): void {
  if (stored.what === "unchanged") return;
  const embedder = prepare("SELECT id FROM embedder").get();
  if (embedder === undefined || embedder["id"] !== vectors.embedder) return;
  prepare("INSERT OR REPLACE INTO vectors (document, chunk, data) VALUES (?, ?, ?)")
    .run(stored.id, stored.chunk, vectors.data);
}

/** Notes when a stored file was looked at. */
export function stampFile(prepare: Prepare, name: string, file: FileStamp): void {
  prepare("UPDATE documents SET size = ?, modified = ?, checked = ? WHERE name = ?")
    .run(file.size, file.modified, file.checked, name);
}

/** Removes a document with all that belongs to it. */
export function dropDocument(prepare: Prepare, id: number): void {
  prepare("DELETE FROM chunk_index WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)")
    .run(id);
  prepare("DELETE FROM chunks WHERE document = ?").run(id);
  prepare("DELETE FROM anchors WHERE document = ?").run(id);
  prepare("DELETE FROM vectors WHERE document = ?").run(id);
  prepare("DELETE FROM documents WHERE id = ?").run(id);
}

/** Notes files that are no documents. */
export function noteUnread(prepare: Prepare, files: readonly UnreadFile[]): void {
  for (const { name, hash, size, modified, checked, reason, message } of files) {
    prepare("INSERT OR REPLACE INTO unread VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(name, hash, size, modified, checked, reason, message);
  }
}

/** Says that documents changed: what was computed from them holds no longer. */
export function noteChange(prepare: Prepare): void {
  prepare("UPDATE counters SET value = value + 1 WHERE name = 'revision'").run();
  prepare("DELETE FROM derived").run();
}

/** What the Worker is told. */
export type ToWriter =
  | { do: "open"; path: string; pragmas: string; applicationId: number; version: number }
  /** To be written with the next `commit`. */
  | { do: "document"; entry: DocumentEntry }
  /** The vectors of documents told before, from which one of the portion on. */
  | { do: "vectors"; from: number; vectors: readonly DocumentVectors[] }
  | { do: "commit"; unread: readonly UnreadFile[] }
  | { do: "end" };

/** What it answers to `open`, `commit` and `end`. After a failure it writes nothing more. */
export type FromWriter =
  | { did: "open" | "end" }
  | { did: "commit"; report: Omit<AddReport, "revision"> }
  | { did: "fail"; name: string; message: string; code: string | undefined };

/** What the Worker does: each portion is one transaction. */
export function serveWrites(
  Sqlite: typeof DatabaseSync,
  port: {
    on(event: "message", listener: (message: ToWriter) => void): void;
    postMessage(message: FromWriter): void;
  },
): void {
  let connection: DatabaseSync | undefined;
  let failed = false;
  const statements = new Map<string, StatementSync>();
  const prepare: Prepare = (sql) => {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, statement = connection!.prepare(sql));
    return statement;
  };
  const pragma = (name: string): unknown => Object.values(prepare(`PRAGMA ${name}`).get() ?? {})[0];
  let entries: DocumentEntry[] = [];
  let vectors: (DocumentVectors | undefined)[] = [];
  const write = (unread: readonly UnreadFile[]): Omit<AddReport, "revision"> => {
    const report = { added: 0, updated: 0, unchanged: 0, chunks: 0 };
    noteUnread(prepare, unread);
    for (const [at, entry] of entries.entries()) {
      const stored = storeDocument(prepare, entry.name, entry.hash, entry.file, () => entry);
      report[stored.what]++;
      if (stored.what === "unchanged") {
        // What was made after it counts on them.
        learnTerms(prepare, entry.learnt);
        continue;
      }
      report.chunks += entry.chunks.length;
      if (vectors[at] !== undefined) keepVectors(prepare, stored, vectors[at]);
    }
    if (report.added + report.updated > 0) noteChange(prepare);
    return report;
  };
  const work = (message: ToWriter): FromWriter | undefined => {
    switch (message.do) {
      case "open":
        connection = new Sqlite(message.path);
        connection.exec(message.pragmas);
        // Somebody may have put another file in its place.
        if (
          pragma("application_id") !== message.applicationId ||
          pragma("user_version") !== message.version
        ) throw new Error("Another file is there");
        return { did: "open" };
      case "document":
        entries.push(message.entry);
        return undefined;
      case "vectors":
        message.vectors.forEach((one, at) => vectors[message.from + at] = one);
        return undefined;
      case "commit": {
        connection!.exec("BEGIN IMMEDIATE");
        const report = write(message.unread);
        connection!.exec("COMMIT");
        entries = [];
        vectors = [];
        return { did: "commit", report };
      }
      case "end":
        statements.clear();
        connection?.close(); // rolls back what is open
        connection = undefined;
        return { did: "end" };
    }
  };
  port.on("message", (message) => {
    if (failed && message.do !== "end") return;
    try {
      const answer = work(message);
      if (answer !== undefined) port.postMessage(answer);
    } catch (error) {
      failed = true;
      entries = [];
      try {
        if (connection?.isTransaction) connection.exec("ROLLBACK");
      } catch {
        // The first failure is the one to tell; closing rolls back as well.
      }
      const { name, message, code } = error as Error & { code?: string };
      port.postMessage({ did: "fail", name: String(name), message: String(message), code });
    }
  });
}

/** The program of the Worker. */
export function writerProgram(): string {
  const functions = [
    storeDocument,
    indexChunk,
    learnTerms,
    keepVectors,
    stampFile,
    dropDocument,
    noteUnread,
    noteChange,
    serveWrites,
  ].map(String).join("\n");
  const given = `require("node:sqlite").DatabaseSync, require("node:worker_threads").parentPort`;
  return `((Sqlite, port) => {\n"use strict";\n${functions}\nserveWrites(Sqlite, port);\n})(${given});`;
}
