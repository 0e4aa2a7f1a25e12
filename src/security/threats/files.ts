/**
 * The questions that rules ask of files: what permissions, what is in a folder, what a text says. A file that is not there or may
 * not be read has no answer, and nothing is found in it.
 *
 * @module
 */

/** What is asked of a file. */
export interface FileFacts {
  /** The path as people know it. */
  readonly path: string;
  /** Permissions and type. */
  readonly mode: number;
  readonly uid: number;
  readonly isFile: boolean;
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

const TEXT_MOST = 2 ** 20;
/** A folder with more than that is looked at as far as that. */
const NAMES_MOST = 5_000;

/** Anybody may write. */
export const WORLD_WRITABLE = 0o002;
/** The group may write. */
export const GROUP_WRITABLE = 0o020;
/** Only the owner of a file in the folder may remove it. */
export const STICKY = 0o1000;
/** The program runs as its file's owner. */
export const SET_UID = 0o4000;
/** The program runs as its file's group. */
export const SET_GID = 0o2000;

/** Asks below a root, `""` for that of the machine. */
export class FileQuestions {
  readonly #root: string;

  /** @param root What stands before every path. */
  constructor(root: string) {
    this.#root = root;
  }

  /** The facts of a file itself, not of what a link leads to. */
  facts(path: string): FileFacts | undefined {
    try {
      const { mode, uid, isFile, isDirectory, isSymlink } = Deno.lstatSync(this.#root + path);
      if (mode === null || uid === null) return undefined;
      return { path, mode, uid, isFile, isFolder: isDirectory, isLink: isSymlink };
    } catch {
      return undefined;
    }
  }

  /** The paths in a folder, in order. */
  list(path: string): string[] {
    const found: string[] = [];
    try {
      for (const { name } of Deno.readDirSync(this.#root + path)) {
        if (found.length >= NAMES_MOST) break;
        found.push(`${path}/${name}`);
      }
    } catch {
      return [];
    }
    return found.sort();
  }

  /** The text of a file, as far as 1 MiB; only of a regular file, so that nothing waits for a pipe. */
  text(path: string): string | undefined {
    try {
      if (!Deno.statSync(this.#root + path).isFile) return undefined;
      using file = Deno.openSync(this.#root + path);
      return new TextDecoder().decode(filled(file, TEXT_MOST));
    } catch {
      return undefined;
    }
  }

  /** The last bytes of a regular file. */
  tail(path: string, most: number): Uint8Array | undefined {
    try {
      const { isFile, size } = Deno.statSync(this.#root + path);
      if (!isFile) return undefined;
      using file = Deno.openSync(this.#root + path);
      file.seekSync(Math.max(0, size - most), Deno.SeekMode.Start);
      return filled(file, Math.min(size, most));
    } catch {
      return undefined;
    }
  }
}

function filled(file: Deno.FsFile, most: number): Uint8Array {
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/** Permissions as `ls` and `chmod` write them. */
export function octal(mode: number): string {
  return `0${(mode & 0o7777).toString(8)}`;
}
