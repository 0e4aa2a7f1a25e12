/**
 * Finds a file of data that comes with the package: a vocabulary, a table of vectors. A checkout has it in `data/`. The
 * published package has it as a module of text, which Deno downloads once and keeps with the program's other modules,
 * so that no permission is needed; and a bundle has it where the program imports `@agent/runtime/data/<name>`. What is
 * too large for it is a package of npm. Its checksum is verified every time. Never prompts.
 *
 * @module
 */

import { AgentError } from "../shared/errors.ts";
import { packageFolderUrl } from "../shared/place.ts";
import { packagedData } from "./data_package.ts";
import { isGranted } from "./permissions.ts";
import { RELEASED } from "./released.ts";

/** A file of data as it was made. */
export interface DataFile {
  /** Its name in `data/`. */
  file: string;
  /** What it is called in messages, such as `vocabulary`. */
  what: string;
  /** Its size. */
  bytes: number;
  /** Its checksum in hexadecimal digits. */
  sha256: string;
}

const provided = new Map<string, string>();

/**
 * Gives a file of data to this isolate, in base64, also of what gzip made of it: what the modules below `@agent/runtime/data/` do.
 *
 * @param file Its name in `data/`.
 * @param base64 Its bytes, or what gzip made of them.
 */
export function provideData(file: string, base64: string): void {
  provided.set(file, base64);
}

/**
 * The bytes of a file of data.
 *
 * @param data The file.
 * @param base The folder that has it; by default the package's own.
 * @returns The bytes, verified.
 * @throws {AgentError} `PERMISSION`, `NOT_FOUND`, `IO`, or `CORRUPT` if the checksum is wrong.
 */
export async function dataFile(
  data: DataFile,
  base: URL | undefined = ownFolder(),
): Promise<Uint8Array<ArrayBuffer>> {
  const given = provided.get(data.file);
  if (given !== undefined) return await decoded(given, data, data.file);
  const specifier = RELEASED?.data[data.file];
  if (specifier !== undefined) return await fromPackage(specifier, data);
  if (base === undefined) throw notBundled(data);
  const url = new URL(data.file, base);
  if (RELEASED === undefined && url.protocol === "file:") return await fromFile(url, data);
  return await fromModule(`${url}.txt`, data);
}

/** The package's folder of data; undefined in a bundle, whose place says nothing of it. */
function ownFolder(): URL | undefined {
  const folder = packageFolderUrl();
  return folder && new URL("data/", folder);
}

function notBundled(data: DataFile): AgentError<"NOT_FOUND"> {
  const module = `@agent/runtime/data/${data.file.replace(/\.\w+$/, "")}`;
  return new AgentError(
    "NOT_FOUND",
    `The ${data.what} ${data.file} is not in this bundle: import ${
      JSON.stringify(module)
    } in the ` +
      "program and bundle it again",
    { what: data.file },
  );
}

async function fromFile(url: URL, facts: DataFile): Promise<Uint8Array<ArrayBuffer>> {
  const path = decodeURIComponent(url.pathname).replace(/^\/(?=[A-Za-z]:)/, "");
  if (!isGranted({ name: "read", path })) {
    throw new AgentError(
      "PERMISSION",
      `The ${facts.what} ${path} may not be read: run with --allow-read=${path}`,
      { permission: "read", target: path },
    );
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) {
      throw new AgentError(
        "NOT_FOUND",
        `There is no ${facts.what} ${path}: the package is incomplete, get it again`,
        { what: path },
        { cause },
      );
    }
    throw new AgentError(
      "IO",
      `The ${facts.what} ${path} cannot be read: ${(cause as Error).message}`,
      { path, operation: "read" },
      { cause },
    );
  }
  return await verified(bytes, facts, path);
}

/** Named by a variable: Deno would otherwise download it for every program that imports the package. */
async function fromModule(address: string, facts: DataFile): Promise<Uint8Array<ArrayBuffer>> {
  let text: unknown;
  try {
    ({ default: text } = await import(address, { with: { type: "text" } }));
  } catch (cause) {
    throw new AgentError(
      "IO",
      `The ${facts.what} ${address} cannot be had: ${(cause as Error).message.split("\n")[0]}; ` +
        `where there is a network, run: deno cache ${address}`,
      { path: address, operation: "fetch" },
      { cause },
    );
  }
  return await decoded(String(text), facts, address);
}

/**
 * The file as a package of npm has it.
 *
 * @param specifier How the package is imported.
 * @param facts What the file must be.
 * @throws {AgentError} `IO` if the package cannot be had; `CORRUPT` if it holds something else.
 */
export async function fromPackage(
  specifier: string,
  facts: DataFile,
): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await packagedData(specifier);
  if ("bytes" in answer) return await verified(answer.bytes, facts, specifier);
  throw new AgentError(
    "IO",
    `The package ${specifier} with the ${facts.what} cannot be had: ${answer.reason}; ` +
      `where there is a network, run: deno cache ${specifier}`,
    { path: specifier, operation: "fetch" },
  );
}

async function decoded(
  base64: string,
  facts: DataFile,
  place: string,
): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Uint8Array.fromBase64(base64);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) bytes = await unzipped(bytes, facts.bytes);
  } catch {
    bytes = new Uint8Array();
  }
  return await verified(bytes, facts, place);
}

/** What gzip made smaller, as it is published; reads no more than a byte over the size that it must have. */
async function unzipped(
  bytes: Uint8Array<ArrayBuffer>,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(size + 1);
  let length = 0;
  for await (
    const piece of new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))
  ) {
    result.set(piece.subarray(0, result.length - length), length);
    length = Math.min(length + piece.length, result.length);
    if (length > size) break;
  }
  return result.subarray(0, length);
}

async function verified(
  bytes: Uint8Array<ArrayBuffer>,
  facts: DataFile,
  place: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const sha256 = bytes.length === facts.bytes
    ? new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()
    : "";
  if (sha256 === facts.sha256) return bytes;
  throw new AgentError(
    "CORRUPT",
    `${place} is not the ${facts.what} of this version (${bytes.length} bytes, ${facts.bytes} expected` +
      `${sha256 && ", other checksum"}): get the package again`,
    { path: place },
  );
}
