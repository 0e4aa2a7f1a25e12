/**
 * The shapes of the knowledge store: what goes in, what a search gives back, what is reported.
 *
 * @module
 */

import type { Progress } from "../shared/implementation.ts";

/** How the text of a document is read: as it is, with Markdown's structure, or as HTML. */
export type DocumentFormat = "text" | "markdown" | "html";

/** A document given to {@linkcode Knowledge.add}. */
export interface DocumentInput {
  /** Its name, unique in the store and without NUL; adding the same name again replaces it. */
  document: string;
  /**
   * Its content. Lone surrogates and NUL are kept as U+FFFD, which moves no offset. Of HTML the
   * main content is made Markdown first, as `toMarkdown` of the text area does: what that leaves out
   * (navigation, banners, footers, what is hidden) is neither stored nor found, and the Markdown is
   * the text in which offsets count.
   */
  text: string;
  /** What to call it beside its name; by default its `<title>`, front matter or first heading. */
  title?: string;
  /** How to read the content; by default by the name's ending, else by looking at the content. */
  format?: DocumentFormat;
}

/** How far adding has come, in documents. */
export interface AddProgress extends Progress {
  /** The document just finished, if there is one. */
  document?: string;
}

/** Options of {@linkcode Knowledge.add} and {@linkcode Knowledge.addFolder}. */
export interface AddOptions {
  /** Ends the work early; the call then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called as documents finish, at most some ten times a second, and once at the end. */
  onProgress?: (progress: AddProgress) => void;
}

/** Options of {@linkcode Knowledge.addFolder}. */
export interface FolderOptions extends AddOptions {
  /** Files larger than this many bytes are skipped and reported. Default 32 MiB. */
  maxFileBytes?: number;
}

/** What {@linkcode Knowledge.add} did. */
export interface AddReport {
  /** Documents whose name was not known before. */
  added: number;
  /** Documents that replaced one of the same name with other content. */
  updated: number;
  /** Documents that were there already with the same content. */
  unchanged: number;
  /** Chunks written. */
  chunks: number;
  /** The store's revision afterwards. */
  revision: number;
}

/**
 * Why a file was not read.
 *
 * `hidden`: a hidden, version control or package folder or file; `link`: a symbolic link that
 * loops, leads nowhere, outside, or to what is indexed itself; `unreadable`: the system or Deno's
 * permissions refuse it; `binary`: its bytes are no text; `ending`: its ending is none of
 * Markdown, text or HTML; `too-large`: over `maxFileBytes`, or HTML of over 8,388,608 elements; `empty`: no text in it; `special`: no
 * regular file.
 */
export type SkipReason =
  | "hidden"
  | "link"
  | "unreadable"
  | "binary"
  | "ending"
  | "too-large"
  | "empty"
  | "special";

/** A file or folder that {@linkcode Knowledge.addFolder} did not read. */
export interface SkippedFile {
  /** Its absolute path. */
  path: string;
  /** The kind of reason. */
  reason: SkipReason;
  /** The reason in words. */
  message: string;
}

/** What {@linkcode Knowledge.addFolder} did. */
export interface FolderReport extends AddReport {
  /** The folder's real path; documents are named by their absolute path below it. */
  folder: string;
  /** Documents of this folder that were dropped, because their file is gone or no longer text. */
  removed: number;
  /** What was not read, and why. */
  skipped: SkippedFile[];
  /** How long it took, in milliseconds. */
  durationMs: number;
}

/** Options of {@linkcode Knowledge.search}. */
export interface SearchOptions {
  /** The most hits to return, 1 to 1,000. Default 10. */
  limit?: number;
}

/** A chunk found by {@linkcode Knowledge.search}. */
export interface SearchHit {
  /** The name of the document that holds it. */
  document: string;
  /** The document's title, if it has one. */
  title?: string;
  /** How the document is read. */
  format: DocumentFormat;
  /** The headings above the chunk, outermost first, joined by " > ", if there are any. */
  heading?: string;
  /** The chunk: `knowledge.text(document).slice(start, end)`. */
  chunk: string;
  /** BM25 with sign turned: above 0, larger is better, comparable only within one search. */
  score: number;
  /** Where the chunk starts in the document's text, in UTF-16 units. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
}

/** A word of a query and how rare it is in the store. */
export interface QueryTerm {
  /** The word, in lower case and without accents. */
  term: string;
  /** In how many chunks it, or another form of it, occurs. */
  chunks: number;
  /** Its inverse document frequency, `ln(1 + (N - n + 0.5) / (n + 0.5))`: 0 for no chunks at all. */
  weight: number;
}

/** A document as the store knows it. */
export interface DocumentInfo {
  /** Its name: what was given to `add`, or the absolute path of a file. */
  document: string;
  /** Its title, if it has one. */
  title?: string;
  /** How it was read. */
  format: DocumentFormat;
  /** The length of its text in UTF-16 units. */
  length: number;
  /** The number of its chunks. */
  chunks: number;
}

/** The size of the store. */
export interface KnowledgeStats {
  /** Documents in it. */
  documents: number;
  /** Chunks in it. */
  chunks: number;
  /** The length of all texts in UTF-16 units. */
  characters: number;
  /** A number that grows with every change of the documents, by whatever process. */
  revision: number;
  /** The size of the data in bytes, without the write-ahead log. */
  bytes: number;
}

/**
 * Small texts computed from the documents, kept beside them for every process that opens the
 * file, and gone as soon as a document changes.
 */
export interface DerivedStore {
  /** The text kept under a key, or `undefined`; never one from before a change. */
  get(key: string): string | undefined;
  /**
   * Keeps a text under a key; of more than 10,000 the oldest go.
   *
   * @param key What to find it by.
   * @param value The text; over 1,000,000 UTF-16 units it is not kept.
   * @param revision The store's revision that it was computed from.
   * @returns Whether it was kept: not if the documents have changed since that revision.
   */
  set(key: string, value: string, revision: number): boolean;
  /** Drops all and returns how many there were. */
  clear(): number;
  /** How many are kept. */
  readonly size: number;
}

/** A searchable store of documents, made by `openKnowledge`. */
export interface Knowledge extends Disposable {
  /** The data file, or `":memory:"`. */
  readonly path: string;
  /** Texts computed from the documents; the agent keeps its answers here. */
  readonly derived: DerivedStore;

  /**
   * Adds documents, or replaces those of the same name: all of them, or none if it fails.
   *
   * @param documents The documents; of two with the same name the last counts.
   * @param options A signal and a progress function.
   * @returns What was added, replaced and left alone.
   * @throws {TypeError} If a document has no name or its text is not a string.
   * @throws {AgentError} `IO` (a full disk), `CORRUPT`, `PERMISSION`, `TIMEOUT` (another process
   * kept the file locked), `TOO_LARGE` (HTML of over 8,388,608 elements), `CLOSED`.
   */
  add(documents: Iterable<DocumentInput>, options?: AddOptions): Promise<AddReport>;

  /**
   * Brings the store up to date with a folder of Markdown, text and HTML files, or with one file.
   *
   * A file is read only if its size or time of change differ from what is stored, and written
   * only if its content does. Work is kept in portions: after a failure or an abort the store is
   * whole, and the next call goes on where this one stopped.
   *
   * @param folder The folder or file; documents are named by absolute path.
   * @param options A signal, a progress function and the largest file size.
   * @returns What was added, replaced, removed, left alone and skipped.
   * @throws {AgentError} `NOT_FOUND` (no such folder), and the codes of {@linkcode Knowledge.add}.
   */
  addFolder(folder: string, options?: FolderOptions): Promise<FolderReport>;

  /**
   * Removes documents by name.
   *
   * @param documents A name or several; unknown ones are passed over.
   * @returns How many were removed.
   */
  remove(documents: string | Iterable<string>): number;

  /**
   * Finds the chunks that fit a query best.
   *
   * Any string is a query: its words are looked for one by one, there are no operators. Words are
   * compared without case, accents and English endings; Chinese, Japanese, Korean and Thai by
   * pairs of characters. A query without a word finds nothing.
   *
   * @param query The words to look for.
   * @param options How many hits to return.
   * @returns The hits, best first; ties in the order of adding.
   * @throws {TypeError} If the query is not a string.
   * @throws {RangeError} If the limit is not a whole number from 1 to 1,000.
   */
  search(query: string, options?: SearchOptions): SearchHit[];

  /**
   * The distinct words of a query without stop words (unless there are only those), and how rare
   * each is.
   *
   * @param query Any text; the first 64 distinct words count.
   * @returns The words in the query's order.
   */
  terms(query: string): QueryTerm[];

  /** The stored documents, by name. */
  documents(): DocumentInfo[];

  /**
   * The text of a document, in which all offsets count.
   *
   * @param document Its name.
   * @returns The text, or `undefined` if there is no such document.
   */
  text(document: string): string | undefined;

  /** The size of the store. */
  stats(): KnowledgeStats;

  /** Closes the store; a second call does nothing, any other call afterwards throws `CLOSED`. */
  close(): void;
}
