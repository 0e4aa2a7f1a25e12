/**
 * `agent index DIR|URL...`: brings the knowledge file of a folder or of pages up to date.
 *
 * @module
 */

import type { FolderReport, Knowledge } from "../knowledge/mod.ts";
import { AgentError } from "../shared/errors.ts";
import type { Call, Command } from "./command.ts";
import { emptiness, FOLDER_OPTIONS, noteSkipped, updateKnowledge } from "./documents.ts";
import { type Options, UsageError } from "./options.ts";
import type { Output } from "./output.ts";
import { displayPath, existingPath, knowledgeFile } from "./paths.ts";
import { isAddress } from "./permissions.ts";
import { ProgressBar } from "./progress.ts";
import {
  failureOf,
  openClient,
  pageOptions,
  WEB_OPTIONS,
  webAddresses,
  type WebFailure,
} from "./web.ts";

/** Pages are written in portions of so many. */
const PORTION = 16;

/** The command. */
export const index: Command = {
  name: "index",
  summary: "Reads a folder of documents, or pages of the web, into a searchable file",
  usage: "[DIR] [URL...]",
  options: {
    ...FOLDER_OPTIONS,
    ...WEB_OPTIONS,
  },
  positionals: [1, Infinity],
  expects: "The folder or the address to read",
  details:
    "Only what changed since the last time is written. The file is that of the folder, or else of\n" +
    "the first address: give the same to ask --docs. Ctrl-C keeps what is done so far.",
  examples: [
    "scripts/agent index docs",
    "scripts/agent index ~/notes --data /srv/agent --json",
    "scripts/agent index . --exclude 'drafts/' --exclude '*.log'",
    "scripts/agent index docs https://example.org/manual https://example.org/faq",
  ],
  run,
};

/** What became of the pages. */
interface PagesReport {
  added: number;
  updated: number;
  unchanged: number;
  /** Pages that there are no more. */
  removed: number;
  /** Pages that could not be read; what is known of them stays. */
  failed: { url: string; error: WebFailure }[];
}

async function run({ options, positionals, output, interruptible }: Call): Promise<number> {
  const urls = webAddresses(positionals.filter(isAddress), "index");
  const folders = positionals.filter((argument) => !isAddress(argument));
  if (folders.length > 1) {
    throw new UsageError(
      `Each folder has a file of its own: give one, not ${folders.length}`,
      "index",
    );
  }
  const folder = folders[0] === undefined ? undefined : existingPath(folders[0]);
  const signal = interruptible();
  const { openKnowledge } = await import("../knowledge/mod.ts");
  const file = await knowledgeFile(folder ?? urls[0]!, options.text("data"));
  using knowledge = openKnowledge({ path: file });
  const report = folder === undefined
    ? undefined
    : await updateKnowledge(knowledge, folder, options, signal);
  const pages = urls.length === 0 ? undefined : await updatePages(knowledge, urls, options, signal);
  tell(knowledge, report, pages, output);
  return pages !== undefined && pages.failed.length > 0 ? 1 : 0;
}

async function updatePages(
  knowledge: Knowledge,
  urls: readonly string[],
  options: Options,
  signal: AbortSignal,
): Promise<PagesReport> {
  await using client = await openClient(options);
  using bar = new ProgressBar("fetching");
  const pages: PagesReport = { added: 0, updated: 0, unchanged: 0, removed: 0, failed: [] };
  let portion: { document: string; text: string; title?: string; format: "markdown" }[] = [];
  const write = async (): Promise<void> => {
    const { added, updated, unchanged } = await knowledge.add(portion);
    pages.added += added;
    pages.updated += updated;
    pages.unchanged += unchanged;
    portion = [];
  };
  let done = 0;
  const unique = [...new Set(urls)];
  try {
    for await (const outcome of client.pages(unique, pageOptions(options, signal))) {
      const given = unique[outcome.index]!;
      bar.update(++done, unique.length, given);
      if (outcome.ok) {
        const { markdown, title } = outcome;
        portion.push({
          document: given,
          text: markdown,
          ...(title !== "" && { title }),
          format: "markdown",
        });
      } else {
        if (AgentError.is(outcome.error, "NOT_FOUND")) pages.removed += knowledge.remove([given]);
        pages.failed.push({ url: given, error: failureOf(outcome.error, given) });
      }
      if (portion.length >= PORTION) await write();
    }
  } finally {
    if (portion.length > 0) await write();
  }
  return pages;
}

function tell(
  knowledge: Knowledge,
  report: FolderReport | undefined,
  pages: PagesReport | undefined,
  output: Output,
): void {
  const stats = knowledge.stats();
  if (output.json) {
    output.document({
      ...report,
      ...(pages !== undefined && { pages }),
      file: knowledge.path,
      stats,
    });
    return;
  }
  if (report !== undefined) {
    noteSkipped(report.skipped, output, true);
    const empty = emptiness(knowledge, report.folder, report.skipped);
    if (empty !== undefined) output.note(empty.message);
    const took = `in ${Math.round(report.durationMs)} ms`;
    output.line(`${displayPath(report.folder)}: ${counts(report)} ${took}`);
  }
  if (pages !== undefined) {
    for (const { error } of pages.failed) output.note(error.message);
    output.line(`pages: ${counts(pages)}, ${pages.failed.length} failed`);
  }
  output.line(
    output.dim(`${stats.documents} documents, ${stats.chunks} chunks in ${knowledge.path}`),
  );
}

function counts(
  report: { added: number; updated: number; removed: number; unchanged: number },
): string {
  return `${report.added} added, ${report.updated} updated, ${report.removed} removed, ` +
    `${report.unchanged} unchanged`;
}
