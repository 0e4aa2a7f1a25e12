/** A source that says what a test wants, and a clock that a test turns. */

import type { Clock, Timer } from "../../src/monitor/clock.ts";
import { SourceMonitor } from "../../src/monitor/monitor.ts";
import { checkMonitorOptions } from "../../src/monitor/options.ts";
import type { Counters } from "../../src/monitor/source/counters.ts";
import type { Figures, Reading, Source } from "../../src/monitor/source/types.ts";
import type { MonitorOptions } from "../../src/monitor/monitor_types.ts";
import type { Snapshot } from "../../src/monitor/types.ts";

/** Figures of a machine that is told nothing about, but for some. */
export function figuresWith(some: Partial<Figures> = {}): Figures {
  return {
    at: "2026-01-01T00:00:00.000Z",
    windowMs: 1_000,
    implementation: "pure",
    uptimeSeconds: null,
    cpu: {
      busy: null,
      shares: null,
      cores: null,
      count: 2,
      contextSwitches: null,
      interrupts: null,
    },
    load: null,
    pressure: null,
    memory: null,
    swap: null,
    disks: null,
    filesystems: null,
    networks: null,
    processes: null,
    limits: null,
    temperatures: null,
    self: { pid: 1, cpu: null, rss: 1, heapUsed: 1, heapTotal: 1, monitorCpu: null },
    unavailable: {},
    ...some,
  };
}

/** A whole snapshot of such figures. */
export function snapshotWith(some: Partial<Snapshot> = {}): Snapshot {
  return { ...figuresWith(), missed: 0, operations: {}, runtime: {}, ...some };
}

/** Totals of which nothing is known. */
export const NO_COUNTERS: Counters = {
  cpu: null,
  contextSwitches: null,
  interrupts: null,
  forks: null,
  bootTimeSeconds: null,
  pressure: null,
  pagesSwappedIn: null,
  pagesSwappedOut: null,
  disks: null,
  networks: null,
  limits: null,
  selfCpuSeconds: null,
};

/** A process; `name` and what else matters is given. */
export function processWith(
  some: Partial<NonNullable<Figures["processes"]>["list"][number]>,
): NonNullable<Figures["processes"]>["list"][number] {
  return {
    pid: 1,
    parent: 0,
    name: "init",
    state: "S",
    uid: 0,
    cpu: 0,
    cpuSeconds: 0,
    rss: 0,
    virtual: 0,
    threads: 1,
    descriptors: 3,
    readBytes: 0,
    writtenBytes: 0,
    startedAt: 0,
    ...some,
  };
}

/** The processes of a list. */
export function processesWith(
  list: NonNullable<Figures["processes"]>["list"],
): NonNullable<Figures["processes"]> {
  return { count: list.length, running: 0, blocked: 0, threads: 0, created: 0, list };
}

/** A source whose readings a test makes. */
export class ScriptedSource implements Source {
  readonly implementation = "pure";
  /** Readings that were begun, and how many of them were under way at once at most. */
  reads = 0;
  most = 0;
  closed = 0;
  /** What figures are made of; may be changed at any time. */
  figures: Partial<Figures> = {};
  counted: Partial<Counters> = {};
  /** What a reading waits for, if anything; may reject. */
  wait: (() => Promise<void>) | undefined;
  readonly #clock: Clock;
  #underWay = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(): Promise<Reading> {
    this.reads++;
    this.most = Math.max(this.most, ++this.#underWay);
    const time = this.#clock.now();
    try {
      await this.wait?.();
    } finally {
      this.#underWay--;
    }
    return { time };
  }

  derive(before: Reading | null, now: Reading): Figures {
    return figuresWith({
      at: new Date(now.time).toISOString(),
      windowMs: before === null ? null : now.time - before.time,
      ...this.figures,
    });
  }

  counters(): Counters {
    return { ...NO_COUNTERS, ...this.counted };
  }

  close(): void {
    this.closed++;
  }
}

interface Pending {
  readonly at: number;
  readonly call: () => void;
  isHeld: boolean;
}

/** A clock that stands until it is turned. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #pending = new Set<Pending>();

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): Timer {
    const pending: Pending = { at: this.#now + ms, call, isHeld: false };
    this.#pending.add(pending);
    return {
      hold: (isHeld) => pending.isHeld = isHeld,
      cancel: () => this.#pending.delete(pending),
    };
  }

  /** Timers that are out, and those of them that keep the program alive. */
  get timers(): number {
    return this.#pending.size;
  }
  get held(): number {
    return [...this.#pending].filter(({ isHeld }) => isHeld).length;
  }

  /** Lets everything that is due happen, up to so much later. */
  async turn(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#pending].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
      await settled();
    }
    this.#now = end;
  }

  /** Lets time pass in which nothing can happen, as when the program was held up. */
  jump(ms: number): void {
    this.#now += ms;
  }
}

/** Lets all promises that are settled have their say. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A monitor over a scripted source. */
export function scripted(
  options: MonitorOptions = {},
): { clock: ManualClock; source: ScriptedSource; monitor: SourceMonitor } {
  const clock = new ManualClock();
  const source = new ScriptedSource(clock);
  const monitor = new SourceMonitor({ source, options: checkMonitorOptions(options), clock });
  return { clock, source, monitor };
}
