/**
 * What `ask` and `index` share: bringing the knowledge file of a folder up to date, with a bar.
 *
 * @module
 */

import type { FolderReport, Knowledge, SkippedFile } from "../knowledge/mod.ts";
import { AgentError } from "../shared/errors.ts";
import type { Options } from "./options.ts";
import type { Output } from "./output.ts";
import { displayPath } from "./paths.ts";
import { ProgressBar } from "./progress.ts";

/** The options of both. */
export const FOLDER_OPTIONS = {
  data: { value: "DIR", help: "Where knowledge files are kept ($XDG_DATA_HOME/agent)" },
  exclude: {
    value: "PATTERN",
    many: true,
    help: "What to leave out, as a .gitignore says it; may be given several times",
  },
  "no-gitignore": { help: "Read what .gitignore files in the folder leave out, too" },
} as const;

/** What a person did not expect, the worst first; what is none of these is expected. */
const SURPRISING: readonly SkippedFile["reason"][] = [
  "unreadable",
  "unavailable",
  "damaged",
  "too-large",
  "link",
  "special",
  "binary",
];
/** So many files are named. */
const NAMED = 5;

/**
 * Indexes what changed in a folder.
 *
 * @param knowledge The store.
 * @param folder The resolved path of the folder or file.
 * @param options The options of the command.
 * @param signal Ends it early; the store stays whole and the next call goes on from there.
 */
export async function updateKnowledge(
  knowledge: Knowledge,
  folder: string,
  options: Options,
  signal: AbortSignal,
): Promise<FolderReport> {
  using bar = new ProgressBar("indexing");
  return await knowledge.addFolder(folder, {
    exclude: options.list("exclude"),
    gitignore: !options.on("no-gitignore"),
    signal,
    onProgress: ({ done, total, document }) =>
      bar.update(done, total, document === undefined ? "" : displayPath(document)),
  });
}

/**
 * Says which files were not read, and why: those that are a surprise one by one, of the others how many.
 *
 * @param skipped What was not read.
 * @param output Where it is said.
 * @param all Whether to name all reasons, not only surprising ones.
 */
export function noteSkipped(skipped: readonly SkippedFile[], output: Output, all: boolean): void {
  const surprising = skipped.filter(isSurprising)
    .sort((a, b) => SURPRISING.indexOf(a.reason) - SURPRISING.indexOf(b.reason));
  for (const { path, message } of surprising.slice(0, NAMED)) {
    output.note(`not read: ${displayPath(path)} (${message})`);
  }
  const rest = [
    ...surprising.slice(NAMED),
    ...(all ? skipped.filter((file) => !isSurprising(file)) : []),
  ];
  if (rest.length === 0) return;
  output.note(`not read: ${rest.length} more (${reasonsOf(rest)}); --json names each`);
}

/** How many of each reason. */
export function reasonsOf(skipped: readonly SkippedFile[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `${count} ${reason}`)
    .join(", ");
}

/** Whether a person should hear of it unasked; not of a link to what is read anyway. */
function isSurprising({ reason, message }: SkippedFile): boolean {
  return SURPRISING.includes(reason) && !/read (?:itself|themselves)$/.test(message);
}

/** What is wrong with a store in which there is no document; undefined if there are some. */
export function emptiness(
  knowledge: Knowledge,
  folder: string,
  skipped: readonly SkippedFile[],
): AgentError | undefined {
  if (knowledge.stats().documents > 0) return undefined;
  const why = skipped.length === 0
    ? "there is no file in it"
    : `what is in it was not read (${reasonsOf(skipped)})`;
  return new AgentError(
    "NOT_FOUND",
    `Nothing was indexed of "${displayPath(folder)}": ${why}. Name a folder with documents`,
    { what: folder },
  );
}
