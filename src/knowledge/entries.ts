/**
 * From a prepared document to what is written of it: the terms of its chunks. Most words of a text have been there
 * before, so each is looked up, and its terms are made only once.
 *
 * @module
 */
import type { PreparedDocument } from "./document.ts";
import type { Language } from "./languages.ts";
import { expandToken, MAX_RAW, rawTokens, termsOf } from "./terms.ts";
import type { ChunkEntry, DocumentEntry, FileStamp } from "./writing.ts";

/** Words of other lengths are not taken for misspelt. */
const LEAST_LEARNT = 4;
const MOST_LEARNT = 24;
const MAX_STORED = 200_000;
/** So many titles and headings are remembered with their terms: of one document at least. */
const MAX_TITLES = 500;

/** Makes the terms of chunks for one connection, in the order in which they are written. */
export class TermMaker {
  /** Of each language the words that were met, with their terms: those were learnt. */
  readonly #stored = new Map<Language, Map<string, string>>();
  readonly #titles = new Map<string, string>();
  #learnt: string[] = [];

  /** What is written of a document. */
  entryOf(document: PreparedDocument, file: FileStamp | undefined): DocumentEntry {
    const { name, title, format, text, language, hash, anchors } = document;
    const chunks = document.chunks.map(({ start, end, heading }): ChunkEntry => {
      const part = text.slice(start, end);
      const above = heading === "" ? null : heading;
      const terms = this.termsOfChunk({ name, title, heading: above, text: part }, language);
      return [start, above, part, ...terms];
    });
    const learnt = this.takeLearnt();
    const length = text.length;
    return {
      name,
      title,
      format,
      length,
      language,
      hash,
      file: file ?? null,
      chunks,
      anchors,
      learnt,
    };
  }

  /** The terms of a chunk's title, headings and text, from its row. */
  termsOfChunk(row: Record<string, unknown>, language: Language): [string, string, string] {
    const [title, heading, text] = fieldsOfChunk(row);
    return [
      this.#above(title, language),
      this.#above(heading, language),
      this.#body(text, language),
    ];
  }

  /** The terms to learn that came up since the last time. */
  takeLearnt(): string[] {
    const learnt = this.#learnt;
    this.#learnt = [];
    return learnt;
  }

  /** What was made may not have been written. */
  forget(): void {
    this.#stored.clear();
    this.#learnt = [];
  }

  #body(text: string, language: Language): string {
    let stored = this.#stored.get(language);
    if (stored === undefined) this.#stored.set(language, stored = new Map());
    const body: string[] = [];
    for (const raw of rawTokens(text)) {
      let terms = stored.get(raw);
      if (terms === undefined) {
        const made = expandToken(raw, language);
        for (const term of made) {
          if (term.length >= LEAST_LEARNT && term.length <= MOST_LEARNT) this.#learnt.push(term);
        }
        terms = made.join(" ");
        if (stored.size >= MAX_STORED) stored.clear();
        if (raw.length <= MAX_RAW) stored.set(ownCopy(raw), terms = ownCopy(terms));
      }
      if (terms !== "") body.push(terms);
    }
    return body.join(" ");
  }

  /** The terms of a title or of headings, which the chunks of a document share. */
  #above(text: string, language: Language): string {
    const key = `${language} ${text}`;
    let terms = this.#titles.get(key);
    if (terms === undefined) {
      terms = termsOf(text, language).join(" ");
      if (this.#titles.size >= MAX_TITLES) this.#titles.clear();
      this.#titles.set(key, terms);
    }
    return terms;
  }
}

/** A copy that does not keep the text alive from which a word was cut: engines let long words share it. */
function ownCopy(word: string): string {
  return word.length < 13 ? word : Array.from(word).join("");
}

/** Title, heading and text of a chunk's row, as they are indexed. */
function fieldsOfChunk(row: Record<string, unknown>): [string, string, string] {
  const heading = String(row["heading"] ?? "");
  const title = String(row["title"] ?? "");
  // The title is often the first heading as well, and must not count twice.
  const shown = heading.startsWith(title) ? "" : title;
  return [`${shown} ${nameWords(String(row["name"]))}`, heading, String(row["text"])];
}

/** The words in a name: of a path the file's own name without its ending. */
function nameWords(name: string): string {
  const base = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  return base.replace(/\.\w{1,8}$/, "").replace(/[_-]+/g, " ");
}
