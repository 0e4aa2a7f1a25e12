/** The shapes of a document's outline. @module */

/**
 * How a text is read: as it is, as source code, with Markdown's marks, or as what the HTML reader made of a page or another
 * document.
 */
export type TextFormat = "text" | "code" | "markdown" | "html" | "pdf" | "docx";

/** A stretch of a text, in UTF-16 units. */
export interface Span {
  /** Where it starts. */
  start: number;
  /** Where it ends, exclusive. */
  end: number;
}

/** What a block is; `meta` is front matter, a comment or the target of links. */
export type BlockKind = "heading" | "code" | "item" | "table" | "text" | "meta";

/** A stretch of text that belongs together; between blocks there is only white space. */
export interface Block extends Span {
  /** What it is. */
  kind: BlockKind;
  /** The depth of a heading from 1, otherwise 0. */
  level: number;
}

/** Where a text has its headings, blocks and fences: UTF-16 units in ascending order. */
export interface Positions {
  /** Headings that begin a chunk: all but those right behind another heading. */
  readonly headings: readonly number[];
  /** Paragraphs, lists, fences and other blocks; not those right behind a heading, which stay with it. */
  readonly blocks: readonly number[];
  /** Begin and end of each fenced code block, in turn. The end is behind the closing line. */
  readonly fences: readonly number[];
}

/** A heading. */
export interface Title {
  /** Where it begins. */
  at: number;
  /** Its depth, from 1. */
  level: number;
  /** Its words. */
  title: string;
}

/** The rows of a table below its head. */
export interface Table extends Span {
  /** The head and the line under it. */
  header: string;
}
