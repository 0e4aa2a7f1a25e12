/**
 * Packages in the product's modules: named with their version, so that a module works wherever it is imported from,
 * without the names of this checkout's deno.json; and the version is the one that stands there.
 */

import type { Fault, SourceFile } from "./rules.ts";

/**
 * Finds imports of packages that only this checkout understands, and versions that differ from deno.json's.
 *
 * @param files The files of the repository.
 * @returns The faults, in the order of the files.
 */
export function findLoosePackages(files: readonly SourceFile[]): Fault[] {
  const config = files.find(({ path }) => path === "deno.json")?.text ?? "{}";
  const { imports = {} } = JSON.parse(config) as { imports?: Record<string, string> };
  const faults: Fault[] = [];
  for (const { path, text } of files) {
    if (text === undefined || !/^(mod|src\/.*)\.ts$/.test(path)) continue;
    // What stands in a comment is an example of a user's.
    const code = text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
    for (const [, specifier] of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"\s]+)"/g)) {
      const rule = ruleAgainst(specifier!, imports);
      if (rule !== undefined) faults.push({ place: path, rule: `${rule}: ${specifier}` });
    }
  }
  return faults;
}

function ruleAgainst(specifier: string, imports: Record<string, string>): string | undefined {
  if (/^(\.\.?\/|node:)/.test(specifier)) return undefined;
  if (!specifier.startsWith("npm:")) return "a name that only this checkout knows";
  return Object.values(imports).includes(specifier)
    ? undefined
    : "a version that deno.json has not";
}
