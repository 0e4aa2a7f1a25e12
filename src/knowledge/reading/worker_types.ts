/** What goes between the program and the Worker that reads documents. Types only. @module */

/** Which documents it reads. */
export type ReaderKind = "pdf" | "docx";

/** What one document may take. */
export interface ReaderLimits {
  /** Milliseconds. */
  timeMs: number;
  /** UTF-16 units of what comes out. */
  characters: number;
  /** Bytes of one piece of memory. */
  largestBytes: number;
  /** Bytes of all pieces of memory together, freed ones included. */
  totalBytes: number;
}

/** A document to read. */
export interface ToReader {
  /** What it is. */
  kind: ReaderKind;
  /** The file. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The library, as it is imported. */
  address: string;
  /** What it may take. */
  limits: ReaderLimits;
}

/** HTML, a piece a page; or why not. */
export type FromReader =
  | { ok: true; pages: string[]; title: string }
  | { ok: false; name: string; message: string; missing: boolean };
