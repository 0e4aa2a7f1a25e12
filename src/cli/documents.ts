/**
 * What `ask` and `index` share: bringing the knowledge file of a folder up to date, with a bar.
 *
 * @module
 */

import type { FolderReport, Knowledge, SkippedFile } from "../knowledge/mod.ts";
import type { Output } from "./output.ts";
import { displayPath } from "./paths.ts";
import { ProgressBar } from "./progress.ts";

/** The option of both. */
export const DATA_OPTION = {
  value: "DIR",
  help: "Where knowledge files are kept ($XDG_DATA_HOME/agent)",
};
/** Skips that a person expects, and need not hear of unless asked. */
const EXPECTED: ReadonlySet<SkippedFile["reason"]> = new Set(["hidden", "ending", "empty"]);

/**
 * Indexes what changed in a folder.
 *
 * @param knowledge The store.
 * @param folder The resolved path of the folder or file.
 * @param signal Ends it early; the store stays whole and the next call goes on from there.
 */
export async function updateKnowledge(
  knowledge: Knowledge,
  folder: string,
  signal: AbortSignal,
): Promise<FolderReport> {
  using bar = new ProgressBar("indexing");
  return await knowledge.addFolder(folder, {
    signal,
    onProgress: ({ done, total, document }) =>
      bar.update(done, total, document === undefined ? "" : displayPath(document)),
  });
}

/** Says which files could not be read, if that is a surprise. */
export function noteSkipped(skipped: readonly SkippedFile[], output: Output): void {
  const surprising = skipped.filter(({ reason }) => !EXPECTED.has(reason));
  for (const { path, message } of surprising.slice(0, 5)) {
    output.note(`not read: ${displayPath(path)} (${message})`);
  }
  if (surprising.length > 5) output.note(`not read: ${surprising.length - 5} more files`);
}
