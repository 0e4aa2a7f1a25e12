/**
 * Documents of the knowledge as resources. An address names a document of the store by its whole name, percent-encoded;
 * it is looked up there and nowhere else, so that no spelling of it reaches a file.
 *
 * @module
 */

import { resolve } from "node:path";
import type { DocumentFormat, DocumentInfo, Knowledge } from "../../knowledge/types.ts";
import { line } from "./words.ts";

/** What addresses begin with. */
const BEGINNING = "knowledge://document/";
/** The template of addresses. */
export const TEMPLATE = `${BEGINNING}{document}{?start,end}`;
/** So many are told at a time. */
const PAGE = 100;

const MIME: Readonly<Record<DocumentFormat, string>> = {
  text: "text/plain",
  code: "text/plain",
  markdown: "text/markdown",
  // The text of these is the Markdown that was made of them.
  html: "text/markdown",
  pdf: "text/markdown",
  docx: "text/markdown",
};

/** A resource as it is listed. */
export interface ListedDocument {
  [field: string]: unknown;
  uri: string;
  name: string;
  title?: string;
  mimeType: string;
  size?: number;
}

/** A part of a document. */
export interface DocumentText {
  uri: string;
  mimeType: string;
  text: string;
}

/** The documents below some roots. */
export class Documents {
  readonly #knowledge: Knowledge;
  readonly #roots: readonly string[] | undefined;
  readonly #mostLength: number;

  /**
   * @param knowledge Whose.
   * @param roots Folders; all documents if left out.
   * @param mostLength Of a text that is given at once.
   */
  constructor(knowledge: Knowledge, roots: readonly string[] | undefined, mostLength: number) {
    this.#knowledge = knowledge;
    this.#roots = roots?.map((root) => resolve(root));
    this.#mostLength = mostLength;
  }

  /** A page of them, and what leads to the next; undefined for a cursor that is none. */
  list(
    cursor: string | undefined,
  ): { resources: ListedDocument[]; nextCursor?: string } | undefined {
    const first = cursor === undefined ? 0 : Number(cursor);
    if (!Number.isSafeInteger(first) || first < 0 || cursor === "") return undefined;
    const all = this.#all();
    const resources = all.slice(first, first + PAGE).map(listed);
    const next = first + PAGE;
    return { resources, ...(next < all.length && { nextCursor: `${next}` }) };
  }

  /** Names that begin with some letters or hold them in their last part. */
  complete(begin: string): { values: string[]; total: number; hasMore: boolean } {
    const all = this.#all().map(({ document }) => encodeURIComponent(document))
      .filter((name) => name.startsWith(begin) || name.split("%2F").at(-1)!.startsWith(begin));
    return { values: all.slice(0, PAGE), total: all.length, hasMore: all.length > PAGE };
  }

  /** What an address names; undefined if that is no document that is offered. */
  read(uri: string): DocumentText | { problem: string } | undefined {
    const parts = addressed(uri);
    if (parts === undefined || !this.#isOffered(parts.document)) return undefined;
    const text = this.#knowledge.text(parts.document);
    const info = this.#knowledge.documents().find(({ document }) => document === parts.document);
    if (text === undefined || info === undefined) return undefined;
    const { start = 0, end = text.length } = parts;
    if (start > end || end > text.length) {
      return { problem: `the document has ${text.length} characters; start and end lie within it` };
    }
    if (end - start > this.#mostLength) {
      return {
        problem: `${end - start} characters are more than ${this.#mostLength}: ` +
          `add ?start=0&end=${this.#mostLength} to the address and read on from there`,
      };
    }
    return { uri, mimeType: MIME[info.format], text: text.slice(start, end).toWellFormed() };
  }

  #all(): DocumentInfo[] {
    return this.#knowledge.documents().filter(({ document }) => this.#isOffered(document));
  }

  #isOffered(document: string): boolean {
    if (this.#roots === undefined) return true;
    const place = resolve(document);
    // A name that is no path, or one with ".." in it, is below no folder.
    if (place !== document) return false;
    return this.#roots.some((root) => place === root || place.startsWith(`${root}/`));
  }
}

function listed({ document, title, format, length }: DocumentInfo): ListedDocument {
  return {
    uri: BEGINNING + encodeURIComponent(document),
    name: line(document),
    ...(title !== undefined && { title: line(title) }),
    mimeType: MIME[format],
    size: length,
  };
}

function addressed(
  uri: string,
): { document: string; start?: number; end?: number } | undefined {
  if (!uri.startsWith(BEGINNING)) return undefined;
  const [name = "", query, ...more] = uri.slice(BEGINNING.length).split("?");
  if (name === "" || /[/#]/.test(name) || more.length > 0) return undefined;
  let document: string;
  try {
    document = decodeURIComponent(name);
  } catch {
    return undefined;
  }
  const bounds: { start?: number; end?: number } = {};
  for (const [field, value] of new URLSearchParams(query ?? "")) {
    if ((field !== "start" && field !== "end") || !/^\d{1,12}$/.test(value)) return undefined;
    bounds[field] = Number(value);
  }
  return { document, ...bounds };
}
