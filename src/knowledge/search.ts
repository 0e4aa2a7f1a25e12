/**
 * Searching: the chunks that fit a query best. The index finds some hundred of them by their rarer words, and those
 * are ranked by all words of the query.
 *
 * @module
 */
import type { Database } from "./database.ts";
import { anchorAt } from "./document_table.ts";
import { hasStems, type Language, loadStems } from "./languages.ts";
import { anyOf, ChunkCounts, type QueryWord, readQuery } from "./query.ts";
import { Ranker } from "./ranking.ts";
import type { DocumentFormat, QueryTerm, SearchHit } from "./types.ts";

/** A search looks at no more than about this many index entries beyond its rarest words. */
const POSTINGS_BUDGET = 12_000;
/** From so many index entries on, chunks that have several of the words are looked for first: each costs microseconds. */
const NARROW_POSTINGS = 2_000;
/** Of more words no pairs are looked for. */
const MAX_PAIRED = 4;
/** So many chunks that the index finds are ranked. */
export const RANKED = 80;

/** What a word in each column of the index counts when it chooses what is ranked (title, heading, text), as in the schema. */
const INDEX_WEIGHTS = "2.0, 2.0, 1.0";

/** A question to the index, and how many chunks it finds at most. */
interface Match {
  readonly match: string;
  readonly atMost: number;
}

/** A chunk's row and how well it fits. */
export interface Scored {
  /** The row. */
  id: number;
  /** More is better. */
  score: number;
}

/** What a query is read against. */
interface Facts {
  readonly revision: number;
  readonly chunks: number;
  readonly languages: readonly Language[];
  readonly counts: ChunkCounts;
}

/** Searches one {@linkcode Database}. */
export class ChunkSearch {
  readonly #database: Database;
  #store: Facts | undefined;
  #last: { query: string; revision: number; words: readonly QueryWord[] } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Loads what the words of the store's languages need. */
  async prepare(): Promise<void> {
    const { languages } = this.#database.guard("search", () => this.#facts());
    const unready = languages.filter((language) => !hasStems(language));
    if (unready.length === 0) return;
    await Promise.all(unready.map(loadStems));
    this.#last = undefined;
  }

  /** The words of a query; those of the last one are kept, since who answers asks for them, too. */
  words(query: string): readonly QueryWord[] {
    return this.#database.guard("search", () => {
      const { chunks, languages, revision, counts } = this.#facts();
      if (this.#last?.query !== query || this.#last.revision !== revision) {
        const words = readQuery(this.#database, query, chunks, languages, counts);
        this.#last = { query, revision, words };
      }
      return this.#last.words;
    });
  }

  /** See `Knowledge.terms`. */
  terms(query: string): QueryTerm[] {
    return this.words(query).map(({ word, terms, alike, chunks, weight }) => ({
      term: word,
      forms: terms,
      alike,
      chunks,
      weight,
    }));
  }

  /** See `Knowledge.searchText`. */
  hits(query: string, limit: number): SearchHit[] {
    const words = this.words(query);
    return this.read(
      this.rank(words, this.candidates(words, Math.max(RANKED, limit))).slice(0, limit),
    ).map(({ hit }) => hit);
  }

  /** The rows that the index thinks best. */
  candidates(words: readonly QueryWord[], most: number): number[] {
    return this.#database.guard("search", () => {
      // Ordered by the function, not by the column "rank": that one sorts all rows before the first is given.
      const best = this.#database.statement(`
        SELECT rowid AS id FROM chunk_index WHERE chunk_index MATCH ?
        ORDER BY bm25(chunk_index, ${INDEX_WEIGHTS}) LIMIT ?`);
      const some = this.#database.statement(
        "SELECT rowid FROM chunk_index WHERE chunk_index MATCH ? LIMIT 1 OFFSET ?",
      );
      // Finding is a small part of what weighing costs, so what finds too few is passed over before.
      const match = this.#matchesOf(words).find(({ match, atMost }) =>
        atMost === Infinity || atMost >= most && some.get(match, most - 1) !== undefined
      );
      return match === undefined ? [] : best.all(match.match, most).map(({ id }) => Number(id));
    });
  }

  /** Ranks rows by all words, best first; ties in the order of adding. Rows without a word stay, last. */
  rank(words: readonly QueryWord[], rows: readonly number[]): Scored[] {
    const ranker = new Ranker(words);
    const scored = this.#database.guard("search", () => {
      // At once: asking for one after the other takes twice as long. What is gone since, by another process, is left out.
      const read = this.#database.statement(`
        SELECT rowid AS id, title, heading, body FROM chunk_index
        WHERE rowid IN (SELECT value FROM json_each(?))`);
      return read.all(JSON.stringify(rows)).map(({ id, title, heading, body }): Scored => ({
        id: Number(id),
        score: ranker.score({
          title: String(title),
          heading: String(heading),
          body: String(body),
        }),
      }));
    });
    return scored.sort(byScore);
  }

  /** Reads the chunks of scored rows; what they carry besides stays with them. */
  read<T extends Scored>(scored: readonly T[]): { hit: SearchHit; scored: T }[] {
    return this.#database.guard("search", () => {
      const read = this.#database.statement(`
        SELECT d.id AS document, d.name, d.title, d.format, d.language, c.heading, c.text, c.start
        FROM chunks AS c JOIN documents AS d ON d.id = c.document WHERE c.id = ?`);
      return scored.flatMap((one) => {
        const row = read.get(one.id);
        if (row === undefined) return [];
        const hit = hitOf(row, one.score);
        const anchor = anchorAt(
          this.#database,
          Number(row["document"]),
          hit.start + headingLength(hit.chunk),
        );
        if (anchor !== undefined) hit.anchor = anchor;
        return [{ hit, scored: one }];
      });
    });
  }

  /**
   * What is looked for, one after the other until enough is found: all of the words, two of them, any of them. The rarest
   * words always, more common ones while they are cheap: a word that is in most chunks costs the most and tells the
   * least. Then words that mean the same.
   */
  #matchesOf(words: readonly QueryWord[]): Match[] {
    const { counts } = this.#facts();
    const present = words.filter(({ chunks }) => chunks > 0).sort((a, b) => a.chunks - b.chunks);
    const chosen: string[] = [];
    let postings = 0;
    for (const { terms, chunks } of present) {
      postings += chunks;
      if (chosen.length >= 3 && postings > POSTINGS_BUDGET) break;
      chosen.push(anyOf(terms));
    }
    const matches: Match[] = [];
    if (postings > NARROW_POSTINGS) {
      const counts = present.slice(0, chosen.length).map(({ chunks }) => chunks);
      if (chosen.length > 2) {
        matches.push({ match: chosen.map((one) => `(${one})`).join(" AND "), atMost: counts[0]! });
      }
      if (chosen.length > 1 && chosen.length <= MAX_PAIRED) {
        // What has two of them has one that is not the most common.
        const atMost = counts.slice(0, -1).reduce((sum, count) => sum + count, 0);
        matches.push({ match: pairsOf(chosen), atMost });
      }
    }
    for (const { alike, chunks } of words) {
      // Ranking counts the others as well; the vectors find most of what has only those.
      if (chunks > 0 || alike.length === 0 || postings > POSTINGS_BUDGET) continue;
      const more = counts.of(alike);
      if (more === 0 || postings + more > POSTINGS_BUDGET) continue;
      postings += more;
      chosen.push(anyOf(alike));
    }
    if (chosen.length > 0) matches.push({ match: chosen.join(" OR "), atMost: Infinity });
    return matches;
  }

  #facts(): Facts {
    const revision = this.#database.counter("revision");
    if (this.#store?.revision !== revision) {
      const rows = this.#database.statement(
        "SELECT language, sum(chunks) AS n FROM documents GROUP BY language ORDER BY n DESC",
      ).all();
      const languages = rows.map(({ language }) => language as Language);
      this.#store = {
        revision,
        chunks: rows.reduce((sum, { n }) => sum + Number(n), 0),
        languages: languages.length === 0 ? ["en"] : languages,
        counts: new ChunkCounts(this.#database),
      };
    }
    return this.#store;
  }
}

/** What has two of some. */
function pairsOf(all: readonly string[]): string {
  return all.flatMap((one, at) => all.slice(at + 1).map((other) => `((${one}) AND (${other}))`))
    .join(" OR ");
}

/** How far the headings reach with which a chunk of a page begins. */
function headingLength(chunk: string): number {
  return /^(?:#{1,6} [^\n]*\n+)*/.exec(chunk)?.[0].length ?? 0;
}

function hitOf(row: Record<string, unknown>, score: number): SearchHit {
  const text = String(row["text"]);
  const chunk = text.trim();
  const start = Number(row["start"]) + text.length - text.trimStart().length;
  const hit: SearchHit = {
    document: String(row["name"]),
    format: row["format"] as DocumentFormat,
    language: row["language"] as Language,
    chunk,
    score,
    start,
    end: start + chunk.length,
  };
  if (row["title"] !== null) hit.title = String(row["title"]);
  if (row["heading"] !== null) hit.heading = String(row["heading"]);
  return hit;
}

/** Best first; ties in the order of adding. */
export function byScore(a: Scored, b: Scored): number {
  return b.score - a.score || a.id - b.id;
}
