/**
 * Families of our own: the program, its operations and parts, its control group, and the first of the machine's processes.
 *
 * @module
 */

import type { Look } from "../look.ts";
import { BUCKETS_MS } from "../operations.ts";
import { isGrowing, RUNTIME_HELP, RUNTIME_NUMBERS } from "../runtime_parts.ts";
import type { LimitFigures, ProcessFigures } from "../types.ts";
import type { Exposition } from "./text.ts";

/** Adds the operations that were told by `record()`. */
export function addOperations(out: Exposition, operations: Look["operations"]): void {
  out.family(
    "agent_operation_duration_seconds",
    "histogram",
    "How long operations of the program took.",
    (add) => {
      for (const [operation, { buckets, count, sumMs }] of operations) {
        let below = 0;
        for (const [i, bound] of BUCKETS_MS.entries()) {
          below += buckets[i]!;
          add({ operation, le: String(bound / 1_000) }, below, "_bucket");
        }
        add({ operation, le: "+Inf" }, count, "_bucket");
        add({ operation }, sumMs / 1_000, "_sum");
        add({ operation }, count, "_count");
      }
    },
  );
  out.family(
    "agent_operation_failures_total",
    "counter",
    "Operations of the program that failed.",
    (add) => {
      for (const [operation, { failed }] of operations) add({ operation }, failed);
    },
  );
}

/** Adds the runtime's own parts. */
export function addRuntime(out: Exposition, runtime: Look["runtime"]): void {
  const parts = Object.entries(runtime).map(([key, numbers]) => {
    const at = key.indexOf(":");
    const [kind, name] = at < 0 ? [key, ""] : [key.slice(0, at), key.slice(at + 1)];
    return { labels: { kind, name }, numbers };
  });
  for (const number of RUNTIME_NUMBERS) {
    const name = `agent_runtime_${number === "count" ? "parts" : snakeCase(number)}`;
    out.family(
      isGrowing(number) ? `${name}_total` : name,
      isGrowing(number) ? "counter" : "gauge",
      RUNTIME_HELP[number],
      (add) => {
        for (const { labels, numbers } of parts) add(labels, numbers[number]);
      },
    );
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const LIMITS: readonly [
  name: string,
  help: string,
  value: (limits: LimitFigures) => number | null,
][] = [
  ["cpus", "CPUs that the control group may use.", ({ cpus }) => cpus],
  ["memory_bytes", "Memory that the control group may use.", ({ memory }) => memory],
  ["memory_used_bytes", "Memory that the control group uses.", (limits) => limits.memoryUsed],
  ["pids", "Processes and threads that the control group may have.", ({ pids }) => pids],
  ["pids_used", "Processes and threads that the control group has.", ({ pidsUsed }) => pidsUsed],
];

/** Adds this process, its control group, and the processes that were chosen. */
export function addProgram(
  out: Exposition,
  { figures, counters }: Look,
  processes: readonly ProcessFigures[],
): void {
  const single = (
    name: string,
    type: "gauge" | "counter",
    help: string,
    value: number | null | undefined,
  ): void => out.family(name, type, help, (add) => add({}, value));
  const { self, limits } = figures;
  // The names that clients of Prometheus give to every process.
  single(
    "process_cpu_seconds_total",
    "counter",
    "CPU time of this process in seconds.",
    counters.selfCpuSeconds,
  );
  single(
    "process_resident_memory_bytes",
    "gauge",
    "Resident memory of this process in bytes.",
    self.rss,
  );
  single("agent_heap_used_bytes", "gauge", "Bytes of V8's heap that are used.", self.heapUsed);
  single("agent_heap_bytes", "gauge", "Bytes of V8's heap.", self.heapTotal);
  for (const [name, help, value] of LIMITS) {
    single(`agent_limit_${name}`, "gauge", help, limits === null ? null : value(limits));
  }
  const group = counters.limits;
  single(
    "agent_limit_cpu_seconds_total",
    "counter",
    "CPU time of the control group.",
    group?.cpuSeconds,
  );
  single("agent_limit_periods_total", "counter", "Periods of the CPU limit.", group?.periods);
  single(
    "agent_limit_throttled_periods_total",
    "counter",
    "Periods in which the CPU limit was reached.",
    group?.throttledPeriods,
  );
  single(
    "agent_limit_throttled_seconds_total",
    "counter",
    "Time for which the CPU limit held tasks up.",
    group?.throttledSeconds,
  );
  single(
    "agent_limit_oom_kills_total",
    "counter",
    "Processes killed for want of memory.",
    limits?.oomKills,
  );
  const each = (
    name: string,
    type: "gauge" | "counter",
    help: string,
    value: (process: ProcessFigures) => number | null,
  ): void =>
    out.family(`agent_process_${name}`, type, help, (add) => {
      for (const process of processes) {
        add({ pid: process.pid, name: process.name }, value(process));
      }
    });
  each("cpu_seconds_total", "counter", "CPU time of a process.", ({ cpuSeconds }) => cpuSeconds);
  each("resident_memory_bytes", "gauge", "Resident memory of a process.", ({ rss }) => rss);
  each("virtual_memory_bytes", "gauge", "Virtual memory of a process.", (p) => p.virtual);
  each("threads", "gauge", "Threads of a process.", ({ threads }) => threads);
  each("open_fds", "gauge", "Open descriptors of a process.", ({ descriptors }) => descriptors);
}
