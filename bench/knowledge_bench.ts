/**
 * The knowledge store and the agent: indexing 20,000 chunks, searching them, and asking about them.
 */

import { DatabaseSync } from "node:sqlite";
import { createAgent } from "../src/agent/mod.ts";
import type { Agent } from "../src/agent/types.ts";
import { openKnowledge } from "../src/knowledge/mod.ts";
import { chunksOf } from "../src/knowledge/chunk.ts";
import type { DocumentInput, Knowledge } from "../src/knowledge/types.ts";
import { atMost, type Bar, type Context, type Figures } from "./area.ts";
import type { Group } from "./harness.ts";
import { ROOT } from "./programs.ts";
import type { Random } from "./random.ts";

const CHUNKS = 20_000;
const INDEX = "index documents";
const ASK = "ask, a new question each time";
const FILE = "in a file";

/** The groups. */
export function groups({ quick }: Context): Group[] {
  const chunks = quick ? CHUNKS / 10 : CHUNKS;
  return [indexing(chunks), asking(chunks)];
}

/** Documents of forty chunks or so: headings, and paragraphs of prose below them. */
class Library {
  readonly documents: DocumentInput[] = [];
  readonly chunks: number;
  #headings: string[] = [];

  constructor(random: Random, chunks: number) {
    let made = 0;
    while (made < chunks) {
      const sections: string[] = [`# ${random.words(30)}`];
      const count = Math.min(40, chunks - made);
      for (let section = 0; section < count; section++) {
        const heading = random.words(20);
        this.#headings.push(heading);
        sections.push(`## ${heading}\n\n${random.prose(420)}\n\n${random.prose(420)}`);
      }
      const text = sections.join("\n\n");
      made += chunksOf(text, "markdown").length;
      this.documents.push({ document: `document ${this.documents.length}.md`, text });
    }
    this.chunks = made;
  }

  /** The documents in another order, each with another beginning. */
  changed(random: Random): DocumentInput[] {
    return random.shuffled(this.documents).map(({ document, text }) => ({
      document,
      text: `# ${random.words(20)}${text.slice(text.indexOf("\n"))}`,
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

function indexing(chunks: number): Group {
  let library: Library | undefined;
  let documents: DocumentInput[] = [];
  let pieces: string[] = [];
  const folder = `${ROOT}target/bench`;
  const index = async (knowledge: Knowledge): Promise<number> => {
    using opened = knowledge;
    return (await opened.add(documents)).chunks;
  };
  return {
    operation: INDEX,
    size: chunks,
    unit: "chunks",
    maxCalls: 1,
    maxRounds: 15,
    rows: [
      {
        name: "in memory",
        role: "other",
        run: () => index(openKnowledge()),
      },
      {
        name: FILE,
        role: "other",
        async run(): Promise<number> {
          const path = Deno.makeTempFileSync({ dir: folder, suffix: ".knowledge" });
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
        },
      },
      {
        name: "the bare FTS5 table of node:sqlite, the same chunks, in memory",
        role: "reference",
        run(): number {
          using database = new DatabaseSync(":memory:");
          database.exec("CREATE VIRTUAL TABLE chunks USING fts5(body); BEGIN");
          const insert = database.prepare("INSERT INTO chunks(body) VALUES (?)");
          for (const piece of pieces) insert.run(piece);
          database.exec("COMMIT");
          return pieces.length;
        },
      },
    ],
    prepare(random): void {
      Deno.mkdirSync(folder, { recursive: true });
      library ??= new Library(random, chunks);
      documents = library.changed(random);
      pieces = documents.flatMap(({ text }) =>
        chunksOf(text, "markdown").map(({ start, end }) => text.slice(start, end))
      );
    },
  };
}

function asking(chunks: number): Group {
  let library: Library | undefined;
  let question = "";
  let known = "";
  const knowledge = openKnowledge();
  const agent = createAgent({ knowledge, cache: false });
  const cached = createAgent({ knowledge });
  const ask = (one: Agent, text: () => string) => async (calls: number): Promise<number> => {
    let sum = 0;
    for (let i = 0; i < calls; i++) sum += (await one.ask(text())).answer.length;
    return sum;
  };
  return {
    operation: ASK,
    size: chunks,
    unit: "chunks",
    maxCalls: 1,
    rows: [
      { name: "ask", role: "other", run: ask(agent, () => question) },
      { name: "ask, answered before", role: "other", run: ask(cached, () => known) },
      {
        name: "search, 10 results",
        role: "other",
        run(calls): number {
          let sum = 0;
          for (let i = 0; i < calls; i++) sum += knowledge.search(question).length;
          return sum;
        },
      },
    ],
    async prepare(random): Promise<void> {
      if (library === undefined) {
        library = new Library(random, chunks);
        await knowledge.add(library.documents);
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

/** What was promised. */
export function bars(figures: Figures): Bar[] {
  const seconds = figures.row(INDEX, CHUNKS, FILE)?.median;
  const ask = figures.row(ASK, CHUNKS, "ask")?.median;
  return [
    atMost(
      "20,000 chunks indexed in under 3 s (in a file)",
      seconds === undefined ? undefined : seconds / 1e9,
      3,
      "s",
    ),
    atMost(
      "ask over them: p50 under 15 ms after start",
      ask === undefined ? undefined : ask / 1e6,
      15,
      "ms",
    ),
  ];
}
