/**
 * Tools for files inside one folder. No name leads out of it: not by `..`, not by an absolute path, not by a link.
 *
 * @module
 */

import type { Tool } from "../loop/types.ts";
import { inputOf, words } from "./input.ts";
import { COUNT, listOf, orNull, READS, resultOf, TEXT } from "./output.ts";
import { inside } from "./inside.ts";

const MOST_FILE = 1_000_000;
const MOST_NAMES = 1_000;

/** The tools of a folder. */
export function fileTools(folder: string): [list: Tool, read: Tool, write: Tool] {
  const path = words('The name inside the folder, such as "notes/a.md".');
  const common = {
    approval: "always" as const,
    retry: "safe" as const,
  };
  const reading = [{ name: "read", path: folder }] as const;
  return [
    {
      ...common,
      name: "list_files",
      output: listOf(resultOf({ name: TEXT, kind: TEXT, bytes: orNull(COUNT) })),
      effects: READS,
      description: "The files and folders inside the permitted folder.",
      input: inputOf({ "path?": path }),
      permissions: reading,
      async run(input) {
        const place = await inside(folder, (input as { path?: string }).path ?? ".");
        const entries: { name: string; kind: string; bytes: number | null }[] = [];
        for await (const { name, isFile, isDirectory } of Deno.readDir(place)) {
          if (entries.length === MOST_NAMES) break;
          const bytes = isFile ? (await Deno.lstat(`${place}/${name}`)).size : null;
          entries.push({ name, kind: isFile ? "file" : isDirectory ? "folder" : "other", bytes });
        }
        return entries.sort((a, b) => a.name < b.name ? -1 : 1);
      },
    },
    {
      ...common,
      name: "read_file",
      effects: READS,
      description: "Reads a text file inside the permitted folder.",
      input: inputOf({ path }),
      permissions: reading,
      async run(input) {
        const place = await inside(folder, (input as { path: string }).path);
        const { size, isFile } = await Deno.stat(place);
        if (!isFile) throw new Error("it is no file");
        if (size > MOST_FILE) throw new Error(`it has ${size} bytes, more than ${MOST_FILE}`);
        return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(place));
      },
    },
    {
      ...common,
      name: "write_file",
      output: resultOf({ written: COUNT }),
      effects: { readOnly: false, destructive: true, openWorld: false },
      description:
        "Writes a text file inside the permitted folder, in the place of what was there.",
      input: inputOf({ path, text: words("What stands in it.", { maxLength: MOST_FILE }) }),
      permissions: [...reading, { name: "write", path: folder }],
      async run(input) {
        const { path, text } = input as { path: string; text: string };
        const place = await inside(folder, path, true);
        // Written beside it and moved, so that a link that comes to stand there meanwhile is replaced and not followed.
        const temporary = `${place}.${crypto.randomUUID()}`;
        try {
          // It stays as readable, and as much of a program, as what was there.
          const { mode } = await Deno.lstat(place).then(
            (was) => was.isFile && Deno.build.os !== "windows" ? was : { mode: null },
            () => ({ mode: null }),
          );
          await Deno.writeTextFile(temporary, text, {
            createNew: true,
            ...(mode !== null && { mode: mode & 0o700 }),
          });
          // The mask of the process took away what others had.
          if (mode !== null) await Deno.chmod(temporary, mode & 0o777);
          await Deno.rename(temporary, place);
        } catch (error) {
          await Deno.remove(temporary).catch(() => undefined);
          throw error;
        }
        return { written: new TextEncoder().encode(text).length };
      },
    },
  ];
}
