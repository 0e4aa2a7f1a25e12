/** Prints the milliseconds from calling `loadEncoding` to the first count. Argument: which twin. */

import { loadEncoding } from "@agent/runtime/text";

const start = performance.now();
using encoding = await loadEncoding("o200k_base", {
  implementation: Deno.args[0] === "pure" ? "pure" : "native",
});
const count = encoding.count("Hello, world!");
const time = performance.now() - start;
// deno-lint-ignore no-console
console.log(count === 4 ? time : NaN);
