/**
 * What comes from callers: the documents they give, checked, and their progress functions.
 *
 * @module
 */
import type { AddOptions, DocumentInput } from "./types.ts";

/** Refuses what is no document; `index` is its place in what was given. */
export function checkDocument(input: DocumentInput, index: number): DocumentInput {
  const at = `documents[${index}]`;
  if (typeof input !== "object" || input === null) {
    throw new TypeError(`${at} must be an object with document and text`);
  }
  const { document, text, title, format } = input;
  if (typeof document !== "string" || document === "" || !/^[^\0]*$/.test(document)) {
    throw new TypeError(
      `${at}.document must be a name without NUL, not ${JSON.stringify(document)}`,
    );
  }
  if (!document.isWellFormed()) {
    throw new TypeError(`${at}.document holds a lone surrogate: ${JSON.stringify(document)}`);
  }
  if (typeof text !== "string") {
    throw new TypeError(`${at}.text must be a string, not ${typeof text}`);
  }
  if (title !== undefined && typeof title !== "string") {
    throw new TypeError(`${at}.title must be a string, not ${typeof title}`);
  }
  if (format !== undefined && !["text", "markdown", "html"].includes(format)) {
    throw new TypeError(`${at}.format must be text, markdown or html, not ${String(format)}`);
  }
  return input;
}

/** Calls a progress function at most ten times a second, and at the end. */
export function progressReporter(
  onProgress: AddOptions["onProgress"],
  total: number,
): (done: number, document?: string, last?: boolean) => void {
  let next = 0;
  return (done, document, last = false) => {
    if (onProgress === undefined || (!last && performance.now() < next)) return;
    next = performance.now() + 100;
    onProgress(document === undefined ? { done, total } : { done, total, document });
  };
}
