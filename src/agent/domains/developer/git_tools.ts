/**
 * Tools that read a repository's history: log, blame, diff.
 *
 * @module
 */

import type { Tool } from "../../loop/types.ts";
import { inputOf, whole, words } from "../../tools/input.ts";
import { COUNT, listOf, orNull, READS, resultOf, TEXT } from "../../tools/output.ts";
import { inside } from "../../tools/inside.ts";
import { checkRevision, git, gitPath } from "./git.ts";

/** Of a diff, in UTF-16 units. */
const MOST_DIFF = 60_000;
const MOST_FILES = 300;
const MOST_LINE = 400;
const MOST_SUBJECT = 300;

/** The tools of a folder that holds a repository. */
export function gitTools(folder: string): [log: Tool, blame: Tool, diff: Tool] {
  const common = {
    retry: "safe" as const,
    permissions: [{ name: "run", command: "git" }, { name: "read", path: folder }] as const,
  };
  const path = words("A file or folder inside the repository.");
  const revision = words('A commit, branch, tag or range, such as "main" or "v1..HEAD".');
  return [
    {
      ...common,
      name: "git_log",
      output: resultOf({
        commits: listOf(resultOf({ commit: TEXT, author: TEXT, date: TEXT, subject: TEXT })),
      }),
      effects: READS,
      description: "The commits of the repository, newest first: hash, author, date, subject.",
      input: inputOf({
        "path?": path,
        "revision?": revision,
        "limit?": whole("How many. Default 20.", 1, 200),
      }),
      async run(input, { signal }) {
        const { path = ".", revision = "HEAD", limit = 20 } = input as LogInput;
        const args = [`--max-count=${limit}`, "--format=%H%x00%an%x00%aI%x00%s%x00", "--no-color"];
        const { text } = await git(
          folder,
          ["log", ...args, "--no-show-signature", checkRevision(revision), "--", gitPath(path)],
          signal,
        );
        const fields = text.split("\0");
        const commits = [];
        for (let at = 0; at + 4 < fields.length; at += 4) {
          const [commit, author, date, subject] = fields.slice(at, at + 4) as Four;
          commits.push({
            ...{ commit: commit.trim(), author: short(author, 100), date },
            subject: short(subject, MOST_SUBJECT),
          });
        }
        return { commits };
      },
    },
    {
      ...common,
      name: "git_blame",
      output: resultOf({
        lines: listOf(
          resultOf({
            line: COUNT,
            commit: orNull(TEXT),
            author: orNull(TEXT),
            date: orNull(TEXT),
            text: TEXT,
          }),
        ),
        "cut?": TEXT,
      }),
      effects: READS,
      description:
        "For lines of a file: the commit, author and date that each was last changed by.",
      input: inputOf({
        path,
        "from?": whole("The first line. Default 1.", 1, 10_000_000),
        "lines?": whole("How many lines. Default 100.", 1, 500),
        "revision?": revision,
      }),
      async run(input, { signal }) {
        const { path, from = 1, lines = 100, revision } = input as BlameInput;
        // A file that only a revision has is read from there, and no link is followed to it.
        if (revision === undefined) await inside(folder, path);
        const at = revision === undefined ? [] : [checkRevision(revision)];
        const range = `-L${from},+${lines}`;
        const args = ["--line-porcelain", "--no-textconv", range, ...at, "--", gitPath(path)];
        const { text, cut } = await git(folder, ["blame", ...args], signal);
        return { lines: blamed(text), ...(cut && { cut: "ask for fewer lines" }) };
      },
    },
    {
      ...common,
      name: "git_diff",
      output: resultOf({
        total: COUNT,
        files: listOf(resultOf({ path: TEXT, added: orNull(COUNT), removed: orNull(COUNT) })),
        patch: TEXT,
        "cut?": TEXT,
      }),
      effects: READS,
      description:
        "What differs between two revisions, or between one and the files as they are now: per file the " +
        "lines added and removed, and the patch.",
      input: inputOf({
        "from?": words("The older revision. Default HEAD."),
        "to?": words("The newer revision; the files as they are now if left out."),
        "staged?": { type: "boolean", description: "What is staged, in place of the files." },
        "path?": path,
        "context?": whole("Unchanged lines around each change. Default 3.", 0, 20),
      }),
      async run(input, { signal }) {
        const { from = "HEAD", to, staged = false, path = ".", context = 3 } = input as DiffInput;
        if (staged && to !== undefined) throw new Error("give either to or staged");
        const what = [
          ...(staged ? ["--cached"] : []),
          checkRevision(from),
          ...(to === undefined ? [] : [checkRevision(to)]),
          ...["--", gitPath(path)],
        ];
        const safe = ["--no-ext-diff", "--no-textconv", "--no-color", "--no-renames"];
        const rest = [...safe, "--ignore-submodules=all", ...what];
        const counts = await git(folder, ["diff", "--numstat", "-z", ...rest], signal);
        const files = counts.text.split("\0").flatMap((row) => {
          const [, added, removed, path] = /^(\d+|-)\t(\d+|-)\t([^]+)$/.exec(row) ?? [];
          // Of a binary file git counts no lines.
          return path === undefined ? [] : [{ path, added: count(added), removed: count(removed) }];
        });
        const patch = await git(folder, ["diff", `--unified=${context}`, ...rest], signal);
        const isCut = patch.cut || patch.text.length > MOST_DIFF;
        return {
          ...{ total: files.length, files: files.slice(0, MOST_FILES) },
          patch: patch.text.slice(0, MOST_DIFF).toWellFormed(),
          ...(isCut && { cut: "the patch is longer; ask for one path" }),
        };
      },
    },
  ];
}

type Four = [string, string, string, string];

interface LogInput {
  readonly path?: string;
  readonly revision?: string;
  readonly limit?: number;
}

interface BlameInput {
  readonly path: string;
  readonly from?: number;
  readonly lines?: number;
  readonly revision?: string;
}

interface DiffInput {
  readonly from?: string;
  readonly to?: string;
  readonly staged?: boolean;
  readonly path?: string;
  readonly context?: number;
}

/** Rows of `--line-porcelain`: a head with the commit, fields, and the line behind a tab. */
function blamed(text: string): unknown[] {
  const rows = [];
  let [commit, line, author, time] = ["", 0, "", 0];
  for (const row of text.split("\n")) {
    const head = /^\^?([0-9a-f]{40,64}) \d+ (\d+)/.exec(row);
    if (row.startsWith("\t")) {
      // All zeros: what is not committed yet.
      const isOpen = /^0+$/.test(commit);
      rows.push({
        ...{ line, commit: isOpen ? null : commit, author: isOpen ? null : short(author, 100) },
        date: isOpen ? null : new Date(time * 1_000).toISOString(),
        text: short(row.slice(1), MOST_LINE),
      });
    } else if (head !== null) [commit, line] = [head[1]!, Number(head[2])];
    else if (row.startsWith("author ")) author = row.slice(7);
    else if (row.startsWith("author-time ")) time = Number(row.slice(12));
  }
  return rows;
}

function count(digits: string | undefined): number | null {
  return digits === undefined || digits === "-" ? null : Number(digits);
}

function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}...`;
}
