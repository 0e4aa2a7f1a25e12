/**
 * The `agent top` command; what it does is in the folder `top/`, loaded when it is called.
 *
 * @module
 */

import type { Command } from "./command.ts";

/** The command. */
export const top: Command = {
  name: "top",
  summary: "Shows this machine live: CPU, memory, disks, network, processes",
  usage: "",
  options: {
    once: { help: "One look, written as text; so it is where there is no terminal" },
    interval: { value: "SECONDS", help: "How often it looks (1)" },
    sort: { value: "COLUMN", help: "cpu (default), memory, io, threads, descriptors, name, pid" },
    filter: { value: "TEXT", help: "Only processes with this in their name, or of this number" },
    alert: { value: "RULE", many: true, help: "Say when a figure is too much: cpu.busy>0.9:10" },
    ascii: { help: "Draw without block characters" },
    size: { value: "CxR", help: "Columns and rows of one look, as in 120x40" },
    samples: { value: "N", help: "Looks before the one that is written, for its charts (1)" },
    svg: { value: "FILE", help: "Write one look as a picture" },
  },
  positionals: [0, 0],
  details: "Keys: q quit, ? help, / search, <> sort, r turn the order, jk choose a process,\n" +
    "enter its details, space pause. With --json one snapshot is printed.\n" +
    "An alert is METRIC>NUMBER or METRIC<NUMBER, and :SECONDS for how long it must hold; a metric\n" +
    "is the path of a number in the snapshot, such as cpu.busy or pressure.io.some.avg10.",
  examples: [
    "scripts/agent top",
    "scripts/agent top --sort memory --filter deno",
    "scripts/agent top --alert 'cpu.busy>0.9:10' --alert 'memory.available<1e9'",
    "scripts/agent top --once --json",
    "scripts/agent top --svg top.svg --size 120x40 --samples 30",
  ],
  async run(call) {
    const { runTop } = await import("./top/command.ts");
    return await runTop(call);
  },
};
