/**
 * Why Deno could not have a package, out of its message.
 *
 * @module
 */

/**
 * The line that says why: the second of several, below what Deno was about to do.
 *
 * @param message What an import failed with.
 * @returns The line, without the password that a registry's address may hold.
 */
export function reasonOf(message: string): string {
  const [first = "", second = ""] = message.split("\n");
  const why = /^\s*0: (.*)$/.exec(second)?.[1] ?? first;
  return why.replace(/\/\/[^\s/@]*@/g, "//").replace(/\.$/, "");
}
