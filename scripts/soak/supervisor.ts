/**
 * Starts a process for each area, looks at all of them from outside at intervals, ends them and judges. What an area
 * says is of its own work; memory, descriptors and threads are the kernel's word.
 */

import type { AreaEntry } from "./areas.ts";
import { judge, type Verdict } from "./judge.ts";
import { type Answer, look, type Sample } from "./sample.ts";

/** How a soak is run. */
export interface SoakOptions {
  readonly areas: readonly AreaEntry[];
  readonly durationMs: number;
  readonly everyMs: number;
  readonly seed: number;
  /** Ends it early; it is judged as it is then. */
  readonly signal: AbortSignal;
  /** Is told how far all have come, after each look. */
  onLook(states: readonly AreaState[], elapsedMs: number): void;
}

/** Where an area stands. */
export interface AreaState {
  readonly name: string;
  readonly latest: Sample | undefined;
  readonly lost: number;
  readonly errors: number;
}

/** What came of an area. */
export interface AreaResult extends Verdict {
  readonly name: string;
  readonly about: string;
  /** Why it could not be done here. */
  readonly missing?: string;
  readonly twins: readonly string[];
  readonly minutes: number;
  readonly samples: number;
  readonly done: number;
  readonly lost: number;
  readonly errors: number;
  readonly words: readonly string[];
  /** The part of a processor that its own process took. */
  readonly processor: number;
}

/** How long an area may take to begin and to end: containers and drains among them. */
const PATIENCE_MS = 180_000;
/** How long a step may take; an area that is longer at it is not looked at this time. */
const STEP_MS = 60_000;
/** What is kept of an area's standard error. */
const KEPT_CHARACTERS = 4_000;

/**
 * Collections before each sample; and room for young objects that is what it is from the beginning: V8 doubles it in steps
 * when more is done at once, which is no leak and looks like one.
 */
const V8 = "--v8-flags=--expose-gc,--min-semi-space-size=8,--max-semi-space-size=8";
/** Where the areas have their folders. */
const FOLDERS = new URL("../../target/soak", import.meta.url).pathname;

type Figures = Extract<Answer, { type: "sample" | "end" }>;

/** Runs all areas and judges them. */
export async function soak(options: SoakOptions): Promise<AreaResult[]> {
  const running = await Promise.all(
    options.areas.map((area, at) => AreaProcess.start(area, options.seed + at)),
  );
  try {
    await Promise.all(running.map((one) => one.begun));
    const start = performance.now();
    let elapsed = 0;
    while (elapsed < options.durationMs && !options.signal.aborted) {
      await pause(Math.min(options.everyMs, options.durationMs - elapsed), options.signal);
      elapsed = performance.now() - start;
      await Promise.all(running.map((one) => one.sample()));
      options.onLook(running.map(({ state }) => state), elapsed);
    }
    await Promise.all(running.map((one) => one.end()));
    return running.map((one) => one.result());
  } finally {
    await Promise.all(running.map((one) => one.kill()));
  }
}

class AreaProcess {
  readonly #area: AreaEntry;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #samples: Sample[] = [];
  readonly #read: Promise<void>;
  readonly #begun = Promise.withResolvers<void>();
  /** Told by each answer. */
  #answered: () => void = () => {};
  #figures: Figures | undefined;
  #twins: readonly string[] = [];
  #missing: string | undefined;
  #readyAt = 0;
  #endAt = 0;
  #ended = false;
  #complaint = "";
  /** Whether it owes an answer. */
  #isAsked = false;
  alive = true;

  private constructor(area: AreaEntry, folder: string, child: Deno.ChildProcess) {
    this.#area = area;
    this.#folder = folder;
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#read = Promise.all([this.#answers(), this.#errors()]).then(() => {});
    void child.status.then(() => {
      this.alive = false;
      this.#begun.resolve();
      this.#answered();
    });
  }

  static async start(area: AreaEntry, seed: number): Promise<AreaProcess> {
    await Deno.mkdir(FOLDERS, { recursive: true });
    const folder = await Deno.makeTempDir({ dir: FOLDERS, prefix: `${area.name}-` });
    const program = new URL("process.ts", import.meta.url).pathname;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-prompt", "--no-check", V8],
        // Only so does the server tell a client that has gone from one that was answered.
        ...["--unstable-no-legacy-abort", ...area.allow],
        ...[program, area.module, folder, String(seed), String(area.share)],
      ],
      ...{ stdin: "piped", stdout: "piped", stderr: "piped" },
    }).spawn();
    return new AreaProcess(area, folder, child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it works, has said why it cannot, or is dead. */
  get begun(): Promise<void> {
    return within(this.#begun.promise, PATIENCE_MS);
  }

  get state(): AreaState {
    const { lost = 0, errors = 0 } = this.#figures ?? {};
    return { name: this.#area.name, latest: this.#samples.at(-1), lost, errors };
  }

  /** Asks it for its figures, and keeps them with what the kernel says meanwhile. */
  async sample(): Promise<void> {
    // One that did not answer the last time is not waited for again.
    if (!this.alive || this.#readyAt === 0 || this.#isAsked) return;
    this.#isAsked = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answered = resolve;
    const before = this.#figures;
    await this.#tell("sample");
    await within(promise, STEP_MS);
    const figures = this.#figures;
    const seen = figures === before ? undefined : await look(this.pid);
    await this.#tell("go");
    if (figures === undefined || seen === undefined) return;
    const { heap, handles, done } = figures;
    const atMs = performance.now() - this.#readyAt;
    this.#samples.push({ atMs, ...seen, heap, handles, done });
  }

  /** Tells it to finish, and waits for that. */
  async end(): Promise<void> {
    this.#endAt = performance.now();
    await this.#writer.close().catch(() => {});
    await within(this.#child.status, PATIENCE_MS);
    // An engine or a worker that it left behind holds its pipes; that is told, not waited for.
    await within(this.#read, 5_000);
  }

  async #tell(word: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${word}\n`)).catch(() => {});
  }

  async kill(): Promise<void> {
    if (this.alive) this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#writer.abort().catch(() => {});
    await Deno.remove(this.#folder, { recursive: true }).catch(() => {});
  }

  result(): AreaResult {
    const { name, about } = this.#area;
    const minutes = (this.#endAt - this.#readyAt) / 60_000;
    if (this.#missing !== undefined) {
      const none = { done: 0, lost: 0, errors: 0, words: [], samples: 0, twins: [], minutes: 0 };
      return {
        ...{ name, about, ...none, processor: 0, passed: true, reasons: [], figures: {} },
        missing: this.#missing,
      };
    }
    const { done = 0, lost = 0, errors = 0, words = [], cpuMs = 0 } = this.#figures ?? {};
    const told = this.#ended ? words : [...words, this.#complaint.trim()];
    const account = { done, lost, errors, words: told, ended: this.#ended };
    return {
      ...{ name, about, minutes, twins: this.#twins, samples: this.#samples.length, done, lost },
      ...{ errors, words: told, processor: cpuMs / 60_000 / minutes },
      ...judge(this.#samples, account),
    };
  }

  async #answers(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line) as Answer);
    }
  }

  #take(answer: Answer): void {
    switch (answer.type) {
      case "ready":
        this.#twins = answer.twins;
        this.#readyAt = performance.now();
        return this.#begun.resolve();
      case "missing":
        this.#missing = answer.why;
        return this.#begun.resolve();
      case "end":
      case "sample":
        this.#ended = answer.type === "end";
        this.#figures = answer;
        this.#isAsked = false;
        this.#answered();
    }
  }

  async #errors(): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.#complaint = (this.#complaint + text).slice(-KEPT_CHARACTERS);
    }
  }
}

/** Waits, at most so long: what hangs is told by its figures. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, over]);
  clearTimeout(timer);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  signal.addEventListener("abort", onAbort);
  if (!signal.aborted) await within(promise, ms);
  signal.removeEventListener("abort", onAbort);
}
