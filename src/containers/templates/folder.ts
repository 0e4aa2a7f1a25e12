/**
 * Templates of the user's own: a folder with a folder for each, named as its id, with a `template.json` and either an
 * image in it or a `Dockerfile` beside it. The folder may come from anywhere: only regular files count, nothing is
 * followed out of it, and all of it is bounded.
 *
 * @module
 */

import { checkString } from "../../shared/arguments.ts";
import { AgentError } from "../../shared/errors.ts";
import { builtInTemplates } from "./catalog.ts";
import { readTemplate } from "./read.ts";
import type { RefusedTemplate, Template } from "./types.ts";

const MOST_TEMPLATES = 200;
const MOST_FILES = 200;
const MOST_FILE_BYTES = 4 * 1024 * 1024;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_JSON_BYTES = 256 * 1024;
const MOST_DEPTH = 8;

/** What a folder of templates holds. */
export interface TemplateFolder {
  /** By id. */
  readonly templates: readonly Template[];
  /** What is no template, and keeps nobody from the others. */
  readonly refused: readonly RefusedTemplate[];
}

/**
 * Reads the templates of a folder.
 *
 * @param folder Its path.
 * @returns The templates, and what is none: `CORRUPT` (the message says why), `TOO_LARGE`, `PERMISSION`.
 * @throws {AgentError} `NOT_FOUND` if there is no such folder, `PERMISSION`, `CORRUPT` if it is a template itself,
 * `TOO_LARGE` if there are too many.
 */
export async function readTemplates(folder: string): Promise<TemplateFolder> {
  checkString(folder, "options.templates");
  const entries = await entriesOf(folder);
  if (entries.some(({ name }) => name === "template.json")) {
    const message =
      `${folder} is a template itself: name the folder above it, which has a folder ` +
      `for each template`;
    throw new AgentError("CORRUPT", message, { path: folder });
  }
  const names = entries.filter((entry) => entry.isDirectory || entry.isSymlink)
    .filter((entry) => !entry.name.startsWith("."));
  if (names.length > MOST_TEMPLATES) {
    throw tooLarge(`The folder ${folder}`, names.length, MOST_TEMPLATES, "templates");
  }
  const templates: Template[] = [];
  const refused: RefusedTemplate[] = [];
  for (const entry of names.sort((a, b) => a.name < b.name ? -1 : 1)) {
    try {
      templates.push(await readOne(`${folder}/${entry.name}`, entry));
    } catch (error) {
      if (!AgentError.is(error)) throw error;
      refused.push({ id: entry.name, error });
    }
  }
  return { templates, refused };
}

async function readOne(path: string, entry: Deno.DirEntry): Promise<Template> {
  const corrupt = (why: string, cause?: unknown): AgentError<"CORRUPT"> =>
    new AgentError("CORRUPT", `${path} is no template: ${why}`, { path }, { cause });
  if (entry.isSymlink) throw corrupt("it is a link");
  if (builtInTemplates().some(({ id }) => id === entry.name)) {
    throw corrupt(`${entry.name} is the name of a template of this package`);
  }
  const files = new Map<string, Uint8Array>();
  await collect(path, "", 0, files);
  const json = files.get("template.json");
  if (json === undefined) throw corrupt("it has no template.json");
  files.delete("template.json");
  if (json.length > MOST_JSON_BYTES) {
    throw tooLarge(`${path}/template.json`, json.length, MOST_JSON_BYTES, "bytes");
  }
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
    const template = readTemplate(value, { source: "folder", files }, "template.json");
    if (template.id !== entry.name) {
      throw new RangeError(`its id is ${JSON.stringify(template.id)}`);
    }
    return template;
  } catch (error) {
    throw corrupt((error as Error).message, error);
  }
}

/** All regular files of a folder; a link or anything else ends it. */
async function collect(
  folder: string,
  below: string,
  depth: number,
  files: Map<string, Uint8Array>,
): Promise<void> {
  if (depth > MOST_DEPTH) throw tooLarge(folder, depth, MOST_DEPTH, "folders in each other");
  for (const { name, isFile, isDirectory } of await entriesOf(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      await collect(path, `${below}${name}/`, depth + 1, files);
      continue;
    }
    if (!isFile) {
      throw new AgentError("CORRUPT", `${path} is no regular file; a template has no links`, {
        path,
      });
    }
    if (files.size >= MOST_FILES) throw tooLarge(folder, files.size + 1, MOST_FILES, "files");
    files.set(`${below}${name}`, await readBounded(path));
    let bytes = 0;
    for (const file of files.values()) bytes += file.length;
    if (bytes > MOST_BYTES) throw tooLarge(folder, bytes, MOST_BYTES, "bytes");
  }
}

/** A file that is still regular when it is open: it could have been changed since it was listed. */
async function readBounded(path: string): Promise<Uint8Array> {
  const before = await Deno.lstat(path);
  using file = await Deno.open(path);
  const { isFile, size, ino, dev } = await file.stat();
  if (!isFile || !before.isFile || before.ino !== ino || before.dev !== dev) {
    throw new AgentError("CORRUPT", `${path} is no regular file; a template has no links`, {
      path,
    });
  }
  if (size > MOST_FILE_BYTES) throw tooLarge(path, size, MOST_FILE_BYTES, "bytes");
  const bytes = new Uint8Array(size + 1);
  let length = 0;
  for (;;) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) return bytes.slice(0, length);
    length += read;
    if (length > size) throw tooLarge(path, length, size, "bytes, having grown while it was read");
  }
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new AgentError(
        "PERMISSION",
        `Reading ${folder} needs a permission; run with --allow-read=${folder}`,
        { permission: "read", target: folder },
        { cause: error },
      );
    }
    const message = `${folder} cannot be read: ${(error as Error).message}`;
    throw new AgentError("NOT_FOUND", message, { what: folder }, { cause: error });
  }
}

function tooLarge(
  what: string,
  size: number,
  limit: number,
  unit: string,
): AgentError<"TOO_LARGE"> {
  const message = `${what} has ${size} ${unit}; a template has at most ${limit}`;
  return new AgentError("TOO_LARGE", message, { what, size, limit });
}
