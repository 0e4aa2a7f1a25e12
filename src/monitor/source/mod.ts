/**
 * Where the monitor's figures come from. A twin reads the kernel's own files; what they mean is decided in `derive/`, once for both.
 *
 * Host figures need `--allow-sys` natively, processes and what is mounted `--allow-read` as well, both as a whole. The pure twin needs
 * `--allow-all` for them, since Deno lets no other program read `/proc`; without, it gives what Deno itself tells. Nothing here prompts.
 *
 * @module
 */

import { checkImplementation, checkWord } from "../../shared/arguments.ts";
import { closedError } from "../../shared/closed.ts";
import { type Access, nativeAccess, pureAccess } from "./access.ts";
import { chooseTwin } from "./choose.ts";
import { Collector } from "./collect.ts";
import { countersOf, figuresOf } from "./figures.ts";
import { type AskSpace, Filesystems } from "./filesystems.ts";
import { NativeReader } from "./native.ts";
import { readPortable } from "./portable.ts";
import { PureReader } from "./pure/mod.ts";
import { type Part, PARTS, type Sample } from "./sample.ts";
import type { Figures, Reading, Source, SourceOptions } from "./types.ts";
import type { Counters } from "./counters.ts";

/** Where a source reads. Tests have folders of the same form. */
export interface Place {
  /** Empty for the machine, or a folder that holds `proc` and `sys`, which permission to read files is enough for. */
  readonly root?: string;
  /** Milliseconds by a clock that is never set, for both twins; by default each reads the system's. */
  readonly clock?: () => number;
  /** How the space of a file system is asked for. */
  readonly askSpace?: AskSpace;
}

/**
 * Opens a source.
 *
 * @param options Which twin, and which parts.
 * @param place Where it reads; the machine if left out.
 * @returns The source.
 * @throws {TypeError} If the options are none.
 * @throws {AgentError} `NATIVE_REQUIRED` if native was asked for and the library cannot be used.
 */
export function openSource(options: SourceOptions = {}, place: Place = {}): Source {
  checkImplementation(options.implementation, "options.implementation");
  const wanted = new Set(options.include ?? PARTS);
  for (const part of wanted) checkWord(part, "options.include", PARTS);
  const twin = chooseTwin(options.implementation, place.root === undefined);
  return new TwinSource(twin, wanted, place);
}

class TwinSource implements Source {
  readonly implementation: "native" | "pure";
  readonly #wanted: ReadonlySet<Part>;
  readonly #place: Place;
  readonly #filesystems: Filesystems;
  #collector: Collector | undefined;
  #isClosed = false;
  #spentMs = 0;

  constructor(implementation: "native" | "pure", wanted: ReadonlySet<Part>, place: Place) {
    this.implementation = implementation;
    this.#wanted = wanted;
    this.#place = place;
    this.#filesystems = new Filesystems(place.askSpace);
  }

  async read(): Promise<Reading> {
    if (this.#isClosed) throw closedError("source of figures");
    const access = this.#access();
    const unavailable: Record<string, string> = {};
    const at = new Date().toISOString();
    const { clock } = this.#place;
    const machine = access.machine === undefined
      ? await this.#collect(access, unavailable)
      : await this.#portable(access, unavailable);
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, heapTotal } = Deno.memoryUsage();
    const fixed = clock?.();
    const sample: Sample = {
      ...machine.machine,
      time: fixed ?? machine.time,
      processTime: fixed ?? machine.processTime,
      at,
      self: {
        pid: Deno.pid,
        rss,
        heapUsed,
        heapTotal,
        cpuSeconds: (user + system) / 1e6,
        spentMs: this.#spentMs,
      },
      unavailable,
    };
    return sample;
  }

  derive(before: Reading | null, now: Reading): Figures {
    const began = performance.now();
    const figures = figuresOf(
      before as Sample | null,
      now as Sample,
      this.#wanted,
      this.implementation,
    );
    this.#spentMs += performance.now() - began;
    return figures;
  }

  counters(now: Reading): Counters {
    return countersOf(now as Sample);
  }

  close(): void {
    this.#isClosed = true;
    this.#collector?.close();
    this.#collector = undefined;
  }

  #access(): Access {
    if (this.#place.root !== undefined) return { machine: undefined, others: undefined };
    return this.implementation === "native" ? nativeAccess() : pureAccess();
  }

  async #collect(access: Access, unavailable: Record<string, string>) {
    const root = this.#place.root ?? "";
    this.#collector ??= new Collector(
      this.implementation === "native" ? new NativeReader(root) : new PureReader(root),
      this.#filesystems,
    );
    const collected = await this.#collector.read(access, this.#wanted, unavailable);
    this.#spentMs += collected.cpuMs;
    return collected;
  }

  async #portable(access: Access, unavailable: Record<string, string>) {
    const time = performance.now();
    const machine = await readPortable(access, this.#wanted, this.#filesystems, unavailable);
    this.#spentMs += performance.now() - time;
    return { machine, time, processTime: time };
  }
}
