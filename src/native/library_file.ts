/**
 * Looks at a library's file before it is opened: mapping a truncated one would kill the process with
 * a bus error, which no code can catch.
 *
 * An ELF file says where its parts lie; all must lie within the file. Where the installer left a
 * sidecar (`<file>.json`), the size must be the one in it.
 *
 * @module
 */

const WRITABLE = 0o002;
const STICKY = 0o1000;

const MACHINES: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183 };

/** What the installer writes beside a library. */
export interface Sidecar {
  /** Size of the library, bytes. */
  size: number;
  /** SHA-256 of the library, lowercase hex. */
  sha256: string;
  /** Version of the package that it belongs to. */
  version: string;
  /** Its ABI number. */
  abi: number;
}

/**
 * Says why a file cannot be a whole library for this machine.
 *
 * @param path The file.
 * @returns The reason, or undefined if nothing speaks against it.
 */
export function faultOf(path: string): string | undefined {
  const info = Deno.statSync(path);
  if (!info.isFile) return "it is not a file";
  const planted = faultOfPlace(path);
  if (planted !== undefined) return planted;
  const sidecar = readSidecar(path);
  if (typeof sidecar === "string") return sidecar;
  if (sidecar !== undefined && sidecar.size !== info.size) {
    return `it has ${info.size} bytes, its ${sidecar.size} were installed: it is truncated or replaced`;
  }
  return Deno.build.os === "windows" || Deno.build.os === "darwin"
    ? undefined
    : faultOfElf(path, info.size);
}

/** Says why what lies at a path may be anybody's: a place on the way there that anybody may write to, links followed. */
export function faultOfPlace(path: string): string | undefined {
  for (const place of [...linksFrom(path), realPath(path)]) {
    const open = openPlace(place);
    if (open === undefined) continue;
    return `anybody may write to ${open}: what lies there may be planted; take that right away ` +
      `(chmod o-w ${open})`;
  }
  return undefined;
}

/** A path, and what it becomes with one link after the other put in, the first on the way first. */
function linksFrom(path: string): string[] {
  const paths = [path];
  // More than the kernel follows.
  for (let links = 0; links < 40; links++) {
    const next = withoutFirstLink(paths.at(-1)!);
    if (next === undefined) break;
    paths.push(next);
  }
  return paths;
}

function withoutFirstLink(path: string): string | undefined {
  if (Deno.build.os === "windows" || !path.startsWith("/")) return undefined;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  for (let count = 1; count <= parts.length; count++) {
    // Links are followed before the folder above is meant, so what is left of it here is no link.
    if (parts[count - 1] === "..") {
      return `/${[...parts.slice(0, Math.max(0, count - 2)), ...parts.slice(count)].join("/")}`;
    }
    const link = linkAt(`/${parts.slice(0, count).join("/")}`);
    if (link === undefined) continue;
    const folder = link.startsWith("/") ? "" : `/${parts.slice(0, count - 1).join("/")}`;
    return [folder, link, ...parts.slice(count)].join("/");
  }
  return undefined;
}

function linkAt(path: string): string | undefined {
  try {
    return Deno.lstatSync(path).isSymlink ? Deno.readLinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}

/** A place on the way to a file at which anybody could put another one into its place. */
function openPlace(path: string): string | undefined {
  const mayAdd = [path, folderOf(path)].find((place) => (modeOf(place) & WRITABLE) !== 0);
  if (mayAdd !== undefined) return mayAdd;
  // Whoever may write to a folder above may rename what lies in it, unless each has only what is his own.
  for (let place = folderOf(path); place.length > 1;) {
    place = folderOf(place.slice(0, -1));
    if ((modeOf(place) & (WRITABLE | STICKY)) === WRITABLE) return place;
    if (place === "./") break;
  }
  return undefined;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) || "./";
}

/** Where a path leads to; the path itself if that is not told. */
function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/** Who may do what there; 0 where that is not told or has no meaning. */
function modeOf(path: string): number {
  try {
    return Deno.build.os === "windows" ? 0 : Deno.statSync(path).mode ?? 0;
  } catch {
    return 0;
  }
}

function readSidecar(path: string): Sidecar | string | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(`${path}.json`);
  } catch {
    return undefined;
  }
  try {
    const value = JSON.parse(text) as Partial<Sidecar>;
    if (typeof value.size === "number" && typeof value.abi === "number") return value as Sidecar;
  } catch {
    // Falls through: the same answer as for a file of another shape.
  }
  return `${path}.json does not describe it: run scripts/setup --install again`;
}

function faultOfElf(path: string, size: number): string | undefined {
  const head = readAt(path, 0, 64);
  if (
    head.length < 64 || new TextDecoder().decode(head.subarray(1, 4)) !== "ELF" || head[0] !== 127
  ) {
    return "it is not an ELF library";
  }
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const machine = MACHINES[Deno.build.arch];
  if (
    head[4] !== 2 || head[5] !== 1 ||
    (machine !== undefined && view.getUint16(18, true) !== machine)
  ) {
    return `it is built for another machine than ${Deno.build.arch}`;
  }
  if (end(view.getBigUint64(40, true), view.getUint16(58, true), view.getUint16(60, true)) > size) {
    return `it is truncated: its section table lies behind its ${size} bytes`;
  }
  const segments = Number(view.getBigUint64(32, true));
  const step = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  const table = readAt(path, segments, step * count);
  if (step < 56 || table.length < step * count) {
    return "it is truncated: its segment table is missing";
  }
  const parts = new DataView(table.buffer, table.byteOffset, table.length);
  for (let index = 0; index < count; index++) {
    const at = index * step;
    if (
      end(parts.getBigUint64(at + 8, true), 1, Number(parts.getBigUint64(at + 32, true))) > size
    ) {
      return `it is truncated: a segment lies behind its ${size} bytes`;
    }
  }
  return undefined;
}

function end(offset: bigint, count: number, step: number): number {
  return Number(offset) + count * step;
}

function readAt(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  using file = Deno.openSync(path);
  file.seekSync(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = file.readSync(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
