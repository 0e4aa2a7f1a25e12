/**
 * Schemas that fields of commands are made of, each with its type kept.
 *
 * @module
 */

/** A text. */
export function textField<const D extends string>(description: D): {
  readonly type: "string";
  readonly description: D;
  readonly minLength: 1;
  readonly maxLength: number;
} {
  return { type: "string", description, minLength: 1, maxLength: 1_000_000 };
}

/** A question: comparing it with documents takes longer the more words it has, and nobody asks a book. */
export function questionField<const D extends string>(description: D): {
  readonly type: "string";
  readonly description: D;
  readonly minLength: 1;
  readonly maxLength: number;
} {
  return { ...textField(description), maxLength: 32_768 };
}

/** One of some words. */
export function wordField<const W extends readonly string[]>(description: string, words: W): {
  readonly type: "string";
  readonly description: string;
  readonly enum: W;
} {
  return { type: "string", description, enum: words };
}

/** A whole number. */
export function wholeField(description: string, minimum: number, maximum: number): {
  readonly type: "integer";
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
} {
  return { type: "integer", description, minimum, maximum };
}

/** A number. */
export function numberField(description: string, minimum: number, maximum: number): {
  readonly type: "number";
  readonly description: string;
  readonly minimum: number;
  readonly maximum: number;
} {
  return { type: "number", description, minimum, maximum };
}

/** Yes or no. */
export function switchField(description: string): {
  readonly type: "boolean";
  readonly description: string;
} {
  return { type: "boolean", description };
}

/** Several texts. */
export function textsField(description: string, minItems = 1): {
  readonly type: "array";
  readonly description: string;
  readonly items: { readonly type: "string"; readonly minLength: 1 };
  readonly minItems: number;
  readonly maxItems: number;
} {
  const items = { type: "string", minLength: 1 } as const;
  return { type: "array", description, items, minItems, maxItems: 10_000 };
}

/** Texts by name. */
export function pairsField(description: string): {
  readonly type: "object";
  readonly description: string;
  readonly additionalProperties: { readonly type: "string" };
} {
  return { type: "object", description, additionalProperties: { type: "string" } };
}

/** Shapes of results. */
export const WORDS = { type: "string" } as const;
/** A number that may be unknown. */
export const FIGURE = { type: ["number", "null"] } as const;
/** A whole number. */
export const COUNT = { type: "integer", minimum: 0 } as const;
/** A list of objects. */
export const ROWS = { type: "array", items: { type: "object" } } as const;
/** A list of texts. */
export const LIST = { type: "array", items: { type: "string" } } as const;
/** An object. */
export const THING = { type: "object" } as const;
/** An object that may be unknown. */
export const THING_OR_NULL = { type: ["object", "null"] } as const;
/** A text that may be unknown. */
export const WORDS_OR_NULL = { type: ["string", "null"] } as const;
/** Yes or no. */
export const YES_OR_NO = { type: "boolean" } as const;
