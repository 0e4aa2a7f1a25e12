/**
 * Carries out the calls of a turn: each is judged, agreed to where that is needed, run and told.
 *
 * @module
 */

import { unlessAborted } from "../../shared/abort.ts";
import { wrongType } from "../../shared/arguments.ts";
import type { ToolCall } from "../../llm/types.ts";
import { canonical, readArguments } from "./arguments.ts";
import type { Meter, Over } from "./budget.ts";
import { SimulatedCrash } from "./crash.ts";
import { cut, resultText } from "./results.ts";
import type { CallEnd, Entry, RunState, Turn } from "./state.ts";
import { missingPermissions, type ReadyTool } from "./tools.ts";
import type { RunSpan } from "./trace_types.ts";
import type { Approve, Decision, RunEvent, ToolOutcome } from "./types.ts";

/** Calls of one turn that run at once. */
const AT_ONCE = 8;
/** Of what a tool says of its failure. */
const MOST_ERROR = 4_000;

/** What the calls of a run have in common. */
export interface CallSurroundings {
  readonly state: RunState;
  readonly tools: ReadonlyMap<string, ReadyTool>;
  readonly meter: Meter;
  readonly approve: Approve | undefined;
  readonly signal: AbortSignal;
  readonly session: string | undefined;
  readonly span: RunSpan | undefined;
  /** Takes over what happened, and keeps it. */
  note(...entries: readonly Entry[]): void;
}

/** What stops a turn before all its calls have ended. */
export type Stop = { readonly over: Over } | { readonly pending: readonly ToolCall[] };

/** A call that may run, as far as it was judged. */
interface Judged {
  readonly call: ToolCall;
  readonly ready: ReadyTool;
  readonly input: unknown;
  readonly needsWord: boolean;
}

/** Carries out what is open of a turn; what stops it, if something does. */
export async function* settle(
  turn: Turn,
  around: CallSurroundings,
): AsyncGenerator<RunEvent, Stop | undefined> {
  const { meter } = around;
  const free: Judged[] = [];
  const bound: Judged[] = [];
  let over: Over | undefined;
  for (const call of turn.calls) {
    if (turn.ends.has(call.id)) continue;
    const read = readArguments(call.arguments);
    over ??= meter.call(call.name, "value" in read ? canonical(read.value) : call.arguments);
    if (over !== undefined) {
      yield end(turn, call, refusal("refused", `It was not run: ${over.detail}`), around);
      continue;
    }
    const judged = await judge(turn, call, read, around);
    if ("outcome" in judged) yield end(turn, call, judged, around);
    else (judged.needsWord ? bound : free).push(judged);
  }
  yield* runAll(turn, free, around);
  const pending: ToolCall[] = [];
  const undecided = bound.map(({ call }) => call.id).filter((id) => !turn.decisions.has(id));
  if (undecided.length > 0) around.note({ kind: "asked", calls: undecided });
  for (const one of bound) {
    const { call } = one;
    yield { type: "approval", step: turn.step, call };
    const decision = turn.decisions.get(call.id) ?? await ask(one, around);
    if (decision === undefined) {
      pending.push(call);
      continue;
    }
    if (!turn.decisions.has(call.id)) around.note({ kind: "decided", call: call.id, decision });
    const agreed = await decided(one, decision);
    if ("outcome" in agreed) yield end(turn, call, agreed, around);
    else yield* runAll(turn, [agreed], around);
  }
  if (pending.length > 0) return { pending };
  return over && { over };
}

async function judge(
  turn: Turn,
  call: ToolCall,
  read: ReturnType<typeof readArguments>,
  { tools }: CallSurroundings,
): Promise<Judged | CallEnd> {
  const ready = tools.get(call.name);
  if (ready === undefined) {
    const names = [...tools.keys()].join(", ") || "none";
    return refusal(
      "unknown-tool",
      `There is no tool ${JSON.stringify(cut(call.name, 100))}; there are: ${names}`,
    );
  }
  // It began before, and nobody saw its end: in this process or in one that died.
  if (turn.begun.has(call.id) && ready.tool.retry !== "safe") {
    return refusal(
      "unknown",
      "It is not known whether this call was carried out: the program ended while it ran. Find out before calling again.",
    );
  }
  if ("problem" in read) return refusal("invalid", `Nothing was run: ${read.problem}`);
  return await fitting(call, ready, read.value);
}

/** The input is of the tool's shape, and the tool may do what it needs. */
export async function fitting(
  call: ToolCall,
  ready: ReadyTool,
  given: unknown,
): Promise<Judged | CallEnd> {
  const { tool, judge } = ready;
  let input: unknown;
  try {
    const judged = await judge(given);
    if ("problem" in judged) {
      return refusal("invalid", `Nothing was run: the input does not fit: ${judged.problem}`);
    }
    input = judged.value;
  } catch (error) {
    return refusal(
      "invalid",
      `Nothing was run: the input could not be checked: ${messageOf(error)}`,
    );
  }
  try {
    const missing = missingPermissions(tool, input);
    if (missing !== undefined) {
      return refusal("refused", `Nothing was run: the program was started without ${missing}`);
    }
  } catch (error) {
    return refusal("invalid", `Nothing was run: ${messageOf(error)}`);
  }
  return { call, ready, input, needsWord: needsWord(ready, input) };
}

/** A rule that fails is no leave. */
function needsWord({ tool: { approval } }: ReadyTool, input: unknown): boolean {
  if (approval === undefined || approval === "never") return false;
  if (approval === "always") return true;
  try {
    return approval(input) !== false;
  } catch {
    return true;
  }
}

async function ask(
  one: Judged,
  { approve, signal }: CallSurroundings,
): Promise<Decision | undefined> {
  if (approve === undefined) return undefined;
  const { call, ready: { tool }, input } = one;
  const given = await unlessAborted(
    Promise.resolve(approve({ ...call, input, tool }, { signal })),
    signal,
  );
  if (given === undefined || given === null) return undefined;
  try {
    checkDecision(given, "what approve gives");
    return given;
  } catch (error) {
    return { deny: messageOf(error) };
  }
}

/**
 * Refuses what is no decision: a slip of the pen is neither a yes nor a no, and what is kept cannot be taken back.
 *
 * @throws {TypeError}
 */
export function checkDecision(given: unknown, name: string): asserts given is Decision {
  if (given === "allow") return;
  if (given !== null && typeof given === "object") {
    const { allow } = given as { allow?: unknown };
    const isDenied = "deny" in given;
    if (isDenied && !("allow" in given)) return;
    if (!isDenied && "allow" in given) {
      if (isJson(allow)) return;
      throw wrongType(`${name}.allow`, "an input that can be written as JSON", allow);
    }
  }
  throw wrongType(name, '"allow", { deny: reason } or { allow: input }', given);
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

async function decided(one: Judged, decision: Decision): Promise<Judged | CallEnd> {
  if (decision === "allow") return one;
  if (decision !== null && typeof decision === "object") {
    if ("deny" in decision) {
      return refusal("denied", `It was not allowed: ${String(decision.deny)}`);
    }
    // What somebody put in the place of the input is judged as the model's was.
    if ("allow" in decision) return await fitting(one.call, one.ready, decision.allow);
  }
  return refusal("denied", "It was not allowed");
}

async function* runAll(
  turn: Turn,
  all: readonly Judged[],
  around: CallSurroundings,
): AsyncGenerator<RunEvent> {
  const waiting = [...all];
  // Those under way, each with its place, so that whichever ends first is told first.
  const under = new Map<Judged, Promise<readonly [Judged, CallEnd]>>();
  while (waiting.length > 0 || under.size > 0) {
    const next = waiting.splice(0, AT_ONCE - under.size);
    // Kept together, which waits for the disk once; then all of them begin, so that none is kept as begun that is not.
    if (next.length > 0) {
      around.note(...next.map(({ call }) => ({ kind: "call-begun", call: call.id }) as const));
    }
    for (const one of next) {
      const ended = run(one, around).then((ended) => [one, ended] as const);
      // Whoever reads the events may leave before it is waited for.
      ended.catch(() => {});
      under.set(one, ended);
    }
    for (const { call } of next) yield { type: "tool-call", step: turn.step, call };
    const [one, ended] = await Promise.race(under.values());
    under.delete(one);
    yield end(turn, one.call, ended, around);
  }
}

async function run(
  { call, ready: { tool }, input }: Judged,
  { signal, session, span: parent }: CallSurroundings,
): Promise<CallEnd> {
  const begun = performance.now();
  const span = parent?.tool(call, tool);
  const ended = (outcome: ToolOutcome, result: string): CallEnd => {
    span?.done(outcome, result);
    return { outcome, result, durationMs: performance.now() - begun };
  };
  try {
    signal.throwIfAborted();
    const work = (): unknown => tool.run(input, { signal, session, call });
    const given = span === undefined ? work() : span.within(work);
    const value = isThenable(given) ? await unlessAborted(Promise.resolve(given), signal) : given;
    return ended("done", resultText(value));
  } catch (error) {
    if (error instanceof SimulatedCrash) throw error;
    // The caller's end of it is no failure of the tool: whether it did its work is not known.
    if (signal.aborted) {
      span?.fail(signal.reason);
      throw signal.reason;
    }
    return ended("failed", messageOf(error));
  }
}

/** A promise of whatever make, such as the queries of database libraries. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return value !== null && (typeof value === "object" || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function";
}

function end(turn: Turn, call: ToolCall, ended: CallEnd, around: CallSurroundings): RunEvent {
  const { outcome, result, durationMs } = ended;
  around.note({ kind: "call", call: call.id, outcome, result, durationMs });
  return { type: "tool-result", step: turn.step, call, outcome, result, durationMs };
}

function refusal(outcome: ToolOutcome, result: string): CallEnd {
  return { outcome, result, durationMs: 0 };
}

/** What an error says, bounded. */
export function messageOf(error: unknown): string {
  let message: string;
  try {
    message = String(error instanceof Error ? error.message : error);
  } catch {
    message = "it threw what cannot be shown";
  }
  return cut(message, MOST_ERROR) || "it failed without a message";
}
