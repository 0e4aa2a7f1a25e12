/**
 * What `transform` can do. Types only.
 *
 * @module
 */

/** What `transform` does to each string. */
export type TransformOperation = "lowercase" | "uppercase" | "trim" | "reverse" | "nfc" | "nfkc";
