/**
 * The packages of npm that carry the native libraries: one for each platform, and one that leads to them.
 */

import { createHash } from "node:crypto";
import { PROGRAM } from "../../../src/containers/egress/program.ts";
import { faultFor } from "./machine.ts";
import type { Released, ReleasedFile } from "../../../src/native/released.ts";
import { LIBRARY_NAMES, libraryFile } from "../../../src/native/libraries.ts";

/** A platform that libraries are built for. */
export interface Platform {
  /** What cargo calls it. */
  readonly target: string;
  /** The operating system as Deno calls it, which says how its libraries' files are called. */
  readonly os: typeof Deno.build.os;
  /** What package managers choose by. */
  readonly only: { readonly os: string; readonly cpu: string; readonly libc?: string };
}

/** Every platform, by the name that `platformOf` gives it. */
export const PLATFORMS: Readonly<Record<string, Platform>> = {
  "linux-x64-gnu": linux("x86_64-unknown-linux-gnu", "x64", "glibc"),
  "linux-x64-musl": linux("x86_64-unknown-linux-musl", "x64", "musl"),
  "linux-arm64-gnu": linux("aarch64-unknown-linux-gnu", "arm64", "glibc"),
  "linux-arm64-musl": linux("aarch64-unknown-linux-musl", "arm64", "musl"),
  "darwin-x64": { target: "x86_64-apple-darwin", os: "darwin", only: { os: "darwin", cpu: "x64" } },
  "darwin-arm64": {
    target: "aarch64-apple-darwin",
    os: "darwin",
    only: { os: "darwin", cpu: "arm64" },
  },
  "win32-x64": {
    target: "x86_64-pc-windows-msvc",
    os: "windows",
    only: { os: "win32", cpu: "x64" },
  },
};

function linux(target: string, cpu: string, libc: string): Platform {
  return { target, os: "linux", only: { os: "linux", cpu, libc } };
}

/** The package that leads to those of the platforms. */
export const WRAPPER = "@agent/native";

/**
 * Writes the package of a platform.
 *
 * @param root The tree, whose `npm/platform` it is made from.
 * @param platform Which.
 * @param version The version.
 * @param from The folder with the built libraries.
 * @param to The folder that holds a folder for each package.
 * @returns What was packed: the libraries, and on Linux the program of the egress proxy if it was built.
 * @throws {Deno.errors.NotFound} If a library is missing.
 * @throws {Error} If one is built for another platform.
 */
export function packPlatform(
  root: string,
  platform: string,
  version: string,
  from: string,
  to: string,
): Record<string, ReleasedFile> {
  const { os, only } = PLATFORMS[platform]!;
  const folder = `${to}/${WRAPPER}-${platform}`;
  const packed: Record<string, ReleasedFile> = {};
  const names = LIBRARY_NAMES.map((library) => libraryFile(library, os));
  if (os === "linux" && exists(`${from}/${PROGRAM}`)) names.push(PROGRAM);
  const files = names.map((name) => ({ name, bytes: Deno.readFileSync(`${from}/${name}`) }));
  for (const { name, bytes } of files) {
    const fault = faultFor(platform, name, bytes);
    if (fault !== undefined) throw new Error(`${from}/${name} is not for ${platform}: ${fault}`);
  }
  begin(`${root}/npm/platform`, folder);
  for (const { name, bytes } of files) {
    packed[name] = {
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
    Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
  const { os: system, cpu, libc } = only;
  writeManifest(root, folder, {
    name: `${WRAPPER}-${platform}`,
    version,
    description: `Native libraries of AGENT for ${platform}`,
    os: [system],
    cpu: [cpu],
    ...(libc === undefined ? {} : { libc: [libc] }),
    files: ["index.js", ...names],
  });
  return packed;
}

/**
 * Writes the package that leads to those of the platforms.
 *
 * @param root The tree, whose `npm/native` it is made from.
 * @param version The version.
 * @param platforms Those that were packed.
 * @param to The folder that holds a folder for each package.
 */
export function packWrapper(
  root: string,
  version: string,
  platforms: readonly string[],
  to: string,
): void {
  const folder = `${to}/${WRAPPER}`;
  begin(`${root}/npm/native`, folder);
  writeManifest(root, folder, {
    name: WRAPPER,
    version,
    description: "Native libraries of AGENT, an agent runtime for Deno",
    types: "index.d.ts",
    files: ["index.js", "index.d.ts"],
    optionalDependencies: Object.fromEntries(
      platforms.map((platform) => [`${WRAPPER}-${platform}`, version]),
    ),
  });
}

/** The module `src/native/released.ts` of the published package. */
export function releasedModule(root: string, released: Released): string {
  const text = Deno.readTextFileSync(`${root}/src/native/released.ts`);
  const nothing = "export const RELEASED: Released | undefined = undefined;";
  if (!text.includes(nothing)) throw new Error(`src/native/released.ts has no line "${nothing}"`);
  return text.replace(
    nothing,
    `export const RELEASED: Released | undefined = ${JSON.stringify(released, null, 2)};`,
  );
}

/** Makes the folder of a package anew, with the files of its template. */
export function begin(template: string, folder: string): void {
  if (exists(folder)) Deno.removeSync(folder, { recursive: true });
  Deno.mkdirSync(folder, { recursive: true });
  for (const { name } of Deno.readDirSync(template)) {
    Deno.copyFileSync(`${template}/${name}`, `${folder}/${name}`);
  }
}

/**
 * Writes the manifest of a package, and the licence beside it.
 *
 * @param root The tree, whose licence it has.
 * @param folder The folder of the package.
 * @param own What is its own.
 */
export function writeManifest(root: string, folder: string, own: Record<string, unknown>): void {
  const { license } = JSON.parse(Deno.readTextFileSync(`${root}/deno.json`)) as { license: string };
  Deno.copyFileSync(`${root}/LICENSE`, `${folder}/LICENSE`);
  const manifest = { license, ...own, type: "module", main: "index.js", exports: "./index.js" };
  Deno.writeTextFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
