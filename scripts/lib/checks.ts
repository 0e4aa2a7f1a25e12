/**
 * The repository's own rules that no linter knows: those for single files, those between modules, and that every area
 * is entered wherever it must be.
 *
 * Run with read access to the checkout and permission to run git; exits 1 and names each fault.
 */

import { findMissingEntries } from "./checks/areas.ts";
import { findDeadLinks } from "./checks/doc_links.ts";
import { findDeadPaths } from "./checks/documents.ts";
import { findStaleFigures } from "./checks/figures.ts";
import { findForeignImports } from "./checks/imports.ts";
import { findLoosePackages } from "./checks/packages.ts";
import { type Fault, findFaults, type SourceFile } from "./checks/rules.ts";

/** The files that git knows or would add. */
async function repositoryFiles(): Promise<SourceFile[]> {
  const git = new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    stderr: "inherit",
  });
  const { success, stdout } = await git.output();
  if (!success) throw new Error("git ls-files failed (its message is above)");
  const paths = new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
  const files: SourceFile[] = [];
  for (const path of new Set(paths)) {
    let bytes: Uint8Array<ArrayBuffer>;
    try {
      bytes = await Deno.readFile(path);
    } catch (error) {
      // One that was deleted but not yet committed.
      if (error instanceof Deno.errors.NotFound) continue;
      throw error;
    }
    try {
      files.push({ path, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) });
    } catch {
      files.push({ path }); // a binary file has no lines
    }
  }
  return files;
}

if (import.meta.main) {
  const files = await repositoryFiles();
  const faults: Fault[] = [
    ...findFaults(files),
    ...findForeignImports(files),
    ...findLoosePackages(files),
    ...findMissingEntries(files),
    ...findDeadPaths(files),
    ...findDeadLinks(files),
    ...findStaleFigures(files),
  ];
  // deno-lint-ignore no-console -- the result of this program
  for (const { place, rule } of faults) console.error(`${place}: ${rule}`);
  // deno-lint-ignore no-console -- the result of this program
  console.log(`${files.length} files, ${faults.length} faults`);
  if (faults.length > 0) Deno.exit(1);
}
