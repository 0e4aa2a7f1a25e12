/**
 * What a model wrote as the input of a call: JSON, or what can be made JSON by taking away what models put around it.
 *
 * @module
 */

/** Of one call, in UTF-16 units. */
const MOST_ARGUMENTS = 2 ** 20;
/** Lists and objects within each other; judges and tools go down by recursion, and so far that is safe. */
const MOST_DEPTH = 200;

/** Reads it: the value, or why there is none. */
export function readArguments(
  written: string,
): { readonly value: unknown } | { readonly problem: string } {
  if (written.length > MOST_ARGUMENTS) {
    return { problem: `the input has ${written.length} characters, more than ${MOST_ARGUMENTS}` };
  }
  // No input is how some models say that there is nothing to give.
  if (written.trim() === "") return { value: {} };
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch (error) {
    value = repair(written);
    if (value === undefined) {
      return { problem: `the input is no JSON: ${(error as Error).message}` };
    }
  }
  if (isDeep(value)) return { problem: `the input is nested more than ${MOST_DEPTH} deep` };
  return { value };
}

/** Whether it goes deeper than is safe; level by level, so that the depth costs no stack. */
function isDeep(value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_DEPTH) return true;
    const below: unknown[] = [];
    for (const one of level) {
      if (one === null || typeof one !== "object") continue;
      for (const part of Object.values(one)) {
        if (part !== null && typeof part === "object") below.push(part);
      }
    }
    level = below;
  }
  return false;
}

/** One try: out of a fence, without commas before an end, with the ends that are missing. */
function repair(written: string): unknown {
  let text = written.trim().replace(/^```[a-z]*\s*/i, "").replace(/\s*```$/, "");
  const begin = text.search(/[{[]/);
  if (begin < 0) return undefined;
  text = text.slice(begin);
  let out = "";
  let isText = false;
  const open: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!;
    if (isText) {
      // A line break within a text is written as one.
      out += sign === "\n" ? "\\n" : sign === "\t" ? "\\t" : sign;
      if (sign === "\\") out += text[++at] ?? "";
      else if (sign === '"') isText = false;
      continue;
    }
    if (sign === '"') isText = true;
    else if (sign === "{") open.push("}");
    else if (sign === "[") open.push("]");
    else if (sign === "}" || sign === "]") {
      if (open.pop() !== sign) return undefined;
      out = out.replace(/,\s*$/, "");
    }
    out += sign;
    if (open.length === 0) break;
  }
  if (isText) out += '"';
  out = out.replace(/,\s*$/, "") + open.reverse().join("");
  try {
    return JSON.parse(out);
  } catch {
    return undefined;
  }
}

/** One spelling for one value, so that equal calls are seen to be equal. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1));
  }) ?? "null";
}
