/**
 * The outline of a document: what its lines are, where it has headings, blocks and fences, its sentences. One for all that
 * read documents: splitting by tokens (also of streams) and knowledge. Plain TypeScript beside both twins, linear in the
 * text whatever it is. Not part of the public API.
 *
 * @module
 */

export * from "../../shared/errors.ts";
export { blocksOf, frontMatterEnd, isTerm } from "./blocks.ts";
export { WRAP } from "./lines.ts";
export { HeadingPath, headingText, plainText } from "./plain.ts";
export { countUpTo, PositionReader } from "./positions.ts";
export { borderBefore, isBlank, sentencesOf } from "./sentences.ts";
export { RecordLines } from "./record_lines.ts";
export type { Fields, Line } from "./record_lines.ts";
export { Records } from "./records.ts";
export { endsSentence } from "./stops.ts";
export type { Block, BlockKind, Positions, Span, Table, TextFormat, Title } from "./types.ts";
