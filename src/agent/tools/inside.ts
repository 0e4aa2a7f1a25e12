/**
 * Names inside a folder: not one leads out of it, not by `..`, not by an absolute path, not by a link.
 *
 * @module
 */

import { nodePath } from "../../shared/builtin.ts";

/** The parts of a name; an error if it is written to lead elsewhere. Links are not looked at. */
export function partsOf(name: string): string[] {
  const parts = name.split(/[\\/]+/).filter((part) => part !== "" && part !== ".");
  if (/^([\\/]|[A-Za-z]:)/.test(name) || name.includes("\0") || parts.includes("..")) {
    throw new Error(`${JSON.stringify(name)} is no name inside the folder`);
  }
  return parts;
}

/** Where a name leads to; an error if that is not inside the folder. */
export async function inside(folder: string, name: string, isNew = false): Promise<string> {
  const parts = partsOf(name);
  const { isAbsolute, join, relative, sep } = nodePath();
  const root = await Deno.realPath(folder);
  const last = isNew ? parts.pop() : undefined;
  if (isNew && last === undefined) throw new Error("the folder itself is no file");
  const real = await realPath(join(root, ...parts), name);
  const way = relative(root, real);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new Error(`${JSON.stringify(name)} leads out of the folder`);
  }
  return last === undefined ? real : join(real, last);
}

/** Whoever reads the error knows the folder by its names alone, and not where it lies. */
async function realPath(path: string, name: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Deno.errors.NotFound(`there is no ${JSON.stringify(name)} in the folder`);
  }
}
