/**
 * Instances of a module: the same code, compiled once more, with types and calls of its own in V8's eyes.
 */

let instances = 0;

/**
 * Loads one more instance of a module.
 *
 * @param module The module as it is, which is what you get without permission to read its file.
 * @param url Where it is.
 * @returns The instance.
 */
export async function instanceOf<T>(module: T, url: URL): Promise<T> {
  if (Deno.permissions.querySync({ name: "read", path: url }).state !== "granted") return module;
  return await import(`${url.href}?${instances++}`);
}
