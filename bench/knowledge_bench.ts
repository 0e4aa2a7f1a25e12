/**
 * The knowledge store and the agent: indexing 20,000 chunks, searching them, and asking about them.
 */

import { DatabaseSync } from "node:sqlite";
import { type Agent, createAgent } from "@agent/runtime/agent";
import { type DocumentInput, type Knowledge, openKnowledge } from "@agent/runtime/knowledge";
import { type Area, atMost, type Context } from "./lib/area.ts";
import { type Group, ladder } from "./lib/group.ts";
import { ROOT } from "./lib/programs.ts";
import type { Random } from "./lib/random.ts";
import { register } from "./lib/register.ts";

const SMALL = 2_000;
const CHUNKS = 20_000;
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
      ...ladder(sizes, [SMALL], asking),
    ];
  },
  bars(figures) {
    const index = figures.milliseconds(INDEX, CHUNKS, FILE);
    return [
      atMost("Index 20,000 chunks in a file", index && index / 1000, 3, " s"),
      atMost("Ask over them, median", figures.milliseconds(ASK, CHUNKS, "ask"), 15, " ms"),
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

await register(area, import.meta.url);
