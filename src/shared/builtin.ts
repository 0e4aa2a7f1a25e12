/**
 * Node's built-in modules that are dear to import, taken when they are first used. `import "node:crypto"` alone doubles
 * the time in which an empty program starts, even `node:path` adds a third, and most programs come by none of them.
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

/** `node:buffer`. */
export function nodeBuffer(): typeof import("node:buffer") {
  return process.getBuiltinModule("node:buffer");
}

/** `node:dgram`. */
export function nodeDgram(): typeof import("node:dgram") {
  return process.getBuiltinModule("node:dgram");
}

/** `node:fs`. */
export function nodeFs(): typeof import("node:fs") {
  return process.getBuiltinModule("node:fs");
}

/** `node:http2`. */
export function nodeHttp2(): typeof import("node:http2") {
  return process.getBuiltinModule("node:http2");
}

/** `node:net`. */
export function nodeNet(): typeof import("node:net") {
  return process.getBuiltinModule("node:net");
}

/** `node:os`. */
export function nodeOs(): typeof import("node:os") {
  return process.getBuiltinModule("node:os");
}

/** `node:timers`. */
export function nodeTimers(): typeof import("node:timers") {
  return process.getBuiltinModule("node:timers");
}

/** `node:tls`. */
export function nodeTls(): typeof import("node:tls") {
  return process.getBuiltinModule("node:tls");
}

/** `node:worker_threads`. */
export function nodeWorkerThreads(): typeof import("node:worker_threads") {
  return process.getBuiltinModule("node:worker_threads");
}

/** `node:path`. */
export function nodePath(): typeof import("node:path") {
  return process.getBuiltinModule("node:path");
}

/** `node:sqlite`. */
export function nodeSqlite(): typeof import("node:sqlite") {
  return process.getBuiltinModule("node:sqlite");
}
