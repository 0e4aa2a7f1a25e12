/**
 * Searching: which words of a query are worth looking up, and the chunks that fit them best.
 *
 * @module
 */
import type { Database } from "./database.ts";
import { anchorAt } from "./document_table.ts";
import type { DocumentFormat, QueryTerm, SearchHit } from "./types.ts";
import { queryWords, quoteWord } from "./words.ts";

/** A search looks at no more than about this many index entries beyond its rarest words. */
const POSTINGS_BUDGET = 10_000;

/** Searches one {@linkcode Database}. */
export class ChunkSearch {
  readonly #database: Database;
  #size: { revision: number; chunks: number } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** See `Knowledge.terms`. */
  terms(query: string): QueryTerm[] {
    const words = queryWords(query);
    return this.#database.guard("search", () => {
      const total = this.#chunkCount();
      const count = this.#database.statement(
        "SELECT count(*) AS n FROM chunk_index WHERE chunk_index MATCH ?",
      );
      return words.map((term) => {
        const chunks = Number(count.get(quoteWord(term))?.["n"]);
        const weight = Math.log(1 + (Math.max(total - chunks, 0) + 0.5) / (chunks + 0.5));
        return { term, chunks, weight: total === 0 ? 0 : weight };
      });
    });
  }

  /** See `Knowledge.search`. */
  hits(query: string, limit: number): SearchHit[] {
    const match = matchOf(this.terms(query));
    if (match === "") return [];
    return this.#database.guard("search", () =>
      this.#database.statement(`
        SELECT d.id, d.name, d.title, d.format, c.heading, c.text, c.start, found.score
        FROM (
          SELECT rowid AS id, rank AS score FROM chunk_index
          WHERE chunk_index MATCH ? ORDER BY rank LIMIT ?
        ) AS found
        JOIN chunks AS c ON c.id = found.id JOIN documents AS d ON d.id = c.document
        ORDER BY found.score, c.id`).all(match, limit).map((row) => {
        const text = String(row["text"]);
        const chunk = text.trim();
        const start = Number(row["start"]) + text.length - text.trimStart().length;
        const hit: SearchHit = {
          document: String(row["name"]),
          format: row["format"] as DocumentFormat,
          chunk,
          score: -Number(row["score"]),
          start,
          end: start + chunk.length,
        };
        if (row["title"] !== null) hit.title = String(row["title"]);
        if (row["heading"] !== null) hit.heading = String(row["heading"]);
        const anchor = anchorAt(this.#database, Number(row["id"]), start + headingLength(chunk));
        if (anchor !== undefined) hit.anchor = anchor;
        return hit;
      }));
  }

  #chunkCount(): number {
    const revision = this.#database.counter("revision");
    if (this.#size?.revision !== revision) {
      const row = this.#database.statement(
        "SELECT coalesce(sum(chunks), 0) AS n FROM documents",
      ).get();
      this.#size = { revision, chunks: Number(row?.["n"]) };
    }
    return this.#size.chunks;
  }
}

/** How far the headings reach with which a chunk of a page begins. */
function headingLength(chunk: string): number {
  return /^(?:#{1,6} [^\n]*\n+)*/.exec(chunk)?.[0].length ?? 0;
}

/**
 * The rarest words always, more common ones while they are cheap: a word that is in most chunks
 * costs the most and tells the least.
 */
function matchOf(terms: readonly QueryTerm[]): string {
  const present = terms.filter((term) => term.chunks > 0).sort((a, b) => a.chunks - b.chunks);
  const chosen: string[] = [];
  let postings = 0;
  for (const { term, chunks } of present) {
    postings += chunks;
    if (chosen.length >= 3 && postings > POSTINGS_BUDGET) break;
    chosen.push(quoteWord(term));
  }
  return chosen.join(" OR ");
}
