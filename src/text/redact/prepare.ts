/**
 * Options prepared once and used often: compiled plans with their engines, remembered by what the options hold.
 *
 * @module
 */

import { checkOptions, checkString, wrongType } from "../../shared/arguments.ts";
import { pick } from "../../native/choose.ts";
import { CROSSOVER } from "../../native/crossover.ts";
import type { Implementation } from "../../shared/implementation.ts";
import { NativeEngine } from "./native.ts";
import { planOf } from "./plan.ts";
import { PureEngine } from "./pure.ts";
import { redactionStream } from "./stream.ts";
import type {
  Engine,
  Plan,
  PreparedRedaction,
  Redaction,
  RedactionMatch,
  RedactOptions,
  Replacement,
} from "./types.ts";
import { RedactionVault } from "./vault.ts";
import { Writer } from "./writer.ts";

// The native engines of this isolate, oldest first. Finalizers run only between jobs, so a loop that makes options anew
// for each text would fill native memory; beyond this many the oldest is freed, and made again if it is still used.
const made: WeakRef<NativeEngine>[] = [];
const MADE_MOST = 1_024;
let next = 0;

function keep(engine: NativeEngine): NativeEngine {
  made[next]?.deref()?.close();
  made[next] = new WeakRef(engine);
  next = (next + 1) % MADE_MOST;
  return engine;
}

/** A plan with its engines, each made at its first use. */
class Engines {
  readonly plan: Plan;
  readonly #least: number;
  #pure: Engine | undefined;
  #native: NativeEngine | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
    this.#least = plan.rules === 0 ? CROSSOVER.redact.own : CROSSOVER.redact.builtIn;
  }

  /** The engine for a text of a length. */
  for(option: Implementation | undefined, length: number): Engine {
    if (pick("text", length, this.#least, option)) {
      if (this.#native !== undefined && !this.#native.closed) return this.#native;
      return this.#native = keep(new NativeEngine(this.plan));
    }
    return this.#pure ??= new PureEngine(this.plan);
  }
}

function replacementOf(replace: unknown): Replacement | undefined {
  if (
    replace === undefined || typeof replace === "string" || typeof replace === "function" ||
    replace instanceof RedactionVault
  ) return replace as Replacement | undefined;
  throw wrongType("options.replace", "a string, a function or a RedactionVault", replace);
}

/** `redact` and `redactor` on engines. */
export class Prepared implements PreparedRedaction {
  readonly #engines: Engines;
  readonly #replace: Replacement | undefined;
  readonly #vault: RedactionVault | undefined;
  readonly #implementation: Implementation | undefined;
  readonly #signal: AbortSignal | undefined;

  /** Takes engines, and of the options what is no part of their plan. */
  constructor(engines: Engines, options: RedactOptions) {
    this.#engines = engines;
    this.#replace = replacementOf(options.replace);
    this.#vault = this.#replace instanceof RedactionVault ? this.#replace : undefined;
    this.#implementation = options.implementation;
    this.#signal = options.signal;
    // A wish for native that cannot be met is said now.
    if (options.implementation === "native") engines.for("native", 0);
  }

  redact(text: string): Redaction {
    checkString(text, "text");
    this.#signal?.throwIfAborted();
    const engine = this.#engines.for(this.#implementation, text.length);
    const scan = engine.scan(text.toWellFormed(), 0, true);
    if (scan.count === 0) {
      this.#vault?.reserve(text);
      return { text, matches: [] };
    }
    const matches: RedactionMatch[] = [];
    const writer = new Writer(this.#engines.plan, this.#replace, this.#vault);
    return { text: writer.write(text, 0, scan, true, matches).out, matches };
  }

  stream(): TransformStream<string, string> {
    this.#signal?.throwIfAborted();
    const writer = new Writer(this.#engines.plan, this.#replace, this.#vault);
    const engineFor = (length: number): Engine => this.#engines.for(this.#implementation, length);
    return redactionStream(engineFor, writer, this.#signal);
  }
}

// Engines without literals and patterns, by their rules; and the others by the options object or the list that they came
// from, good as long as the options hold the same.
const byRules = new Map<string, Engines>();
const BY_RULES_MOST = 64;
const byObject = new WeakMap<object, { contents: unknown[]; engines: Engines }>();

/** What of the options a plan depends on, flat. */
function fingerprintOf(options: RedactOptions): unknown[] {
  const contents: unknown[] = [options.ignoreCase, ...(options.rules ?? [undefined])];
  for (const lists of [options.literals, options.patterns, options.allow]) {
    contents.push(typeof lists);
    if (typeof lists !== "object" || lists === null) continue;
    for (
      const [name, list] of Array.isArray(lists) ? [["", lists] as const] : Object.entries(lists)
    ) {
      contents.push(name);
      for (const item of Array.isArray(list) ? list : [list]) {
        if (item instanceof RegExp) contents.push(String(item));
        else if (typeof item !== "object" || item === null) contents.push(item);
        else contents.push(item.text, item.wholeWord, item.ignoreCase);
      }
    }
  }
  return contents;
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function enginesFor(options: RedactOptions): Engines {
  const { literals, patterns, allow } = options;
  if (literals === undefined && patterns === undefined && allow === undefined) {
    const key = Array.isArray(options.rules) ? options.rules.join() : "";
    const known = options.rules === undefined || key !== "" ? byRules.get(key) : undefined;
    if (known !== undefined && !options.ignoreCase) return known;
    const engines = new Engines(planOf(options));
    if (byRules.size >= BY_RULES_MOST) byRules.clear();
    if (options.rules === undefined || key !== "") byRules.set(key, engines);
    return engines;
  }
  const list = [literals, patterns, allow].find((value) => typeof value === "object");
  const known = byObject.get(options) ?? byObject.get(list ?? options);
  const valid = options.rules === undefined || Array.isArray(options.rules);
  const contents = valid ? fingerprintOf(options) : [];
  if (known !== undefined && same(known.contents, contents)) return known.engines;
  const engines = new Engines(planOf(options));
  for (const key of [options, list ?? options]) byObject.set(key, { contents, engines });
  return engines;
}

/** Prepares options that were not checked yet. */
export function prepared(options: RedactOptions | undefined): Prepared {
  checkOptions(options);
  const given = options ?? {};
  return new Prepared(enginesFor(given), given);
}
