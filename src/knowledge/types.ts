/**
 * The shapes of the knowledge store: what goes in, what a search gives back, what is reported.
 *
 * @module
 */

import type { Implementation, Progress } from "../shared/implementation.ts";
import type { Language } from "./languages.ts";
import type { Embedder } from "./embedding/types.ts";
import type { Reranker } from "./reranking/types.ts";

/** Options of `openKnowledge`. */
export interface KnowledgeOptions {
  /** The data file, created if it does not exist; its folder must. Default `":memory:"`. */
  path?: string | undefined;
  /**
   * What makes the vectors by which `search` finds chunks of like meaning: one of yours, `"default"` (a table that
   * comes with the package; where it may not be read, words alone are searched), or `"none"`.
   */
  embedder?: Embedder | "default" | "none" | undefined;
  /** What reads the best hits again for `quality: "high"`. Default: the model of the package. */
  reranker?: Reranker | undefined;
  /** Which twin searches the vectors; hits are the same. By default what `AGENT_IMPLEMENTATION` says, else `"auto"`. */
  implementation?: Implementation | undefined;
}

/** How a text that is given is read: as it is, as source code, with Markdown's structure, or as HTML. */
export type InputFormat = "text" | "code" | "markdown" | "html";

/** What a document was. Of pages, PDF and Word documents the text is the Markdown that was made of them. */
export type DocumentFormat = InputFormat | "pdf" | "docx";

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
  format?: InputFormat;
}

/** How far adding has come, in documents. */
export interface AddProgress extends Progress {
  /** The document just finished, if there is one. */
  document?: string;
}

/** Options of {@linkcode Knowledge.add} and {@linkcode Knowledge.addFolder}. */
export interface AddOptions {
  /** Ends the work early; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Called as documents finish, at most some ten times a second, and once at the end. */
  onProgress?: ((progress: AddProgress) => void) | undefined;
}

/** Options of {@linkcode Knowledge.addFolder}. */
export interface FolderOptions extends AddOptions {
  /** Files larger than this many bytes, packed or unpacked, are skipped and reported. Default 32 MiB. */
  maxFileBytes?: number | undefined;
  /** What is left out, in the words of a `.gitignore`: `["drafts/", "*.log"]`. */
  exclude?: readonly string[] | undefined;
  /** Whether `.gitignore` files in the folder count, each for its folder and those below. Default `true`. */
  gitignore?: boolean | undefined;
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
 * `hidden`: a hidden, version control or package folder or file, or the sources beside pages that Sphinx made; `excluded`: by `exclude` or a `.gitignore`; `link`: a
 * symbolic link, which is never followed; `special`: no regular file; `ending`: text, but no document by its name (SVG,
 * source maps, `.min.js`); `generated`: source written by a program, in lines that nobody reads; `binary`: its bytes are
 * no text; `empty`: no text in it; `links`: a page of links only, such as an index; `too-large`: over `maxFileBytes`, or
 * over what a document may take (HTML of 8,388,608 elements; PDF and Word: 30 s, memory, 16,000,000 characters);
 * `damaged`: a PDF, Word or gzip file that is broken or encrypted; `unavailable`: the package that reads it is not on
 * this machine; `unreadable`: the system or Deno's permissions refuse it, or it went while it was read.
 */
export type SkipReason =
  | "hidden"
  | "excluded"
  | "link"
  | "special"
  | "ending"
  | "generated"
  | "binary"
  | "empty"
  | "links"
  | "too-large"
  | "damaged"
  | "unavailable"
  | "unreadable";

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
  /** Documents of this folder that were dropped, because their file is gone, left out or no longer text. */
  removed: number;
  /** What was not read, and why. */
  skipped: SkippedFile[];
  /** How long it took, in milliseconds. */
  durationMs: number;
}

/** Options of {@linkcode Knowledge.search} and {@linkcode Knowledge.searchText}. */
export interface SearchOptions {
  /** Ends the search early; the call then rejects with the signal's reason. Not of `searchText`. */
  signal?: AbortSignal | undefined;
  /** The most hits to return, 1 to 1,000. Default 10. */
  limit?: number | undefined;
  /**
   * `"high"` has a small language model read the best 24 hits again and order them: better, and some hundred
   * milliseconds slower. It needs the native library and the model of the package (or a {@linkcode Reranker} of yours),
   * and fails with `NATIVE_REQUIRED` without. Default `"fast"`. Not of `searchText`.
   */
  quality?: "fast" | "high" | undefined;
}

/** A chunk found by {@linkcode Knowledge.search}. */
export interface SearchHit {
  /** The name of the document that holds it. */
  document: string;
  /** The document's title, if it has one. */
  title?: string;
  /** How the document is read. */
  format: DocumentFormat;
  /** The language of the document, such as `"en"`, whose stems its words have in the index. */
  language: Language;
  /** The headings above the chunk, outermost first, joined by " > ", if there are any. */
  heading?: string;
  /** What leads to it in the document itself, behind a `#`: the id of a heading of a page, `page=3` of a PDF. */
  anchor?: string;
  /** The chunk: `knowledge.text(document).slice(start, end)`. */
  chunk: string;
  /** Above 0, larger is better, comparable only within one search. */
  score: number;
  /** How alike its meaning is to the query's, -1 to 1, if the store has vectors and was not searched by words alone. */
  similarity?: number;
  /** Where the chunk starts in the document's text, in UTF-16 units. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
}

/** Where in a document something is. */
export interface DocumentPlace {
  /** The headings above it, outermost first. */
  heading: string[];
  /** What leads to it in the document itself, behind a `#`: the id of a heading of a page, `page=3` of a PDF. */
  anchor?: string;
}

/** A word of a query and how rare it is in the store. */
export interface QueryTerm {
  /** The word, in lower case and without accents. */
  term: string;
  /** In how many chunks it, or another form of it, occurs. */
  chunks: number;
  /** What it is in the index: its stems in the languages of the store, and those of its irregular forms. */
  forms: readonly string[];
  /** Stems of words that mean the same, or that it was misspelt from. */
  alike: readonly string[];
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
  /** The embedder whose vectors are searched; null if words alone are, or nothing was searched or added yet. */
  embedder: string | null;
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
  /** A number that grows when a document changes, whichever program changed it. */
  readonly revision: number;
  /** Texts computed from the documents; the agent keeps its answers here. */
  readonly derived: DerivedStore;
  /** What was given to read the best hits again, if anything was. */
  readonly reranker?: Reranker | undefined;

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
   * Brings the store up to date with a folder of documents, or with one file: Markdown, HTML, PDF, Word (`.docx`), CSV,
   * JSON, source code and whatever else is text, also packed as `.gz`. Encodings are told by mark, declaration or looks.
   *
   * A file is read only if its size or time of change differ from what is stored, and written
   * only if its content does. Work is kept in portions: after a failure or an abort the store is
   * whole, and the next call goes on where this one stopped.
   *
   * @param folder The folder or file; documents are named by absolute path.
   * @param options What to leave out, the largest file size, a signal and a progress function.
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
   * @param options How many hits to return, how well they are ordered, a signal.
   * @returns The hits, best first; ties in the order of adding.
   * @throws {TypeError} If the query is not a string.
   * @throws {RangeError} If the limit is not a whole number from 1 to 1,000, or the quality is unknown.
   * @throws {AgentError} `NATIVE_REQUIRED` for `quality: "high"` where the native library or its model cannot be used;
   * `UNAVAILABLE` and `TIMEOUT` of an embedder or re-ranker.
   */
  search(query: string, options?: SearchOptions): Promise<SearchHit[]>;

  /**
   * What reads the best hits again for `quality: "high"` says of any texts.
   *
   * @param query What they are held against.
   * @param texts The texts.
   * @param options A signal.
   * @returns A number of each from 0, nothing to do with the query, to 1, answers it.
   * @throws {TypeError} If the query is not a string, or the texts are not strings.
   * @throws {AgentError} As `search` with `quality: "high"`.
   */
  relevance(
    query: string,
    texts: readonly string[],
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Float64Array>;

  /**
   * Finds the chunks whose words fit a query best, at once and by words alone.
   *
   * @param query The words to look for.
   * @param options How many hits to return.
   * @returns The hits, best first; ties in the order of adding.
   * @throws {TypeError} If the query is not a string.
   * @throws {RangeError} If the limit is not a whole number from 1 to 1,000.
   */
  searchText(query: string, options?: SearchOptions): SearchHit[];

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

  /**
   * Where in a document something is: its headings, and what leads to it.
   *
   * @param document Its name.
   * @param start The offset in its text.
   * @returns The place, or `undefined` if there is no such document.
   */
  place(document: string, start: number): DocumentPlace | undefined;

  /** The size of the store. */
  stats(): KnowledgeStats;

  /** Closes the store; a second call does nothing, any other call afterwards throws `CLOSED`. */
  close(): void;
}
