/**
 * That the documents of the published package lead somewhere there: each relative link of one is to a file that is
 * published too, and to a heading that is in it; and the whole of `docs/` is published.
 */

import type { Fault, SourceFile } from "./rules.ts";

/**
 * Finds links that would be dead in the published package, and files of `docs/` that are not in it.
 *
 * @param files The files of the repository, deno.json among them.
 * @returns The faults, in the order of the files.
 */
export function findDeadLinks(files: readonly SourceFile[]): Fault[] {
  const config = files.find(({ path }) => path === "deno.json")?.text ?? "{}";
  const { publish } = JSON.parse(config) as { publish?: { include?: string[] } };
  const isIncluded = (publish?.include ?? []).map(patternOf);
  const published = new Map(
    files.filter(({ path }) => isIncluded.some((pattern) => pattern.test(path)))
      .map(({ path, text }) => [path, text]),
  );
  const faults: Fault[] = files
    .filter(({ path }) => path.startsWith("docs/") && !published.has(path))
    .map(({ path }) => ({ place: path, rule: "is not among what deno.json publishes" }));
  for (const [path, text] of published) {
    if (text === undefined || !path.endsWith(".md")) continue;
    text.split("\n").forEach((line, index) => {
      for (const link of linksOf(line)) {
        const rule = ruleAgainst(link, path, published);
        if (rule !== undefined) faults.push({ place: `${path}:${index + 1}`, rule });
      }
    });
  }
  return faults;
}

/** A pattern of deno.json's as a regular expression. */
function patternOf(glob: string): RegExp {
  const parts = glob.split(/(\*\*\/|\*)/).map((part) =>
    part === "**/"
      ? "(?:.*/)?"
      : part === "*"
      ? "[^/]*"
      : part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")
  );
  return new RegExp(`^${parts.join("")}$`);
}

/** The relative links of a line; what stands in backticks is none. */
function linksOf(line: string): string[] {
  const text = line.replace(/`[^`]*`/g, "");
  return Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link]) => link!)
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link));
}

function ruleAgainst(
  link: string,
  from: string,
  published: ReadonlyMap<string, string | undefined>,
): string | undefined {
  const { pathname, hash } = new URL(link, `file:///${from}`);
  const target = decodeURIComponent(pathname.slice(1));
  if (target.endsWith("/")) {
    return [...published.keys()].some((path) => path.startsWith(target))
      ? undefined
      : `links to ${link}, of which nothing is published`;
  }
  if (!published.has(target)) return `links to ${link}, which is not published`;
  const heading = decodeURIComponent(hash.slice(1));
  if (heading === "" || !target.endsWith(".md")) return undefined;
  return anchorsOf(published.get(target) ?? "").has(heading)
    ? undefined
    : `links to ${link}, and there is no such heading`;
}

/** The names of a document's headings as hosts of Markdown make them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/^```[^]*?^```/gm, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(
      headings,
      ([, heading]) =>
        heading!.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-"),
    ),
  );
}
