/**
 * From a file to a document ready to be stored, or to the reason why it is none.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";
import {
  digestOf,
  inputFormat,
  isCurrent,
  type PreparedDocument,
  prepareDocument,
  preparePages,
} from "../document.ts";
import type { FileStamp, UnreadFile } from "../writing.ts";
import { reasonOf } from "../folder_walk.ts";
import type { SkipReason } from "../types.ts";
import type { BinaryReader } from "./binary_documents.ts";
import { decodeBytes, HEAD_BYTES, isTextHead, markOf } from "./charset.ts";
import { gunzip } from "./gunzip.ts";
import { jsonText, longestLine } from "./json.ts";
import { type FileKind, isPdf, kindOfName, signatureOf } from "./kinds.ts";
import { isLinkPage } from "./link_page.ts";
import { NotRead } from "./not_read.ts";
import { tableText } from "./table.ts";

/** A file changed so shortly before it was looked at may change again without a new time. */
const CLOCK_GRAIN_MS = 2_000;
/** Of larger files the beginning is looked at before the rest is read. */
const LARGE_BYTES = 256 * 1024;
/** Source has no lines like this unless a program wrote it. */
const GENERATED_LINE = 5_000;

/** What is known of a file from the last time. */
export type KnownFile = (FileStamp & { hash: string }) | UnreadFile;

/** What became of a file. */
export type ReadResult =
  | { what: "document"; document: PreparedDocument; file: FileStamp }
  /** It is as it was; its stamp, where that has to be renewed. */
  | { what: "unchanged"; file?: FileStamp }
  /** Why it is none, and what to remember of it, if that is worth while. */
  | { what: "skip"; reason: SkipReason; message: string; file?: UnreadFile };

/** Reads files for one run over a folder. Disposes the reader of PDF and Word documents. */
export class FileReader implements AsyncDisposable {
  readonly #maxBytes: number;
  readonly #signal: AbortSignal | undefined;
  #binary: Promise<BinaryReader> | undefined;
  /** Large files are read one at a time. */
  #large: Promise<unknown> = Promise.resolve();

  /**
   * Makes one.
   *
   * @param maxBytes The most bytes of a file, packed or unpacked.
   * @param signal Ends what it does.
   */
  constructor(maxBytes: number, signal: AbortSignal | undefined) {
    this.#maxBytes = maxBytes;
    this.#signal = signal;
  }

  /** Reads a file unless it is as it was. */
  async read(path: string, known: KnownFile | undefined): Promise<ReadResult> {
    let file: FileStamp;
    try {
      const info = await Deno.stat(path);
      file = { size: info.size, modified: info.mtime?.getTime() ?? 0, checked: Date.now() };
      if (!info.isFile) return unreadable("It is no regular file any more");
    } catch (error) {
      return unreadable(reasonOf(error));
    }
    const isSame = known !== undefined && known.size === file.size &&
      known.modified === file.modified && known.modified < known.checked - CLOCK_GRAIN_MS &&
      isCurrent(known.hash);
    if (isSame) return asBefore(known);
    if (kindOfName(path) === "other") return notRead(otherMessage());
    if (file.size > this.#maxBytes) {
      const message =
        `It has ${file.size} bytes, over the bound of ${this.#maxBytes} (maxFileBytes)`;
      return { what: "skip", reason: "too-large", message };
    }
    if (file.size <= LARGE_BYTES) return await this.#readNow(path, known, file);
    const turn = this.#large.then(() => this.#readNow(path, known, file));
    this.#large = turn.catch(() => {});
    return await turn;
  }

  /** Ends what was started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#binary)?.[Symbol.asyncDispose]();
  }

  async #readNow(
    path: string,
    known: KnownFile | undefined,
    file: FileStamp,
  ): Promise<ReadResult> {
    this.#signal?.throwIfAborted();
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await this.#bytes(path, file.size);
    } catch (error) {
      if (error instanceof NotRead) return notRead(error);
      // Gone since the walk: the next call finds it missing, this one must not drop it unseen.
      return unreadable(reasonOf(error));
    }
    const hash = await digestOf(bytes);
    if (known?.hash === hash) {
      return "reason" in known ? remember(path, hash, file, known) : { what: "unchanged", file };
    }
    try {
      return { what: "document", document: await this.#prepare(path, bytes, hash), file };
    } catch (error) {
      if (error instanceof NotRead) {
        const isLasting = error.reason !== "unavailable";
        return isLasting ? remember(path, hash, file, error) : notRead(error);
      }
      if (!AgentError.is(error, "TOO_LARGE")) throw error;
      return remember(path, hash, file, { reason: "too-large", message: error.message });
    }
  }

  /** The bytes of a file; of a large one only if its beginning may be that of a document. */
  async #bytes(path: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
    // Files of the system say that they have no bytes, and have as many as one likes to read.
    if (size > 0 && size <= LARGE_BYTES) return await Deno.readFile(path);
    if (size > 0) {
      using file = await Deno.open(path);
      const head = new Uint8Array(HEAD_BYTES);
      const count = await file.read(head) ?? 0;
      if (!mayBeRead(head.subarray(0, count), kindOfName(path))) {
        throw binary(head.subarray(0, count));
      }
    }
    const parts: Uint8Array[] = [];
    let total = 0;
    using file = await Deno.open(path);
    for (let part = new Uint8Array(Math.min(size, this.#maxBytes) + 65_536);;) {
      const count = await file.read(part);
      if (count === null) break;
      total += count;
      if (total > this.#maxBytes) {
        const message = `It has over ${this.#maxBytes} bytes, the bound (maxFileBytes)`;
        throw new NotRead("too-large", message);
      }
      parts.push(part.subarray(0, count));
      part = count < part.length ? part.subarray(count) : new Uint8Array(65_536);
    }
    return await new Blob(parts as BlobPart[]).bytes() as Uint8Array<ArrayBuffer>;
  }

  async #prepare(
    path: string,
    packed: Uint8Array<ArrayBuffer>,
    hash: string,
  ): Promise<PreparedDocument> {
    const isPacked = kindOfName(path) === "gzip";
    const name = isPacked ? path.slice(0, -".gz".length) : path;
    const kind = kindOfName(name);
    if (kind === "other") throw otherMessage();
    const bytes = isPacked
      ? await gunzip(packed, this.#maxBytes, (head) => mayBeRead(head, kind))
      : packed;
    if (kind === "docx" || kind === "pdf" || isPdf(bytes)) {
      return await this.#binaryDocument(path, kind === "docx" ? "docx" : "pdf", bytes, hash);
    }
    const decoded = await decodeBytes(bytes);
    if (decoded === undefined) throw binary(bytes);
    // A lone CR ended lines before there was another way; it is as long as LF, so that no offset moves.
    const text = decoded.includes("\r") ? decoded.replace(/\r(?!\n)/g, "\n") : decoded;
    const format = kind === "text" || kind === "code" ? inputFormat(name, text) : "text";
    const document = await prepareDocument(
      { document: path, text: laidOut(text, kind), format },
      hash,
    );
    if (document.text.trim() === "") throw new NotRead("empty", "There is no text in it");
    if (format === "html" && isLinkPage(document.text)) {
      throw new NotRead("links", "A page of links only: an index or a list of contents");
    }
    return document;
  }

  async #binaryDocument(
    path: string,
    format: "pdf" | "docx",
    bytes: Uint8Array<ArrayBuffer>,
    hash: string,
  ): Promise<PreparedDocument> {
    this.#binary ??= import("./binary_documents.ts").then(({ BinaryReader }) => new BinaryReader());
    const read = await (await this.#binary).read(format, bytes, this.#signal);
    const document = await preparePages(path, format, read, hash);
    if (document.text.trim() === "") {
      throw new NotRead("empty", "There is no text in it, only pictures perhaps");
    }
    return document;
  }
}

/** The text as it is stored. */
function laidOut(text: string, kind: FileKind): string {
  if (kind === "table") return tableText(text) ?? text;
  if (kind === "json") return jsonText(text);
  if (kind === "code") {
    const length = longestLine(text);
    if (length > GENERATED_LINE) {
      const message = `A program wrote it for programs: one line has ${length} characters`;
      throw new NotRead("generated", message);
    }
  }
  return text;
}

/** Whether a file that begins so may be a document. */
function mayBeRead(head: Uint8Array, kind: FileKind): boolean {
  if (kind === "gzip" || kind === "docx" || kind === "pdf" || isPdf(head)) return true;
  return isTextHead(head) || markOf(head) !== undefined;
}

function binary(bytes: Uint8Array): NotRead {
  const what = signatureOf(bytes);
  return new NotRead("binary", `Its bytes are no text${what === undefined ? "" : `: ${what}`}`);
}

function otherMessage(): NotRead {
  return new NotRead("ending", "By its name it was made for programs, not to be read");
}

function asBefore(known: KnownFile): ReadResult {
  return "reason" in known
    ? { what: "skip", reason: known.reason, message: known.message }
    : { what: "unchanged" };
}

function notRead({ reason, message }: NotRead): ReadResult {
  return { what: "skip", reason, message };
}

function unreadable(why: string): ReadResult {
  return { what: "skip", reason: "unreadable", message: `The file cannot be read: ${why}` };
}

function remember(
  name: string,
  hash: string,
  file: FileStamp,
  { reason, message }: { reason: SkipReason; message: string },
): ReadResult {
  return { what: "skip", reason, message, file: { name, hash, ...file, reason, message } };
}
