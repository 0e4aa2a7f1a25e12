/** The files of a folder, or one file, read as text within bounds. @module */

import { walkFolder } from "../../../knowledge/folder_walk.ts";
import { inside } from "../../tools/inside.ts";

const MOST_FILES = 20_000;
const MOST_FILE = 1_000_000;
const MOST_BYTES = 200_000_000;

/** A file that was read. */
export interface Source {
  /** Its name inside the folder. */
  readonly path: string;
  readonly text: string;
}

/** What was left out of a walk. */
export interface LeftOut {
  /** Files of more than 1 MB, and those that are no UTF-8. */
  tooLarge: number;
  notText: number;
  /** Whether there were more files or bytes than are read at once. */
  more: boolean;
}

/** Reads files one after the other, in the order of their names; what .gitignore names, and what is hidden, is left out. */
export async function* sourcesOf(
  folder: string,
  path: string,
  isWanted: (path: string) => boolean,
  left: LeftOut,
  signal: AbortSignal,
): AsyncGenerator<Source> {
  signal.throwIfAborted();
  const root = await Deno.realPath(folder);
  const place = await inside(folder, path);
  const { files } = await walkFolder(place, { exclude: [], gitignore: true, signal });
  let count = 0;
  let bytes = 0;
  for (const file of files) {
    const name = file.slice(root.length + 1).replaceAll("\\", "/");
    if (!isWanted(name)) continue;
    signal.throwIfAborted();
    if (count++ === MOST_FILES || bytes > MOST_BYTES) {
      left.more = true;
      return;
    }
    const { size } = await Deno.stat(file);
    if (size > MOST_FILE) {
      left.tooLarge++;
      continue;
    }
    const read = await Deno.readFile(file);
    bytes += read.length;
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(read);
    } catch {
      left.notText++;
      continue;
    }
    yield { path: name, text: text.replaceAll("\r\n", "\n") };
  }
}

/** Nothing left out yet. */
export function nothingLeft(): LeftOut {
  return { tooLarge: 0, notText: 0, more: false };
}
