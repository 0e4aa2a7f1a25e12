/**
 * Files and processes in TypeScript; defines what the twin in `../native.ts` must do. Linux only.
 *
 * @module
 */

import { nodeFs } from "../../../shared/builtin.ts";
import { Pace } from "../../../shared/pace.ts";
import {
  COLUMNS,
  MISSING,
  type Missing,
  type RawProcesses,
  type RawSample,
  type RawText,
  type Reader,
} from "../raw.ts";
import { rowOf } from "./process.ts";
import { attempt, readFile, readNames } from "./read.ts";

/** What a folder is of that is the kernel's. */
const PROC_MAGIC = 0x9fa0;

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** The pure twin. */
export class PureReader implements Reader {
  readonly #root: string;

  /**
   * Makes one.
   *
   * @param root Empty for the machine, or a folder that holds `proc` and `sys`.
   */
  constructor(root: string) {
    this.#root = root;
  }

  /** See {@linkcode Reader}. */
  async sample(paths: readonly string[], most: number, processes: boolean): Promise<RawSample> {
    const time = performance.now();
    const texts = paths.map((path) => this.#text(path, most));
    const processTime = performance.now();
    const table = processes ? await readProcesses(this.#root) : { error: MISSING[1]! };
    // All of it runs on this thread, and hardly ever waits.
    return { time, processTime, cpuMs: performance.now() - time, texts, processes: table };
  }

  /** Nothing is kept open. */
  close(): void {}

  #text(path: string, most: number): RawText {
    const whole = this.#root + path;
    if (path.endsWith("/")) {
      const names = readNames(whole);
      return "value" in names ? names.value.map((name) => `${name}\n`).join("") : names;
    }
    const bytes = readFile(whole, most);
    return "value" in bytes ? DECODER.decode(bytes.value) : bytes;
  }
}

async function readProcesses(root: string): Promise<RawProcesses | { readonly error: Missing }> {
  const names = readNames(`${root}/proc`);
  if (!("value" in names)) return names;
  const pids = names.value.filter((name) => /^[1-9][0-9]{0,9}$/.test(name)).map(Number)
    .sort((one, other) => one - other);
  const tells = tellsDescriptors(`${root}/proc`);
  const rows: number[][] = [];
  const shown: string[] = [];
  const lost = { denied: 0, ended: 0, broken: 0 };
  const pace = new Pace({}, Infinity);
  for (const pid of pids) {
    if (pace.due()) await pace.giveWay(0);
    const row = rowOf(`${root}/proc/${pid}`, pid, tells);
    if (typeof row === "string") lost[row]++;
    else {
      rows.push(row.numbers);
      shown.push(row.name);
    }
  }
  const numbers = new Float64Array(COLUMNS * rows.length);
  for (let column = 0; column < COLUMNS; column++) {
    for (let i = 0; i < rows.length; i++) numbers[column * rows.length + i] = rows[i]![column]!;
  }
  return { count: rows.length, numbers, names: shown.join("\0"), listed: pids.length, ...lost };
}

/** Whether the size of a folder `fd` is the number of its entries, as of late Linux tells. */
function tellsDescriptors(proc: string): boolean {
  const own = attempt(() =>
    nodeFs().statfsSync(proc).type === PROC_MAGIC && Deno.statSync(`${proc}/self/fd`).size > 0
  );
  return "value" in own && own.value;
}
