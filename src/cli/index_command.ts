/**
 * `agent index DIR`: brings the knowledge file of a folder up to date.
 *
 * @module
 */

import type { Call, Command } from "./command.ts";
import { DATA_OPTION, noteSkipped, updateKnowledge } from "./documents.ts";
import { displayPath, existingPath, knowledgeFile } from "./paths.ts";

/** The command. */
export const index: Command = {
  name: "index",
  summary: "Reads a folder of Markdown, text and HTML into a searchable file",
  usage: "DIR",
  options: {
    data: DATA_OPTION,
  },
  positionals: [1, 1],
  expects: "The folder to read",
  details: "Only what changed since the last time is read. Ctrl-C keeps what is done so far.",
  examples: ["scripts/agent index docs", "scripts/agent index ~/notes --data /srv/agent --json"],
  run,
};

async function run({ options, positionals, output, interruptible }: Call): Promise<number> {
  const folder = existingPath(positionals[0] ?? "");
  const signal = interruptible();
  const { openKnowledge } = await import("../knowledge/mod.ts");
  using knowledge = openKnowledge({ path: await knowledgeFile(folder, options.text("data")) });
  const report = await updateKnowledge(knowledge, folder, signal);
  const stats = knowledge.stats();
  if (output.json) {
    output.document({ ...report, file: knowledge.path, stats });
    return 0;
  }
  noteSkipped(report.skipped, output);
  output.line(
    `${
      displayPath(folder)
    }: ${report.added} added, ${report.updated} updated, ${report.removed} removed, ` +
      `${report.unchanged} unchanged in ${Math.round(report.durationMs)} ms`,
  );
  output.line(
    output.dim(`${stats.documents} documents, ${stats.chunks} chunks in ${knowledge.path}`),
  );
  return 0;
}
