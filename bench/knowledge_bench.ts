/**
 * The knowledge store and the agent: indexing 20,000 chunks, searching them, and asking about them and about 100,000;
 * the vectors of passages, and the nearest of 100,000.
 */

import { DatabaseSync } from "node:sqlite";
import { type Agent, createAgent } from "@agent/runtime/agent";
import { type DocumentInput, type Knowledge, openKnowledge } from "@agent/runtime/knowledge";
import { DefaultEmbedder, plainWords } from "../src/knowledge/embedding/default.ts";
import { NativeTable, NativeVectorList } from "../src/knowledge/embedding/native.ts";
import { PureVectorList } from "../src/knowledge/embedding/pure.ts";
import type { VectorList } from "../src/knowledge/embedding/types.ts";
import { quantised } from "../src/knowledge/embedding/vectors.ts";
import { type Area, atLeast, atMost, type Context } from "./lib/area.ts";
import { evaluationFacts } from "./lib/evaluation_facts.ts";
import { type Group, ladder } from "./lib/group.ts";
import { ROOT } from "./lib/programs.ts";
import type { Random } from "./lib/random.ts";
import { register } from "./lib/register.ts";

const SMALL = 2_000;
const CHUNKS = 20_000;
const MANY = 100_000;
const DIMENSIONS = 256;
const NEAREST = "the 10 nearest vectors";
const EMBED = "vectors of passages of 800 characters";
const INDEX = "index documents";
const ASK = "a new question each time";
const FILE = "in a file";
const FOLDER = `${ROOT}target/bench`;

/** The area. */
export const area: Area = {
  name: "knowledge",
  tools: [],
  groups(context) {
    const sizes = context.quick ? [SMALL] : [SMALL, CHUNKS];
    return [
      ...ladder(sizes, [SMALL], (chunks) => indexing(context, chunks)),
      ...ladder(context.quick ? sizes : [...sizes, MANY], [SMALL], asking),
      nearest(context),
      embedding(context),
    ];
  },
  facts: evaluationFacts,
  bars(figures) {
    const index = figures.milliseconds(INDEX, CHUNKS, FILE);
    const p99 = figures.row(ASK, MANY, "ask")?.p99;
    return [
      atMost("Index 20,000 chunks in a file", index && index / 1000, 3, " s"),
      atMost("Ask over them, median", figures.milliseconds(ASK, CHUNKS, "ask"), 15, " ms"),
      atMost("Ask over 100,000, median", figures.milliseconds(ASK, MANY, "ask"), 25, " ms"),
      atMost("Ask over 100,000, 99 of 100", p99 && p99 / 1e6, 80, " ms"),
      atLeast(
        "The 10 nearest of 100,000, native against the plain loop",
        figures.times(NEAREST, MANY, "native"),
        5,
      ),
    ];
  },
};

/** Documents of forty sections: headings, and paragraphs of prose below them; each section is one chunk. */
class Library {
  readonly documents: { document: string; sections: string[] }[] = [];
  readonly #headings: string[] = [];

  constructor(random: Random, chunks: number) {
    for (let made = 0; made < chunks; made += 40) {
      const sections = Array.from({ length: Math.min(40, chunks - made) }, () => {
        const heading = random.words(20);
        this.#headings.push(heading);
        return `## ${heading}\n\n${random.prose(420)}\n\n${random.prose(420)}`;
      });
      this.documents.push({ document: `document ${this.documents.length}.md`, sections });
    }
  }

  /** The documents in another order, each with another beginning. */
  changed(random: Random): DocumentInput[] {
    return random.shuffled(this.documents).map(({ document, sections }) => ({
      document,
      text: `# ${random.words(20)}\n\n${sections.join("\n\n")}`,
    }));
  }

  /** A question about one of the sections. */
  question(random: Random): string {
    const [first, second] = random.pick(this.#headings).split(" ");
    return `What does the ${first} have to do with the ${
      second ?? random.word()
    } of ${random.word()}?`;
  }
}

function indexing(context: Context, chunks: number): Group {
  let library: Library | undefined;
  let documents: DocumentInput[] = [];
  const index = async (knowledge: Knowledge): Promise<number> => {
    using opened = knowledge;
    return (await opened.add(documents)).chunks;
  };
  const writable = ["read", "write"].every((name) =>
    context.may({ name: name as "read" | "write", path: FOLDER })
  );
  if (!writable) {
    context.leaveOut("stores in files (needs --allow-read --allow-write=target/bench)");
  }
  return {
    operation: INDEX,
    size: chunks,
    unit: "chunks",
    slow: true,
    rows: [
      { name: "in memory", role: "other", once: async () => await index(openKnowledge()) },
      ...(writable
        ? [{ name: FILE, role: "other", once: async () => await indexFile(index) } as const]
        : []),
      {
        name: "the bare FTS5 table of node:sqlite, in memory",
        role: "reference",
        once(): number {
          using database = new DatabaseSync(":memory:");
          database.exec("CREATE VIRTUAL TABLE chunks USING fts5(body); BEGIN");
          const insert = database.prepare("INSERT INTO chunks(body) VALUES (?)");
          for (const { sections } of library!.documents) {
            for (const section of sections) insert.run(section);
          }
          database.exec("COMMIT");
          return chunks;
        },
      },
    ],
    prepare(random): void {
      library ??= new Library(random, chunks);
      documents = library.changed(random);
    },
  };
}

async function indexFile(index: (knowledge: Knowledge) => Promise<number>): Promise<number> {
  Deno.mkdirSync(FOLDER, { recursive: true });
  const path = Deno.makeTempFileSync({ dir: FOLDER, suffix: ".knowledge" });
  Deno.removeSync(path);
  const done = await index(openKnowledge({ path }));
  for (const ending of ["", "-wal", "-shm"]) {
    try {
      Deno.removeSync(path + ending);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return done;
}

function asking(chunks: number): Group {
  let library: Library | undefined;
  let question = "";
  let known = "";
  const knowledge = openKnowledge();
  const agent = createAgent({ knowledge, cache: false });
  const cached = createAgent({ knowledge });
  const ask = async (one: Agent, text: string): Promise<number> =>
    (await one.ask(text)).answer.length;
  return {
    operation: ASK,
    size: chunks,
    unit: "chunks",
    fresh: true,
    rows: [
      { name: "ask", role: "other", once: async () => await ask(agent, question) },
      { name: "ask, answered before", role: "other", once: async () => await ask(cached, known) },
      {
        name: "search, 10 results",
        role: "other",
        once: () => knowledge.searchText(question).length,
      },
    ],
    async prepare(random): Promise<void> {
      if (library === undefined) {
        library = new Library(random, chunks);
        await knowledge.add(library.changed(random));
        known = library.question(random);
        await cached.ask(known);
      }
      question = library.question(random);
    },
    async finish(): Promise<void> {
      await agent[Symbol.asyncDispose]();
      await cached[Symbol.asyncDispose]();
      knowledge.close();
    },
  };
}

function nearest(context: Context): Group {
  let rows = new Int8Array(0);
  let vector = new Int8Array(DIMENSIONS);
  let lists: { native?: VectorList; pure?: VectorList } = {};
  const find = (twin: "native" | "pure") => () => lists[twin]!.nearest(vector, 10).rows[9]!;
  const twins = (["native", "pure"] as const).filter((twin) => context.twins.includes(twin));
  return {
    operation: NEAREST,
    size: MANY,
    unit: "vectors of 256 numbers of 8 bits",
    slow: true,
    rows: [
      ...twins.map((twin) => ({ name: twin, role: twin, once: find(twin) })),
      { name: "a plain loop", role: "reference", once: () => plainLoop(rows, vector, 10)[9]! },
    ],
    prepare(random): void {
      if (rows.length === 0) {
        rows = new Int8Array(random.bytes(MANY * DIMENSIONS).buffer);
        lists = {
          pure: new PureVectorList(DIMENSIONS, MANY),
          ...(twins.includes("native") && { native: new NativeVectorList(DIMENSIONS, MANY) }),
        };
        for (const list of Object.values(lists)) list.append(rows);
      }
      vector = new Int8Array(random.bytes(DIMENSIONS).buffer);
    },
    finish(): void {
      for (const list of Object.values(lists)) list[Symbol.dispose]();
    },
  };
}

/** What anybody would write: the rows of the largest products, best first. */
function plainLoop(rows: Int8Array, vector: Int8Array, most: number): number[] {
  const best: { row: number; product: number }[] = [];
  for (let row = 0; row < rows.length / vector.length; row++) {
    let product = 0;
    for (let i = 0; i < vector.length; i++) product += rows[row * vector.length + i]! * vector[i]!;
    if (best.length === most && product <= best[most - 1]!.product) continue;
    best.push({ row, product });
    best.sort((a, b) => b.product - a.product || a.row - b.row);
    best.length = Math.min(best.length, most);
  }
  return best.map(({ row }) => row);
}

function embedding(context: Context): Group {
  const passages = 256;
  let texts: string[] = [];
  let embedder: DefaultEmbedder | undefined;
  let native: NativeTable | undefined;
  const group: Group = {
    operation: EMBED,
    size: passages,
    unit: "passages",
    fresh: true,
    rows: [{
      name: "pure",
      role: "pure",
      once(): number {
        let sum = 0;
        for (const text of texts) sum += quantised(Float32Array.from(embedder!.sum(text)))[0]!;
        return sum;
      },
    }],
    async prepare(random): Promise<void> {
      embedder ??= await DefaultEmbedder.load();
      if (context.twins.includes("native")) native ??= new NativeTable(embedder.file);
      texts = Array.from({ length: passages }, () => random.prose(800));
    },
    finish(): void {
      native?.close();
    },
  };
  if (context.twins.includes("native")) {
    group.rows.unshift({
      name: "native",
      role: "native",
      once: async () => (await native!.rows(texts.map(plainWords), undefined))[0]!,
    });
  }
  return group;
}

await register(area, import.meta.url);
