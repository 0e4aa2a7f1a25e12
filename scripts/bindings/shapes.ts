/**
 * What the parameters of an export mean together: a pointer and its length are one argument, a list of strings takes
 * four parameters, the last two may be the buffer for the result. What has no known shape is refused, because a guess
 * is memory corruption at run time.
 */

import { type Annotations, RESULTS } from "./annotations.ts";
import { type FunctionItem, HeaderError, type Parameter } from "./header.ts";

/** Number types by their names in C, as Deno names them. */
export const NUMBERS: Readonly<Record<string, string>> = {
  "uint8_t": "u8",
  "uint32_t": "u32",
  "int32_t": "i32",
  "double": "f64",
};

/** Only element types whose arrays Deno passes without a copy and without a 64-bit integer. */
const POINTER = /^(const )?(uint8_t|uint32_t|double) \*$/;

/** What one argument is. */
export type ArgumentKind =
  | "number"
  | "flag"
  | "count"
  | "text"
  | "bytes"
  | "content"
  | "u32s"
  | "f64s"
  | "strings"
  | "contents"
  | "packed";

/** One argument of a generated call; the parameters that it takes at the boundary follow from its kind. */
export interface Argument {
  readonly name: string;
  readonly kind: ArgumentKind;
  /** The names of its parameters in the header, in order. */
  readonly parameters: readonly string[];
}

/** An export, read. */
export interface Shape {
  readonly arguments: readonly Argument[];
  /** Whether it starts an operation of the ring: its first parameters are `ring` and `op`. */
  readonly submits: boolean;
  /** Whether its last parameters are the buffer for the result or the error. */
  readonly writes: boolean;
}

/** Deno's name of a parameter's type. */
export function nativeType(path: string, item: FunctionItem, { name, type }: Parameter): string {
  if (POINTER.test(type)) return "buffer";
  const number = NUMBERS[type];
  if (number !== undefined) return number;
  throw new HeaderError(
    path,
    item.line,
    `"${item.name}" takes "${name}" of type "${type}"; known are ${
      Object.keys(NUMBERS).join(", ")
    } and pointers to uint8_t, uint32_t and double`,
  );
}

/** Deno's name of a result's type. */
export function resultType(path: string, item: FunctionItem): string {
  if (item.returns === "void") return "void";
  const number = NUMBERS[item.returns];
  if (number !== undefined) return number;
  throw new HeaderError(
    path,
    item.line,
    `"${item.name}" returns "${item.returns}"; known are void, ${Object.keys(NUMBERS).join(", ")}`,
  );
}

/** Each pointer is followed by its own length, or has a fixed size. */
export function checkPointers(path: string, item: FunctionItem, notes: Annotations): void {
  const fail = (message: string): never => {
    throw new HeaderError(path, item.line, `"${item.name}" ${message}`);
  };
  const pointers = new Set<string>();
  item.parameters.forEach(({ name, type }, index) => {
    if (!type.includes("*")) return;
    pointers.add(name);
    const next = item.parameters[index + 1];
    const named = next && [`${name}_len`, `${name}_count`, `${name}_cap`].includes(next.name);
    if (notes.fixed.has(name) || (named && next.type === "uint32_t")) return;
    fail(
      `takes the pointer "${name}" of type "${type}" without a "uint32_t ${name}_len", ` +
        `"_count" or "_cap" right after it (or a line "@fixed ${name} bytes" in its comment)`,
    );
  });
  for (const name of notes.fixed.keys()) {
    if (!pointers.has(name)) fail(`has "@fixed ${name}", but no pointer parameter of that name`);
  }
}

/** What each annotation of a parameter makes of it; one that makes nothing else of it is a mistake. */
const FITTING = [
  ["flag", ["flag"]],
  ["count", ["count"]],
  ["bytes", ["bytes"]],
  ["content", ["content", "contents"]],
  ["packed", ["packed"]],
] as const satisfies readonly (readonly [keyof Annotations, readonly ArgumentKind[]])[];

/** Reads the parameters of an export that gets a generated call. */
export function shapeOf(path: string, item: FunctionItem, notes: Annotations): Shape {
  const fail = (message: string): never => {
    throw new HeaderError(path, item.line, `"${item.name}" ${message}`);
  };
  const { parameters } = item;
  const submits = parameters[0]?.name === "ring" && parameters[1]?.name === "op";
  const writes = parameters.at(-2)?.type === "uint8_t *" && parameters.at(-2)?.name === "out" &&
    parameters.at(-1)?.name === "out_cap";
  if (submits !== /_submit_/.test(item.name)) {
    fail('must begin with "ring" and "op" if its name has "_submit_", and only then');
  }
  if (submits && !writes) fail('starts an operation, so it must end with "out" and "out_cap"');
  if (writes && item.returns !== "int32_t") fail('writes into "out", so it must return int32_t');
  if (writes !== (notes.result !== undefined)) {
    const kinds = RESULTS.join(", ");
    fail(writes ? `needs a line "@result KIND" (${kinds})` : 'has "@result", but no "out"');
  }
  if (notes.expect !== undefined && !writes) fail('has "@expect", but no "out"');
  if (notes.nonblocking) fail('is "@nonblocking", so it must be "@raw"');
  const found: Argument[] = [];
  const end = parameters.length - (writes ? 2 : 0);
  for (let at = submits ? 2 : 0; at < end;) {
    const argument = argumentAt(parameters.slice(at, end), notes) ??
      fail(`takes "${parameters[at]!.name}" in a shape that is not known`);
    found.push(argument);
    at += argument.parameters.length;
  }
  for (const [word, kinds] of FITTING) {
    for (const name of notes[word]) {
      if (
        found.some((one) =>
          one.name === name && (kinds as readonly ArgumentKind[]).includes(one.kind)
        )
      ) continue;
      fail(`has "@${word} ${name}", which does not fit what that is`);
    }
  }
  return { arguments: found, submits, writes };
}

function argumentAt(rest: readonly Parameter[], notes: Annotations): Argument | undefined {
  const [{ name, type }, length, list, count] = rest as [Parameter, ...(Parameter | undefined)[]];
  const made = (kind: ArgumentKind, parameters: readonly (Parameter | undefined)[]): Argument => ({
    name,
    kind,
    parameters: parameters.map((parameter) => parameter!.name),
  });
  if (!type.includes("*")) {
    const kind = notes.flag.has(name) ? "flag" : notes.count.has(name) ? "count" : "number";
    return made(kind, rest.slice(0, 1));
  }
  if (type === "const uint32_t *") return made("u32s", rest.slice(0, 2));
  if (type === "const double *") return made("f64s", rest.slice(0, 2));
  if (type !== "const uint8_t *" || length?.name !== `${name}_len`) return undefined;
  const lengths = ["lengths", `${name.replace(/s$/, "")}_lengths`];
  if (list?.type === "const uint32_t *" && lengths.includes(list.name) && count !== undefined) {
    const kind = notes.packed.has(name)
      ? "packed"
      : notes.content.has(name)
      ? "contents"
      : "strings";
    return made(kind, rest.slice(0, 4));
  }
  const kind = notes.bytes.has(name) ? "bytes" : notes.content.has(name) ? "content" : "text";
  return made(kind, rest.slice(0, 2));
}
