/**
 * That the documents name what is there: every path in backticks, and every line of the tree in `docs/architecture.md`.
 */

import type { Fault, SourceFile } from "./rules.ts";

const DOCUMENT = /^(README|CONTRIBUTING|DESIGN)\.md$|^docs\/.*\.md$|^rust\/.*\.md$/;
const ROOTS = "src|rust|tests|bench|scripts|docs|data|examples";

/**
 * Finds paths that documents name and the repository does not have. Paths with placeholders (`<area>`, `*`, `...`) are
 * left alone.
 *
 * @param files The files of the repository.
 * @returns The faults, in the order of the files.
 */
export function findDeadPaths(files: readonly SourceFile[]): Fault[] {
  const known = new Set<string>();
  for (const { path } of files) {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      known.add(path.slice(0, end));
    }
  }
  const faults: Fault[] = [];
  for (const { path, text } of files) {
    if (text === undefined || !DOCUMENT.test(path)) continue;
    const base = path.startsWith("rust/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
    text.split("\n").forEach((line, index) => {
      for (const named of pathsOf(line)) {
        if (known.has(named) || known.has(`${base}${named}`)) continue;
        faults.push({ place: `${path}:${index + 1}`, rule: `names ${named}, which is not there` });
      }
    });
  }
  return faults;
}

function pathsOf(line: string): string[] {
  const paths: string[] = [];
  for (const [, path] of line.matchAll(new RegExp(`\`((?:${ROOTS})/[^\`\\s]*)\``, "g"))) {
    if (!/[<>*{}$]|\.\.\./.test(path!)) paths.push(path!.replace(/\/$/, ""));
  }
  return paths;
}
