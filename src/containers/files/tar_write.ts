/**
 * Writes a tar archive as a stream, with `modern-tar`: ustar, and pax where a name needs it. Who calls it has checked the
 * names.
 *
 * @module
 */

import type { createTarPacker } from "npm:modern-tar@0.8.6";

/** What is written. */
export interface NewEntry {
  /** A relative path that was checked. */
  readonly path: string;
  /** What it is. */
  readonly kind: "file" | "directory" | "symlink";
  /** The bits of its permissions. */
  readonly mode: number;
  /** Bytes of a file; 0 for others. */
  readonly size: number;
  /** What a link holds. */
  readonly target?: string;
  /** The bytes of a file, `size` in all. */
  content?(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** What all entries of an archive have. */
export interface Common {
  /** When they were modified; the beginning of 1970 if left out, so that the same files are the same bytes. */
  readonly modified?: Date;
  /** Whose they are; root's if left out. */
  readonly uid?: number;
  /** Whose group's they are. */
  readonly gid?: number;
}

/**
 * Writes an archive.
 *
 * @param entries What goes in, folders before what is in them.
 * @param common What they all have.
 * @returns The archive, piece by piece; ends with the error of an entry whose bytes cannot be had.
 */
export async function* writeTar(
  entries: Iterable<NewEntry> | AsyncIterable<NewEntry>,
  common: Common = {},
): AsyncGenerator<Uint8Array> {
  const { createTarPacker } = await import("npm:modern-tar@0.8.6");
  const { readable, controller } = createTarPacker();
  const writing = fill(entries, common, controller);
  // Its failure comes out of the stream as well, which is where it is looked for.
  writing.catch(() => {});
  yield* readable;
  await writing;
}

async function fill(
  entries: Iterable<NewEntry> | AsyncIterable<NewEntry>,
  { modified = new Date(0), uid = 0, gid = 0 }: Common,
  controller: ReturnType<typeof createTarPacker>["controller"],
): Promise<void> {
  try {
    for await (const { path, kind, mode, size, target, content } of entries) {
      const writer = controller.add({
        name: kind === "directory" ? `${path}/` : path,
        type: kind,
        mode,
        size,
        mtime: modified,
        uid,
        gid,
        ...(target === undefined ? {} : { linkname: target }),
      }).getWriter();
      for await (const piece of content?.() ?? []) await writer.write(piece);
      await writer.close();
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
    throw error;
  }
}
