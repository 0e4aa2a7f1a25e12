/**
 * What is taken of an archive that came out of a box: files, folders, and links that stay inside of what was asked for.
 * Everything else ends the reading with an error; nothing of the archive touches the host's file system.
 *
 * @module
 */

import { archivePath, collisionKey, linkedPath, refused } from "./paths.ts";
import { type ReadLimits, readTar, type TarEntry, tooLarge } from "./tar_read.ts";

/** A file, folder or link that came out of a container. */
export interface BoxFile {
  /**
   * Relative to the folder of the path that was asked for, whose last name it begins with: `out/a.txt` for
   * `/workspace/out`. Without `..`, control characters and a leading slash, so that it can be joined to a folder.
   */
  readonly name: string;
  /** Absolute, in the container. */
  readonly path: string;
  /** What it is. A hard link is a file, with what it links to as its bytes. */
  readonly kind: "file" | "directory" | "symlink";
  /** What a file holds; empty for others. */
  readonly bytes: Uint8Array;
  /** What a symbolic link holds: a relative path that stays inside of what was asked for; undefined for others. */
  readonly target: string | undefined;
  /** The bits of its permissions, such as 0o644. */
  readonly mode: number;
  /** When it was modified, in milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** How an archive is taken. */
export interface TakeOptions extends ReadLimits {
  /** Whether two names may differ in case or composition alone. */
  readonly caseSensitive: boolean;
}

/**
 * Takes what an archive holds of one path.
 *
 * @param pieces The archive.
 * @param path The absolute path that was asked for; its last name is the archive's one root.
 * @param options Bounds.
 * @returns What it holds, in the archive's order.
 * @throws {AgentError} `CORRUPT`, `TOO_LARGE`, or `UNSUPPORTED` naming the entry that is not taken.
 */
export async function takeArchive(
  pieces: AsyncIterable<Uint8Array>,
  path: string,
  options: TakeOptions,
): Promise<BoxFile[]> {
  const root = path.slice(path.lastIndexOf("/") + 1);
  const folder = path.slice(0, path.length - root.length);
  const taken = new Map<string, BoxFile>();
  const names = new Names(options.caseSensitive);
  let bytes = 0;
  for await (const entry of readTar(pieces, options)) {
    const name = archivePath(entry.path);
    // The root of all is asked for as "/", and has no name.
    if (root === "" && name === "") continue;
    if (root !== "" && name !== root && !name.startsWith(`${root}/`)) {
      throw refused(entry.path, `is not in ${path}, which was asked for`);
    }
    if (taken.has(name)) throw refused(entry.path, "is there twice");
    names.add(entry, name);
    checkFolders(name, taken);
    // Before it is copied: a link costs nothing in the archive, and many stand for much.
    const linked = entry.kind === "hardlink" ? linkedFile(entry, taken) : undefined;
    bytes += (linked ?? entry).bytes.length;
    if (bytes > options.maxBytes) throw tooLarge("bytes", bytes, options.maxBytes);
    taken.set(name, made(entry, name, folder, root, linked));
  }
  return [...taken.values()];
}

/** The names of an archive and of the folders that they are in: each in one spelling, and no folder is anything else. */
class Names {
  readonly #keyOf: (name: string) => string;
  readonly #spelled = new Map<string, string>();
  readonly #folders = new Set<string>();

  constructor(caseSensitive: boolean) {
    this.#keyOf = caseSensitive ? (name) => name : collisionKey;
  }

  add({ path, kind }: TarEntry, name: string): void {
    if (kind !== "directory" && this.#folders.has(name)) {
      throw refused(path, "is no folder, and another is in it");
    }
    this.#spell(path, name);
    for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
      const folder = name.slice(0, end);
      // Those above it were told then.
      if (this.#folders.has(folder)) return;
      this.#spell(path, folder);
      this.#folders.add(folder);
    }
  }

  #spell(path: string, name: string): void {
    const key = this.#keyOf(name);
    const before = this.#spelled.get(key) ?? name;
    if (before !== name) throw refused(path, "differs from another in case alone");
    this.#spelled.set(key, name);
  }
}

/** What stands above an entry must be a folder, and no link or file. */
function checkFolders(name: string, taken: ReadonlyMap<string, BoxFile>): void {
  for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
    const above = taken.get(name.slice(0, end));
    if (above !== undefined && above.kind !== "directory") {
      throw refused(name, `is below a ${above.kind}`);
    }
  }
}

/** The file that a hard link is one with. */
function linkedFile({ path, target }: TarEntry, taken: ReadonlyMap<string, BoxFile>): BoxFile {
  const file = taken.get(archivePath(target));
  if (file?.kind === "file") return file;
  throw refused(path, "is a hard link to nothing that came before it");
}

function made(
  entry: TarEntry,
  name: string,
  folder: string,
  root: string,
  linked: BoxFile | undefined,
): BoxFile {
  const { kind, mode, modified, target } = entry;
  const common = { name, path: folder + name, mode, modifiedAt: modified * 1_000 };
  if (kind === "symlink") {
    const leads = linkedPath(name, target);
    if (leads === undefined || (root !== "" && leads !== root && !leads.startsWith(`${root}/`))) {
      throw refused(entry.path, "is a symbolic link that leaves what was asked for");
    }
    return { ...common, kind, bytes: new Uint8Array(0), target };
  }
  if (kind === "hardlink") {
    return { ...common, kind: "file", bytes: linked!.bytes.slice(), target: undefined };
  }
  return { ...common, kind, bytes: entry.bytes, target: undefined };
}
