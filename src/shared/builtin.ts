/**
 * Node's built-in modules that are dear to import, taken when they are first used. `import "node:crypto"` alone doubles
 * the time in which an empty program starts, `node:zlib` too, and most programs come by neither.
 *
 * @module
 */

/** `node:crypto`. */
export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

/** `node:zlib`. */
export function nodeZlib(): typeof import("node:zlib") {
  return process.getBuiltinModule("node:zlib");
}

/** `node:url`. */
export function nodeUrl(): typeof import("node:url") {
  return process.getBuiltinModule("node:url");
}
