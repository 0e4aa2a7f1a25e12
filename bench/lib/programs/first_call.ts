/**
 * Prints how many milliseconds the first call of something took. Arguments: the call, the implementation.
 */

import { createCache, preloadNative, text } from "@agent/runtime";

const [call, wish] = Deno.args;
const implementation = wish === "native" ? "native" : "pure";
let done: unknown;
const start = performance.now();
if (call === "hash") done = text.hash("the first call", { implementation });
else if (call === "cache") done = createCache({ implementation }).get("the first call");
else done = preloadNative();
const elapsed = performance.now() - start;
if (call === "hash" && typeof done !== "string") throw new Error("There is no hash");
Deno.stdout.writeSync(new TextEncoder().encode(String(elapsed)));
