/**
 * The digests of images that were pulled, in a file of the user's: a tag can be moved, what was built from it once is
 * then built from the same again.
 *
 * @module
 */

import { AgentError } from "../../shared/errors.ts";

const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** `name:tag@sha256:...` if the file knows the image; undefined if not. */
export async function lockedReference(
  file: string | undefined,
  reference: string,
): Promise<string | undefined> {
  if (file === undefined || reference.includes("@")) return undefined;
  const digest = (await readLock(file))[reference];
  return digest === undefined ? undefined : `${reference}@${digest}`;
}

/**
 * Writes the digest of an image down, unless one is there.
 *
 * @param digests `name@sha256:...`, as the engine lists them; nothing is written for an image that came from nowhere.
 */
export async function rememberDigest(
  file: string | undefined,
  reference: string,
  digests: readonly string[],
): Promise<void> {
  const digest = digests[0]?.slice(digests[0].indexOf("@") + 1);
  if (file === undefined || digest === undefined || !DIGEST.test(digest)) return;
  if (reference.includes("@")) return;
  const lock = await readLock(file);
  if (lock[reference] !== undefined) return;
  const next = Object.fromEntries(
    Object.entries({ ...lock, [reference]: digest }).sort(([a], [b]) => a < b ? -1 : 1),
  );
  // By one rename: whoever reads it meanwhile has the old one or the new one.
  const other = `${file}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(other, `${JSON.stringify(next, null, 2)}\n`);
  await Deno.rename(other, file);
}

async function readLock(file: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return {};
    throw error;
  }
  const corrupt = (): AgentError<"CORRUPT"> =>
    new AgentError("CORRUPT", `${file} is no list of digests; remove it to begin anew`, {
      path: file,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw corrupt();
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw corrupt();
  for (const digest of Object.values(value)) {
    if (typeof digest !== "string" || !DIGEST.test(digest)) throw corrupt();
  }
  return value as Record<string, string>;
}
