/**
 * What a caller puts into a container, as entries of an archive: named contents, or a folder of this machine.
 *
 * @module
 */

import { checkContent, wrongType } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { linkedPath, relativePath } from "./paths.ts";
import type { NewEntry } from "./tar_write.ts";

/** Contents by relative path, or the path of a folder of this machine, all of which goes in. */
export type FilesToPut = Readonly<Record<string, string | Uint8Array>> | string;

/** Bounds of what is put. */
export interface PutLimits {
  /** Bytes of all files together. */
  readonly maxBytes: number;
  /** Files, folders and links. */
  readonly maxEntries: number;
  /**
   * What of a folder goes in, by relative path: it does, it does not with all that is in it, or it does not but what is
   * in it may. All of it if left out.
   */
  readonly choose?: ((path: string) => "take" | "pass" | "enter") | undefined;
  /** Where contents go that are named by an absolute path, which must be below it. */
  readonly folder?: string | undefined;
}

const FILE_MODE = 0o644;

/** The relative path of one that is absolute and in the folder; others as they are. */
function withoutFolder(path: string, folder: string | undefined): string {
  const root = folder === undefined || folder === "/" ? "/" : `${folder}/`;
  return folder !== undefined && path.startsWith(root) ? path.slice(root.length) : path;
}
const FOLDER_MODE = 0o755;
const CHUNK = 1 << 16;

/**
 * Reads what is to be put.
 *
 * @param files As the caller gave it.
 * @param limits Bounds.
 * @returns The entries, each after the folders that it is in.
 * @throws {TypeError | RangeError} For names and contents that are none.
 * @throws {AgentError} `TOO_LARGE`; for folders also `PERMISSION`, `NOT_FOUND`, `IO`, and `UNSUPPORTED` for a link that
 * leaves the folder or a file of another kind.
 */
export async function entriesToPut(files: unknown, limits: PutLimits): Promise<NewEntry[]> {
  if (typeof files === "string") return await folderEntries(files, limits);
  if (files === null || typeof files !== "object" || Array.isArray(files)) {
    throw wrongType("files", "an object of contents by path, or a folder's path", files);
  }
  const entries = new Map<string, NewEntry>();
  const sum = new Sum(limits);
  for (const [given, content] of Object.entries(files)) {
    const path = relativePath(withoutFolder(given, limits.folder), "a name in files");
    checkContent(content, `files[${JSON.stringify(given.slice(0, 40))}]`);
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
    const before = entries.get(path);
    if (before !== undefined) {
      throw new RangeError(
        `files must name each path once; ${JSON.stringify(path)} is there twice`,
      );
    }
    for (const folder of foldersOf(path)) {
      const there = entries.get(folder);
      if (there?.kind === "file") {
        throw new RangeError(
          `files must not name ${JSON.stringify(folder)} as a file and as a folder`,
        );
      }
      if (there !== undefined) continue;
      sum.add(0);
      entries.set(folder, { path: folder, kind: "directory", mode: FOLDER_MODE, size: 0 });
    }
    sum.add(bytes.length);
    entries.set(path, {
      path,
      kind: "file",
      mode: FILE_MODE,
      size: bytes.length,
      content: () => [bytes],
    });
  }
  return [...entries.values()];
}

/** The folders that a path is in, the outermost first. */
export function foldersOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

/** Counts against the bounds. */
class Sum {
  #bytes = 0;
  #entries = 0;

  constructor(readonly limits: PutLimits) {}

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#entries++;
    const { maxBytes, maxEntries } = this.limits;
    if (this.#entries > maxEntries) throw tooLarge("entries", this.#entries, maxEntries);
    if (this.#bytes > maxBytes) throw tooLarge("bytes", this.#bytes, maxBytes);
  }
}

async function folderEntries(folder: string, limits: PutLimits): Promise<NewEntry[]> {
  if (Deno.permissions.querySync({ name: "read", path: folder }).state !== "granted") {
    throw new AgentError(
      "PERMISSION",
      `Reading ${folder} needs a permission; run with --allow-read=${folder}`,
      { permission: "read", target: folder },
    );
  }
  const entries: NewEntry[] = [];
  const sum = new Sum(limits);
  const walk = async (path: string): Promise<void> => {
    const found = await Array.fromAsync(Deno.readDir(`${folder}/${path}`));
    for (const { name } of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = relativePath(path === "" ? name : `${path}/${name}`, "a name in the folder");
      const choice = limits.choose?.(inner) ?? "take";
      if (choice === "pass") continue;
      const entry = await hostEntry(folder, inner);
      if (choice === "take") {
        sum.add(entry.size);
        entries.push(entry);
      }
      if (entry.kind === "directory") await walk(inner);
    }
  };
  try {
    await walk("");
  } catch (error) {
    throw explain(folder, error);
  }
  return entries;
}

async function hostEntry(folder: string, path: string): Promise<NewEntry> {
  const whole = `${folder}/${path}`;
  const found = await Deno.lstat(whole);
  if (found.isSymlink) {
    const target = await Deno.readLink(whole);
    if (linkedPath(path, target) === undefined) {
      throw notPut(whole, "is a link that leaves the folder");
    }
    return { path, kind: "symlink", mode: 0o777, size: 0, target };
  }
  const mode = found.mode === null ? undefined : found.mode & 0o777;
  if (found.isDirectory) return { path, kind: "directory", mode: mode ?? FOLDER_MODE, size: 0 };
  if (!found.isFile) throw notPut(whole, "is neither a file nor a folder nor a link");
  const { size } = found;
  const content = () => hostFile(whole, found);
  return { path, kind: "file", mode: mode ?? FILE_MODE, size, content };
}

/** The bytes of a file that is still the one that was looked at, as many as it had then. */
async function* hostFile(
  path: string,
  { size, ino, dev }: Pick<Deno.FileInfo, "size" | "ino" | "dev">,
): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path, { read: true });
  const now = await file.stat();
  // Somebody may have put a link in its place, to what is not in the folder.
  if (!now.isFile || now.ino !== ino || now.dev !== dev) {
    throw notPut(path, "became another file while the folder was read");
  }
  for (let left = size; left > 0;) {
    const piece = new Uint8Array(Math.min(CHUNK, left));
    const count = await file.read(piece);
    if (count === null) throw notPut(path, "became shorter while it was read");
    left -= count;
    yield piece.subarray(0, count);
  }
}

function notPut(path: string, why: string): AgentError<"UNSUPPORTED"> {
  return new AgentError("UNSUPPORTED", `${path} ${why}; it is not put into a container`, {
    what: path,
  });
}

function explain(folder: string, error: unknown): unknown {
  if (error instanceof Deno.errors.NotFound) {
    return new AgentError("NOT_FOUND", `There is no folder ${folder}`, { what: folder }, {
      cause: error,
    });
  }
  const isSystem = error instanceof Error && error.constructor.name in Deno.errors;
  if (!isSystem) return error;
  const { message } = error;
  const operation = "putFiles";
  return new AgentError("IO", `${folder} cannot be read: ${message}`, { path: folder, operation }, {
    cause: error,
  });
}

function tooLarge(what: string, size: number, limit: number): AgentError<"TOO_LARGE"> {
  return new AgentError(
    "TOO_LARGE",
    `The files have ${size} ${what} or more; ${limit} are allowed (option max${
      what === "bytes" ? "Bytes" : "Entries"
    })`,
    { what, size, limit },
  );
}
