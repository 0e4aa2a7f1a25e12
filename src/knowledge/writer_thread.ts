/**
 * The Worker that owns the writing while a folder is indexed: SQLite's part of the work is a third of all, and runs beside
 * reading and converting. It has a connection of its own to the same file, and writes portion after portion, each in one
 * transaction.
 *
 * It may do what the program may, and needs nothing but the permissions of the data file: its program is a text and no
 * file. Where it cannot begin, who asked writes by itself.
 *
 * @module
 */
import type { Worker } from "node:worker_threads";
import { nodeWorkerThreads } from "../shared/builtin.ts";
import type { AddReport } from "./types.ts";
import {
  type DocumentEntry,
  type DocumentVectors,
  type FromWriter,
  type ToWriter,
  type UnreadFile,
  writerProgram,
} from "./writing.ts";

/** A failure in the Worker, as {@linkcode Error} with SQLite's code: to be translated like one of this thread. */
class WriterFailure extends Error {
  readonly code: string | undefined;

  constructor(name: string, message: string, code: string | undefined) {
    super(message);
    this.name = name;
    this.code = code;
  }
}

/** Two portions are there at most; the largest, of letters that become three each, takes a quarter of this. */
const HEAP_MIB = 256;
/** What it is told is written and forgotten; without a bound the engine lets 60 MiB of it lie about. */
const YOUNG_MIB = 12;

/** One Worker on one data file. Owns it; `end()` it. */
export class WriterThread {
  /** Whether it can write; false where it may not be made or the file is not to be had. */
  readonly ready: Promise<boolean>;
  readonly #worker: Worker;
  #waiting: PromiseWithResolvers<FromWriter> | undefined;
  #failure: Error | undefined;
  /** Whether it ended by itself, as one does that has no memory left. */
  #isLost = false;

  private constructor(worker: Worker, open: Extract<ToWriter, { do: "open" }>) {
    this.#worker = worker;
    worker.on("message", (answer: FromWriter) => {
      if (answer.did !== "fail") return this.#waiting?.resolve(answer);
      this.#fail(new WriterFailure(answer.name, answer.message, answer.code));
    });
    worker.on("error", ({ message }: Error) => this.#lose(message));
    worker.on("exit", () => this.#lose("nobody told it to"));
    this.ready = this.#ask(open).then(() => true, () => false);
  }

  /** Begins one for a data file; undefined where no Worker may be made. */
  static begin(open: Extract<ToWriter, { do: "open" }>): WriterThread | undefined {
    try {
      const worker = new (nodeWorkerThreads().Worker)(writerProgram(), {
        eval: true,
        env: {},
        argv: [],
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
      });
      return new WriterThread(worker, open);
    } catch {
      return undefined;
    }
  }

  /** Tells it a document of the next portion. */
  document(entry: DocumentEntry): void {
    this.#tell({ do: "document", entry });
  }

  /** Tells it the vectors of documents of the next portion, from one of them on; takes their memory. */
  vectors(from: number, vectors: readonly DocumentVectors[]): void {
    this.#tell({ do: "vectors", from, vectors }, vectors.map(({ data }) => data.buffer));
  }

  /** Has it write the portion; one at a time. Rejects with what failed: nothing of the portion is kept then. */
  async commit(unread: readonly UnreadFile[]): Promise<Omit<AddReport, "revision">> {
    const answer = await this.#ask({ do: "commit", unread });
    if (answer.did !== "commit") throw new Error("The thread that writes answered something else");
    return answer.report;
  }

  /** Ends it once it has let go of the file; a portion that it writes is finished before. */
  async end(): Promise<void> {
    await this.#waiting?.promise.catch(() => {});
    if (!this.#isLost) {
      this.#failure = undefined;
      await this.#ask({ do: "end" }).catch(() => {});
    }
    await this.#worker.terminate();
  }

  #tell(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  async #ask(message: ToWriter): Promise<FromWriter> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting = Promise.withResolvers();
    this.#tell(message);
    try {
      return await this.#waiting.promise;
    } finally {
      this.#waiting = undefined;
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#waiting?.reject(error);
  }

  #lose(why: string): void {
    this.#isLost = true;
    this.#fail(new Error(`The thread that writes to the store ended: ${why}; call again.`));
  }
}
