/**
 * The search of a store beside that of others, on the same chunks and questions: SQLite's own BM25 with Porter's stems,
 * MiniSearch, Orama, and the vectors of the default embedder alone.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { DefaultEmbedder } from "../../src/knowledge/embedding/default.ts";
import { PureVectorList } from "../../src/knowledge/embedding/pure.ts";
import { quantised } from "../../src/knowledge/embedding/vectors.ts";
import type { Peers } from "../lib/peers.ts";
import { type EvaluationQuestion, holdsAnswer } from "./run.ts";

const HITS = 5;

/** A chunk of a store. */
interface Passage {
  document: string;
  heading: string;
  text: string;
}

/** How often a search had the right document and the right passage among five. */
export interface Found {
  /** Who searched. */
  name: string;
  /** Questions whose document was found. */
  document: number;
  /** Questions whose passage was found. */
  passage: number;
}

/** Finds passages: the places of the best in the list that it was made of. */
type Search = (query: string) => number[] | Promise<number[]>;

/** What each peer finds for the questions that have an answer; a store's file is that of its corpus. */
export async function peersFind(
  questions: readonly EvaluationQuestion[],
  fileOf: (corpus: string) => string,
  peers: Pick<Peers, "miniSearch" | "orama">,
): Promise<Found[]> {
  const makers: (readonly [string, (passages: Passage[]) => Promise<Search | undefined>])[] = [
    ["bm25 of SQLite's FTS5, Porter's stems", (passages) => Promise.resolve(fts5(passages))],
    ["MiniSearch", (passages) => miniSearch(passages, peers)],
    ["Orama", (passages) => orama(passages, peers)],
    ["vectors of the default embedder alone", vectors],
  ];
  const asked = questions.filter(({ answerable }) => answerable);
  const found = new Map<string, Found>();
  for (const [corpus, list] of Map.groupBy(asked, ({ corpus }) => corpus)) {
    const passages = passagesOf(fileOf(corpus));
    for (const [name, make] of makers) {
      const search = await make(passages);
      if (search === undefined) continue;
      const counted = found.get(name) ?? { name, document: 0, passage: 0 };
      found.set(name, counted);
      for (const question of list) {
        const isRight = ({ document }: Passage) =>
          question.doc.split("|").some((part) => document.includes(part));
        const hits = (await search(question.q)).map((at) => passages[at]!).filter(isRight);
        if (hits.length > 0) counted.document++;
        if (hits.some(({ text }) => holdsAnswer(text, question))) counted.passage++;
      }
    }
  }
  return [...found.values()];
}

function passagesOf(file: string): Passage[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare(`
    SELECT d.name AS document, coalesce(d.title, '') || ' ' || coalesce(c.heading, '') AS heading, c.text
    FROM chunks AS c JOIN documents AS d ON d.id = c.document ORDER BY c.id`)
    .all() as unknown as Passage[];
}

function fts5(passages: readonly Passage[]): Search {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE VIRTUAL TABLE p USING fts5(heading, text, tokenize='porter'); BEGIN");
  const insert = database.prepare("INSERT INTO p (rowid, heading, text) VALUES (?, ?, ?)");
  for (const [at, { heading, text }] of passages.entries()) insert.run(at, heading, text);
  database.exec("COMMIT");
  const find = database.prepare(
    "SELECT rowid AS at FROM p WHERE p MATCH ? ORDER BY rank LIMIT ?",
  );
  return (query) => {
    const words = query.match(/[\p{L}\p{N}]+/gu) ?? [];
    const match = words.map((word) => `"${word}"`).join(" OR ");
    return match === "" ? [] : find.all(match, HITS).map(({ at }) => Number(at));
  };
}

async function miniSearch(
  passages: readonly Passage[],
  peers: Pick<Peers, "miniSearch">,
): Promise<Search | undefined> {
  const MiniSearch = await peers.miniSearch();
  if (MiniSearch === undefined) return undefined;
  const index = new MiniSearch({ fields: ["heading", "text"] });
  index.addAll(passages.map(({ heading, text }, id) => ({ id, heading, text })));
  return (query) => index.search(query).slice(0, HITS).map(({ id }) => id);
}

async function orama(
  passages: readonly Passage[],
  peers: Pick<Peers, "orama">,
): Promise<Search | undefined> {
  const made = await peers.orama();
  if (made === undefined) return undefined;
  const index = made.create({ schema: { heading: "string", text: "string" } });
  await made.insertMultiple(
    index,
    passages.map(({ heading, text }, at) => ({ id: String(at), heading, text })),
    500,
  );
  return async (query) => {
    const { hits } = await made.search(index, { term: query, limit: HITS });
    return hits.map(({ id }) => Number(id));
  };
}

async function vectors(passages: readonly Passage[]): Promise<Search> {
  const embedder = await DefaultEmbedder.load();
  const rowOf = (text: string) => quantised(Float32Array.from(embedder.sum(text)));
  const list = new PureVectorList(embedder.dimensions, passages.length);
  for (const { heading, text } of passages) list.append(rowOf(`${heading}\n${text}`));
  return (query) => [...list.nearest(rowOf(query), HITS).rows];
}
