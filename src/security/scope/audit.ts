/**
 * The audit log: a line before anything is sent, and one for what came of it. A scan whose line cannot be written is not
 * begun. Nothing is guessed: what nobody told is null.
 *
 * @module
 */

import { checkString, fieldsOf, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import type { AuditEntry, AuditOptions } from "../types/scope.ts";

/** What a call knows of itself. */
export type AuditFacts = Pick<AuditEntry, "operation" | "target"> & Partial<AuditEntry>;

/** Writes the entries of one call. */
export class Audit {
  readonly #options: AuditOptions | undefined;
  readonly #facts: AuditFacts;

  /**
   * @param value The caller's option.
   * @param facts What all entries of the call have in common.
   * @throws {TypeError} If the option is none.
   */
  constructor(value: unknown, facts: AuditFacts) {
    this.#options = value === undefined ? undefined : readOptions(value);
    this.#facts = facts;
  }

  /**
   * Writes an entry.
   *
   * @throws {AgentError} `IO` if the file cannot be written; `PERMISSION` if Deno does not allow it.
   */
  async write(event: AuditEntry["event"], more: Partial<AuditEntry> = {}): Promise<void> {
    Object.assign(this.#facts, more);
    if (this.#options === undefined) return;
    const { path, write, who = null } = this.#options;
    const entry: AuditEntry = {
      at: new Date().toISOString(),
      event,
      who,
      addresses: null,
      ports: null,
      probes: null,
      rate: null,
      hostRate: null,
      authorization: null,
      reason: null,
      ...this.#facts,
    };
    if (path !== undefined) await append(path, entry);
    await write?.(entry);
  }
}

/** A call with its lines in the log. */
export interface AuditedCall<P, R> {
  /** Decides what is to be done, and sends nothing; what it throws is a refusal. */
  plan(): Promise<P>;
  /** What the line before says of the plan. */
  facts(plan: P): Partial<AuditEntry>;
  /** The answer where nothing is to be sent; undefined where something is. */
  dry(plan: P): R | undefined;
  /** Does it. Also says how many connects and datagrams it took. */
  run(plan: P): Promise<{ result: R; probes: number }>;
}

/**
 * Makes a call.
 *
 * @throws What the call throws; `AgentError` of {@linkcode Audit.write}.
 */
export async function audited<P, R>(audit: Audit, call: AuditedCall<P, R>): Promise<R> {
  let plan: P;
  try {
    plan = await call.plan();
  } catch (error) {
    await audit.write("refused", { reason: (error as Error).message });
    throw error;
  }
  const dry = call.dry(plan);
  if (dry !== undefined) {
    await audit.write("dry-run", { ...call.facts(plan), probes: 0 });
    return dry;
  }
  await audit.write("start", call.facts(plan));
  let done: { result: R; probes: number };
  try {
    done = await call.run(plan);
  } catch (error) {
    const reason = String((error as Error)?.message ?? error);
    await audit.write("failed", { probes: null, reason });
    throw error;
  }
  await audit.write("end", { probes: done.probes });
  return done.result;
}

function readOptions(value: unknown): AuditOptions {
  const { path, write, who } = fieldsOf(value, "options.audit");
  if (path !== undefined) checkString(path, "options.audit.path");
  if (who !== undefined) checkString(who, "options.audit.who");
  if (write !== undefined && typeof write !== "function") {
    throw wrongType("options.audit.write", "a function", write);
  }
  return value as AuditOptions;
}

async function append(path: string, entry: AuditEntry): Promise<void> {
  if (Deno.permissions.querySync({ name: "write", path }).state !== "granted") {
    throw new AgentError(
      "PERMISSION",
      `Writing the audit log needs a permission; run with --allow-write=${path}`,
      { permission: "write", target: path },
    );
  }
  try {
    await Deno.writeTextFile(path, `${JSON.stringify(entry)}\n`, { append: true, mode: 0o600 });
  } catch (error) {
    throw new AgentError(
      "IO",
      `The audit log ${path} cannot be written: ${
        (error as Error).message
      }; nothing is scanned without it`,
      { path, operation: "write" },
      { cause: error },
    );
  }
}
