/** Folders for queue files, stores in them, jobs for them, and programs that use them. */

import assert from "assertions";
import { openFileStore } from "../../../src/queue/file/mod.ts";
import type { FileStoreOptions } from "../../../src/queue/file/mod.ts";
import { type Clock, systemClock } from "../../../src/queue/clock.ts";
import { idOf, nextSeq } from "../../../src/queue/ids.ts";
import type { NewJob, QueueStore, TakenJob } from "../../../src/queue/store.ts";
import { bareEnvironment, DENO } from "../../support/programs.ts";

const folders = new Map<string, string>();

/** The folder of a place, made at first. */
export function shared(place: string): string {
  let folder = folders.get(place);
  if (folder === undefined) {
    folders.set(place, folder = Deno.makeTempDirSync({ prefix: "agent-queue-" }));
  }
  return folder;
}

/** Removes the folder of a place. */
export function removeFolder(place: string): void {
  const folder = folders.get(place);
  if (folder === undefined) return;
  folders.delete(place);
  Deno.removeSync(folder, { recursive: true });
}

/** Opens a store. */
export function open(
  file: string,
  implementation: FileStoreOptions["implementation"],
  options: Partial<FileStoreOptions["queue"]> & Partial<FileStoreOptions> = {},
): QueueStore {
  return openFileStore({
    file,
    synchronous: options.synchronous ?? "normal",
    implementation,
    clock: options.clock ?? systemClock,
    queue: {
      name: options.name ?? "test",
      leaseMs: options.leaseMs ?? 30_000,
      doneMs: options.doneMs ?? 3_600_000,
      doneCount: options.doneCount ?? 1_000,
    },
  });
}

/** A job to be added. */
export function newJob(data: string, options: Partial<NewJob> = {}): NewJob {
  const seq = nextSeq();
  return {
    id: idOf(seq),
    seq,
    data,
    priority: 0,
    runAt: 0,
    retries: 0,
    backoffMs: 1_000,
    timeoutMs: 0,
    key: "",
    group: "",
    parent: "",
    children: 0,
    tolerant: false,
    repeat: "",
    live: undefined,
    ...options,
  };
}

/** Takes one job, which must be there. */
export async function takeOne(store: QueueStore): Promise<TakenJob> {
  const [job] = await store.take(1);
  assert.notEqual(job, undefined);
  return job!;
}

/** The machine's clock, set by so many milliseconds; its timers run as they do, and so does the steady one. */
export function steppedClock(): Clock & { offset: number } {
  return {
    offset: 0,
    now(): number {
      return Date.now() + this.offset;
    },
    after: systemClock.after,
  };
}

/** Starts a program of the tests with everything allowed; its output is piped. */
export function startProgram(name: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(DENO, {
    args: ["run", "-A", "--quiet", "--no-check", new URL(name, import.meta.url).pathname, ...args],
    env: bareEnvironment(),
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** The lines that a program writes. */
export async function* linesOf(program: Deno.ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const text of program.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** A Worker that does with a queue file what it is told. */
export class FileWorker implements Disposable {
  readonly #worker: Worker;

  /** Starts it, without native code where that is said. */
  constructor(permissions: "inherit" | "without ffi" = "inherit") {
    this.#worker = new Worker(new URL("worker.ts", import.meta.url), {
      type: "module",
      // @ts-ignore: Deno's own option, which is not stable and needs its flag elsewhere.
      ...(permissions === "inherit" ? {} : { deno: { permissions: { ...GRANTED, ffi: false } } }),
    });
  }

  /** Tells it something; its answer. */
  // deno-lint-ignore no-explicit-any
  ask(order: unknown): Promise<any> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data }) => resolve(data);
      this.#worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      this.#worker.postMessage(order);
    });
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}

const GRANTED = { read: true, write: true, env: true, net: false, run: false, sys: false };
