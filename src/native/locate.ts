/**
 * Where native libraries are looked for. Reads no file that may not be read, opens no library.
 *
 * @module
 */

import { faultOf, faultOfPlace } from "./library_file.ts";
import type { LibraryName } from "../areas.ts";
import { fileName, VERSION } from "./libraries.ts";
import { packageFolderUrl } from "../shared/place.ts";
import { packageFolder } from "./package_folder.ts";
import { isGranted, readEnvironment } from "./permissions.ts";
import { RELEASED } from "./released.ts";
import { faultOfReleased } from "./released_file.ts";

/** The outcome of a search. */
export interface Location {
  /** The files looked for, in order. */
  lookedIn: string[];
  /** The first that is there, if any. */
  path?: string;
  /** What the search ended with. */
  state: "available" | "absent" | "denied" | "incompatible";
  /** Why it is not available, and what to do. */
  reason?: string;
  /** What the library must say of itself, where the release knows. */
  version?: string;
}

/**
 * Looks for a library.
 *
 * @param library Which one.
 * @param mayAsk Whether a permission that is neither granted nor denied counts as granted, because
 * the caller is about to request it.
 * @returns What was found.
 */
export function locate(library: LibraryName, mayAsk = false): Location {
  if (typeof Deno === "undefined" || typeof Deno.dlopen !== "function") {
    return { lookedIn: [], state: "absent", reason: "This runtime has no Deno.dlopen" };
  }
  const lookedIn = nativeFolders().map((directory) => `${directory}${fileName(library)}`);
  const unreadable: string[] = [];
  for (const path of lookedIn) {
    if (!allowed({ name: "read", path }, mayAsk)) {
      unreadable.push(path);
      continue;
    }
    if (!exists(path)) continue;
    if (!allowed({ name: "ffi", path }, mayAsk)) {
      return {
        lookedIn,
        path,
        state: "denied",
        reason: `Opening ${path} is not allowed: run with --allow-ffi=${path}`,
      };
    }
    const fault = faultOf(path);
    if (fault !== undefined) {
      return {
        lookedIn,
        path,
        state: "incompatible",
        reason: `${path} cannot be used: ${fault}`,
      };
    }
    return { lookedIn, path, state: "available" };
  }
  if (RELEASED !== undefined) return inPackage(library, lookedIn, mayAsk);
  // Of a place that could not be looked into nobody knows whether the library is there.
  const reasons = unreadable.map((path) =>
    `Looking for ${path} is not allowed: run with --allow-read=${path} --allow-ffi=${path}`
  );
  const home = Deno.build.os === "windows" ? "LOCALAPPDATA" : "HOME";
  if (cacheDirectory() === undefined && !isGranted({ name: "env", variable: home })) {
    reasons.push(
      "What is installed for the user is not found without the name of the user's folder: run with " +
        `--allow-env=${home}, and --allow-read and --allow-ffi for what is installed there`,
    );
  }
  if (reasons.length > 0) return { lookedIn, state: "denied", reason: reasons.join("; ") };
  return {
    lookedIn,
    state: "absent",
    reason: `${fileName(library)} is in none of the places: build it with ` +
      "`cargo build --release`, install it with `scripts/setup --install`, or set AGENT_NATIVE_DIR",
  };
}

/** Of a published package: its libraries come as packages too, whose place only Deno knows. */
function inPackage(library: LibraryName, before: string[], mayAsk: boolean): Location {
  if (!allowed({ name: "ffi" }, mayAsk)) {
    const reason = "Opening native libraries is not allowed: run with --allow-ffi";
    return { lookedIn: before, state: "denied", reason };
  }
  const found = packageFolder(mayAsk)!;
  if ("reason" in found) {
    return { lookedIn: before, state: "absent", reason: found.reason };
  }
  const path = `${found.folder}${fileName(library)}`;
  const lookedIn = [...before, path];
  // It may be denied although all others are granted.
  if (!isGranted({ name: "ffi", path })) {
    const reason = `Opening ${path} is not allowed: run without --deny-ffi for it`;
    return { lookedIn, path, state: "denied", reason };
  }
  const { platforms, version } = found.released;
  // What may not be read is opened all the same: Deno compared the package with its lock file when it came.
  const fault = isGranted({ name: "read", path })
    ? faultOfPlace(path) ?? faultOfReleased(path, platforms[found.platform]?.[fileName(library)])
    : undefined;
  if (fault !== undefined) {
    const reason = `${path} cannot be used: ${fault}`;
    return { lookedIn, path, state: "incompatible", reason };
  }
  return { lookedIn, path, state: "available", version };
}

function allowed(descriptor: Deno.PermissionDescriptor, mayAsk: boolean): boolean {
  return isGranted(descriptor) ||
    (mayAsk && Deno.permissions.requestSync(descriptor).state === "granted");
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The folders to look in, each with a separator at its end. */
export function nativeFolders(): string[] {
  const found: string[] = [];
  const named = readEnvironment("AGENT_NATIVE_DIR");
  if (named) found.push(named.endsWith("/") ? named : `${named}/`);
  // Only in a checkout: what is published has its libraries elsewhere, and what lies beside a bundle is anybody's.
  const folder = RELEASED === undefined ? packageFolderUrl() : undefined;
  if (folder?.protocol === "file:") found.push(filePath(new URL("target/release/", folder)));
  const cache = cacheDirectory();
  if (cache !== undefined) found.push(`${cache}/agent/native/${VERSION}/${Deno.build.target}/`);
  return found;
}

function filePath(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

/** The user's folder for caches, as far as the environment may be read. */
export function cacheDirectory(): string | undefined {
  switch (Deno.build.os) {
    case "windows":
      return readEnvironment("LOCALAPPDATA");
    case "darwin": {
      const home = absolute("HOME");
      return home && `${home}/Library/Caches`;
    }
    default: {
      const home = absolute("HOME");
      return absolute("XDG_CACHE_HOME") ?? (home && `${home}/.cache`);
    }
  }
}

/** A variable that names a folder. One that does not begin at the root counts for nothing, as XDG says: it could be anybody's. */
function absolute(name: string): string | undefined {
  const folder = readEnvironment(name);
  return folder?.startsWith("/") ? folder : undefined;
}
