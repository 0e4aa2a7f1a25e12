/**
 * What a platform is called in the names of the packages with native libraries.
 *
 * @module
 */

/** Of `Deno.build`, what tells platforms apart. */
export interface Build {
  /** The operating system, such as `linux`. */
  readonly os: string;
  /** The processor, such as `x86_64`. */
  readonly arch: string;
  /** On Linux and Windows the C library or compiler: `gnu`, `musl`, `msvc`. */
  readonly env?: string | undefined;
}

const SYSTEMS: Readonly<Record<string, string>> = {
  linux: "linux",
  darwin: "darwin",
  windows: "win32",
};
const PROCESSORS: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/**
 * The platform as npm calls its parts: `linux-x64-gnu`, `darwin-arm64`, `win32-x64`. A library of one C library cannot
 * be opened by a program of the other, and the one that counts is Deno's own, not that of the system around it.
 *
 * @param build What Deno was built for.
 * @returns Its name, or undefined for one that no library is built for.
 */
export function platformOf(build: Build = Deno.build): string | undefined {
  const [system, processor] = [SYSTEMS[build.os], PROCESSORS[build.arch]];
  if (system === undefined || processor === undefined) return undefined;
  if (system !== "linux") return `${system}-${processor}`;
  return `${system}-${processor}-${build.env === "musl" ? "musl" : "gnu"}`;
}
