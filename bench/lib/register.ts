/**
 * An area's groups as benches of Deno: how `deno bench` comes to what the harness measures too. Only groups that say so
 * are shown, and of them only rows whose calls Deno can time: none with a clock of their own or a share of the work.
 */

import type { Area } from "./area.ts";
import { contextOf } from "./context.ts";
import { type Group, isAsync, type Role, type Row, sizeOf } from "./group.ts";
import { instanceOf } from "./instance.ts";
import * as shared from "./loop.ts";
import { Random } from "./random.ts";

/** The most benches of one area: one takes some 0.7 seconds. */
export const MOST_ROWS = 80;

const SEED = 1;
/** Calls of a short operation before it counts: so many that one pause does not make it a long one. */
const WARMUP = 10_000;
/** The group whose inputs are in memory, of those that get them only when they are run. */
let held: Group | undefined;

/**
 * Registers the groups that `deno bench` shows. Does nothing where the area's file is not what is run, as in the harness,
 * which reads the groups and measures them itself.
 *
 * @param area The area.
 * @param file The URL of its file.
 */
export async function register(area: Area, file: string): Promise<void> {
  if (Deno.mainModule !== file) return;
  const { context, leftOut } = contextOf(false);
  const groups = new Map<Group, Prepared>();
  for (const { row, grouped, ...options } of benchesOf(area, await area.groups(context))) {
    const prepared = groups.get(grouped) ?? new Prepared(grouped);
    groups.set(grouped, prepared);
    Deno.bench({ ...options, ...await prepared.functionOf(row) });
  }
  if (leftOut.length > 0) {
    const line = `${area.name}: left out: ${leftOut.join("; ")}\n`;
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  }
}

type Call = (bench: Deno.BenchContext) => void | Promise<void>;

/** A bench before its function is made. */
export interface Bench {
  name: string;
  group: string;
  baseline: boolean;
  grouped: Group;
  row: Row;
}

/** What is written before the name of a row that is none of ours; `deno_json.ts` reads it again. */
export const LABELS: Readonly<Partial<Record<Role, string>>> = {
  peer: "peer ",
  reference: "yardstick ",
};

/** The benches of an area: `area: operation, size (row)`. */
export function benchesOf({ name }: Pick<Area, "name">, groups: readonly Group[]): Bench[] {
  return groups.filter(({ front }) => front).flatMap((grouped) => {
    const { operation, rows, per } = grouped;
    const times = per === undefined ? "" : ` (x ${per.toLocaleString("en-US")})`;
    const group = [`${name}: ${operation}`, sizeOf(grouped)].filter(Boolean).join(", ") + times;
    const first = ["peer", "reference", "pure"].map((role) =>
      rows.find((row) => row.role === role)
    );
    const baseline = first.find((row) => row !== undefined) ?? rows[0];
    return rows.filter((row) => !row.ownClock && !row.scale).map((row) => ({
      name: `${group} (${LABELS[row.role] ?? ""}${row.name})`,
      group,
      baseline: row === baseline,
      grouped,
      row,
    }));
  });
}

/** A group whose inputs are made early or late, and the functions that Deno.bench calls for its rows. */
class Prepared {
  readonly #group: Group;
  readonly #random = new Random(SEED);
  /**
   * Deno tells short operations from long ones by the mean of some twenty calls, the first one among them: what a
   * short one needs has to be there before.
   */
  readonly #early: boolean;
  #round = 0;

  constructor(group: Group) {
    this.#group = group;
    this.#early = !group.fresh && !group.slow && !isAsync(group.prepare);
    if (this.#early) this.#prepare();
  }

  async functionOf({ once }: Row): Promise<{ fn: Call; n?: number; warmup?: number }> {
    if (this.#early && !isAsync(once)) {
      const { stepper } = await instanceOf(shared, new URL("loop.ts", import.meta.url));
      const fn = stepper(once as (call: number) => number);
      return isShort(fn) ? { fn, warmup: WARMUP } : { fn };
    }
    const { fresh, slow } = this.#group;
    let calls = 0;
    const fn = async (bench: Deno.BenchContext): Promise<void> => {
      if (!this.#early && held !== this.#group) await this.#hold();
      if (!fresh) return void await once(calls++);
      await this.#prepare();
      bench.start();
      await once(calls++);
      bench.end();
    };
    return slow ? { fn, n: 5, warmup: 1 } : { fn };
  }

  #prepare(): void | Promise<void> {
    return this.#group.prepare?.(this.#random, this.#round++);
  }

  async #hold(): Promise<void> {
    await held?.finish?.();
    held = this.#group;
    await this.#prepare();
  }
}

/** Whether an operation takes less than ten microseconds: tries until it does, or for five milliseconds. */
function isShort(call: () => void): boolean {
  const end = performance.now() + 5;
  for (let start = 0; start < end;) {
    start = performance.now();
    call();
    if (performance.now() - start < 0.01) return true;
  }
  return false;
}
