/**
 * What tests of sources run as programs of their own: with certain permissions, as another user, in a control group, in
 * name spaces. The first argument says what to do, the second by which twin; the result is JSON on stdout.
 */

import process from "node:process";
import { openSource } from "../../../src/monitor/source/mod.ts";
import type { Figures, Source } from "../../../src/monitor/source/types.ts";
import type { ProcessFigures } from "../../../src/monitor/types.ts";

const MEBIBYTE = 2 ** 20;

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The result of this program, or of a step of it. */
function say(text: number | string): void {
  // deno-lint-ignore no-console -- what it is run for
  console.log(text);
}

/** Spends CPU time of this process. */
function burn(seconds: number): void {
  const began = process.cpuUsage();
  let spent = began;
  while ((spent.user + spent.system - began.user - began.system) / 1e6 < seconds) {
    for (let i = 0; i < 1e5; i++) Math.sqrt(i);
    spent = process.cpuUsage();
  }
}

/** A load: a child that does something at a word and says what it did by its own count. */
class Load {
  readonly child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #rest = "";

  constructor(...args: string[]) {
    this.child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "-A", import.meta.filename!, ...args],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = this.child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#writer = this.child.stdin.getWriter();
  }

  /** The next number that it says. */
  async next(): Promise<number> {
    while (!this.#rest.includes("\n")) {
      const { value, done } = await this.#lines.read();
      if (done) throw new Error("the load ended");
      this.#rest += value;
    }
    const [line] = this.#rest.split("\n", 1);
    this.#rest = this.#rest.slice(line!.length + 1);
    return Number(line);
  }

  /** Lets it go on. */
  async go(): Promise<void> {
    await this.#writer.write(new Uint8Array([10]));
  }

  async end(): Promise<void> {
    await this.#writer.close();
    while (!(await this.#lines.read()).done);
    await this.child.status;
  }
}

/** The other side: does each step at a word, and says a number before the first and after each. */
async function steps(
  before: () => number,
  after: (() => Promise<number> | number)[],
): Promise<void> {
  const word = new Uint8Array(1);
  say(before());
  for (const step of after) {
    if (await Deno.stdin.read(word) === null) return;
    say(await step());
  }
  while (await Deno.stdin.read(word) !== null);
}

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function countIn(folder: string): number {
  return [...Deno.readDirSync(folder)].length;
}

/** What a load counted, and what the figures say. */
interface Compared {
  own: number;
  seen: number;
}

/** Runs a load between two readings. */
async function compare(
  source: Source,
  load: Load,
  see: (figures: Figures, process: ProcessFigures, before: ProcessFigures) => number,
): Promise<Compared> {
  const of = (figures: Figures): ProcessFigures =>
    figures.processes!.list.find(({ pid }) => pid === load.child.pid)!;
  const before = await load.next();
  const first = await source.read();
  await load.go();
  const own = await load.next() - before;
  const figures = source.derive(first, await source.read());
  const seen = see(figures, of(figures), of(source.derive(null, first)));
  await load.end();
  return { own, seen };
}

async function accuracy(source: Source, folder: string): Promise<unknown> {
  const seconds = ({ windowMs }: Figures): number => windowMs! / 1000;
  const load = (kind: string, ...args: string[]): Load => new Load(`load-${kind}`, ...args);
  const disk = new Load("load-disk", folder);
  return {
    cpu: await compare(source, load("cpu"), (all, { cpu }) => cpu! * seconds(all)),
    disk: await compare(source, disk, (all, own) => own.writtenBytes! * seconds(all)),
    sent: await compare(
      source,
      load("net"),
      (all) => all.networks!.find(({ name }) => name === "lo")!.sentBytes! * seconds(all),
    ),
    threads: await compare(source, load("threads"), (_, now, then) => now.threads - then.threads),
    descriptors: await compare(
      source,
      load("descriptors"),
      (_, now, then) => now.descriptors! - then.descriptors!,
    ),
  };
}

/** Many readings, while processes come and go. */
async function soak(source: Source, count: number): Promise<unknown> {
  const churn = new Deno.Command("/bin/sh", {
    args: ["-c", "while :; do /bin/true; done"],
    stdin: "null",
  }).spawn();
  const held = (): { descriptors: number; rss: number } => ({
    descriptors: countIn("/proc/self/fd"),
    rss: Deno.memoryUsage().rss,
  });
  let figures: Figures | undefined;
  try {
    let before = await source.read();
    const read = async (): Promise<void> => {
      const now = await source.read();
      figures = source.derive(before, now);
      before = now;
    };
    for (let i = 0; i < count / 10; i++) await read();
    const first = held();
    for (let i = 0; i < count; i++) await read();
    return { first, last: held(), processes: figures!.processes!.count };
  } finally {
    churn.kill("SIGKILL");
    await churn.status;
  }
}

/**
 * What others do to a process that does nothing itself: its parent ends, and it is stopped. A source that has long
 * known it must say the same as one that has never seen it.
 */
async function idlers(source: Source): Promise<unknown> {
  const script = "/bin/sleep 600 & echo $!; exec /bin/sleep 600";
  const parent = new Deno.Command("/bin/sh", { args: ["-c", script], stdout: "piped" }).spawn();
  const output = parent.stdout.getReader();
  const child = Number(new TextDecoder().decode((await output.read()).value));
  const of = async (source: Source): Promise<ProcessFigures | undefined> => {
    const figures = source.derive(null, await source.read());
    return figures.processes!.list.find(({ pid }) => pid === child);
  };
  const fresh = async (): Promise<ProcessFigures | undefined> => {
    const fresh = openSource({ implementation: twin });
    try {
      return await of(fresh);
    } finally {
      fresh.close();
    }
  };
  const seen: unknown[] = [];
  const look = async (): Promise<void> => {
    await delay(50);
    seen.push([await of(source), await fresh()]);
  };
  for (let i = 0; i < 3; i++) await look();
  parent.kill("SIGKILL");
  await parent.status;
  await look();
  Deno.kill(child, "SIGSTOP");
  await look();
  Deno.kill(child, "SIGCONT");
  await look();
  Deno.kill(child, "SIGKILL");
  await output.cancel();
  await delay(50);
  return { parent: parent.pid, seen, gone: await of(source) };
}

const [what, twin, ...rest] = Deno.args as [string, "native" | "pure" | "auto", ...string[]];

async function main(): Promise<unknown> {
  switch (what) {
    case "load-cpu":
      return await steps(ownSeconds, [() => {
        burn(2.5);
        return ownSeconds();
      }]);
    case "load-disk":
      return await steps(() => 0, [() => {
        using file = Deno.openSync(`${twin}/load`, { create: true, write: true });
        const block = new Uint8Array(MEBIBYTE).fill(7);
        let written = 0;
        for (let i = 0; i < 48; i++) {
          written += file.writeSync(block);
          if (i % 8 === 7) file.syncSync();
        }
        return written;
      }]);
    case "load-net":
      return await steps(() => 0, [async () => {
        using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
        const [sender, receiver] = await Promise.all([
          Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
          listener.accept(),
        ]);
        const drained = receiver.readable.pipeTo(new WritableStream());
        const block = new Uint8Array(MEBIBYTE);
        let sent = 0;
        for (let i = 0; i < 64; i++) {
          for (let at = 0; at < block.length;) at += await sender.write(block.subarray(at));
          sent += block.length;
        }
        sender.close();
        await drained;
        return sent;
      }]);
    case "load-threads": {
      const workers: Worker[] = [];
      return await steps(() => countIn("/proc/self/task"), [async () => {
        const code = `postMessage(1); setInterval(() => {}, 1e6);`;
        for (let i = 0; i < 8; i++) {
          const worker = new Worker(`data:text/javascript,${code}`, { type: "module" });
          workers.push(worker);
          await new Promise((resolve) => worker.onmessage = resolve);
        }
        return countIn("/proc/self/task");
      }]).finally(() => workers.forEach((worker) => worker.terminate()));
    }
    case "load-descriptors": {
      const files: Deno.FsFile[] = [];
      return await steps(() => 0, [() => {
        for (let i = 0; i < 150; i++) files.push(Deno.openSync("/dev/null"));
        return files.length;
      }]);
    }
  }
  const source = openSource({
    implementation: twin,
  });
  try {
    if (what === "accuracy") return await accuracy(source, rest[0]!);
    if (what === "soak") return await soak(source, Number(rest[0]));
    if (what === "idlers") return await idlers(source);
    const before = await source.read();
    if (what === "limited") burn(0.1);
    await delay(150);
    return source.derive(before, await source.read());
  } finally {
    source.close();
  }
}

const result = await main();
if (result !== undefined) say(JSON.stringify(result));
